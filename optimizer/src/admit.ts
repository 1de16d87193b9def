// 6 A or nothing (IEC 61851-1): who may charge at all. Classes in order, then ranks; each is let in
// if its minimum fits beside the minima of those let in before. With one phase and equal minima
// the sets that fit are a laminar matroid, and this greedy choice is the best there is.

import type { ConnectorKey } from '@ampledger/kernel';
import type { Candidate } from './problem.js';
import { blockingLink, take } from './rows.js';

export interface Admission {
  readonly admitted: readonly Candidate[];
  /** Who waits, and the link that has no room for the minimum. */
  readonly waiting: ReadonlyMap<ConnectorKey, number>;
}

/** `room` is used up: what is left of it is for sharing above the minima. */
export function admit(candidates: readonly Candidate[], room: Float64Array): Admission {
  const admitted: Candidate[] = [];
  const waiting = new Map<ConnectorKey, number>();
  for (const candidate of [...candidates].sort(before)) {
    const amperes = Math.max(0, candidate.minA - candidate.floorA);
    const blocked = blockingLink(room, candidate, amperes);
    if (blocked >= 0) {
      waiting.set(candidate.key, blocked);
    } else {
      admitted.push(candidate);
      take(room, candidate, amperes);
    }
  }
  return { admitted, waiting };
}

/** Higher class first, then rank; the key decides between equals, so that order is never chance. */
const before = (a: Candidate, b: Candidate): number =>
  b.priority - a.priority ||
  a.rank.group - b.rank.group ||
  a.rank.at - b.rank.at ||
  (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
