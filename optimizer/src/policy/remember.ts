// The same question has the same answer: what sharing was asked last, and what it answered. A meter reading seldom
// changes what is shared, and what one ampere more on a link would give is asked again of the same links.

import type { Network } from '../solver/network.js';
import { AGAIN } from '../solver/refill-scratch.js';
import type { Scratch } from '../solver/scratch.js';
import type { Needs } from './needs.js';
import { type Policy, share } from './share.js';

interface Asked {
  readonly policy: Policy;
  readonly minA: Float64Array;
  readonly maxA: Float64Array;
  readonly limit: Float64Array;
  readonly unbalance: Float64Array;
  readonly needs: Needs;
}

interface Answer extends Asked {
  readonly limitA: Float64Array;
  readonly level: Float64Array;
  readonly binding: Int32Array;
}

/** Of one network, whose tree and weights stay. */
export interface ShareMemory {
  /** The latest first. */
  readonly answers: Answer[];
}

/** One decision asks about itself, the same around those who do not take limits, and about six links. */
const ANSWERS_MAX = 8;

export const createShareMemory = (): ShareMemory => ({ answers: [] });

/** As `share`: what `Filling` is about in the scratch is the same to the bit. */
export function shareAgain(
  { network, scratch }: { readonly network: Network; readonly scratch: Scratch },
  { answers }: ShareMemory,
  needs: Needs,
  policy: Policy,
): void {
  const { minA, maxA, limit, unbalance } = network;
  const at = answers.findIndex((answer) => isSame(answer, { policy, minA, maxA, limit, unbalance, needs }));
  const known = answers[at];
  if (known === undefined) {
    const asked = {
      policy,
      minA: minA.slice(),
      maxA: maxA.slice(),
      limit: limit.slice(),
      unbalance: unbalance.slice(),
      needs: copyOf(needs),
    };
    share(network, scratch, needs, policy);
    const { limitA, level, binding } = scratch;
    answers.unshift({ ...asked, limitA: limitA.slice(), level: level.slice(), binding: binding.slice() });
    if (answers.length > ANSWERS_MAX) answers.pop();
    return;
  }
  scratch.limitA.set(known.limitA);
  scratch.level.set(known.level);
  scratch.binding.set(known.binding);
  // What filling again would begin with is of another filling.
  scratch.again.counts[AGAIN.state] = 0;
  answers.splice(at, 1);
  answers.unshift(known);
}

const copyOf = ({ remainingWh, hoursLeft, deliveredWh }: Needs): Needs => ({
  remainingWh: Float64Array.from(remainingWh),
  hoursLeft: Float64Array.from(hoursLeft),
  deliveredWh: Float64Array.from(deliveredWh),
});

const isSame = (a: Asked, b: Asked): boolean =>
  a.policy === b.policy &&
  areEqual(a.limit, b.limit) &&
  areEqual(a.unbalance, b.unbalance) &&
  areEqual(a.maxA, b.maxA) &&
  areEqual(a.minA, b.minA) &&
  // Nobody's needs are looked at.
  (a.policy === 'fair' ||
    (areEqual(a.needs.remainingWh, b.needs.remainingWh) &&
      areEqual(a.needs.hoursLeft, b.needs.hoursLeft) &&
      areEqual(a.needs.deliveredWh, b.needs.deliveredWh)));

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
