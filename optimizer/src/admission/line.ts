// The place in line of those who wait.

import { KINDS, linkOf, uses } from '../solver/network.js';
import { type AdmissionInput, type AdmissionScratch, TIER, TIERS } from './input.js';

/**
 * Writes `place`: 1 and how many come before who wait too and use the link that it waits for. They stand as they
 * would be asked: by class, tier, then the overdue by time and the others by value for an ampere, then
 * time. It is the order at this moment: with exchanges a smaller one may get in before. Returns how many wait.
 */
export function writePlaces(input: AdmissionInput, scratch: AdmissionScratch): number {
  const { admitted, link, place, queued, order, runs } = scratch;
  queued.fill(0);
  let waiting = 0;
  for (let run = 0; run + 1 < runs.length; run++) {
    const members = order.subarray(runs[run], runs[run + 1]).filter((leaf) => admitted[leaf] === 0);
    if (run % TIERS !== TIER.overdue) sortByValue(input, scratch, members);
    for (const leaf of members) {
      waiting++;
      const at = link[leaf] as number;
      place[leaf] = 1 + (queued[at] as number);
      queueAt(input, queued, leaf);
    }
  }
  return waiting;
}

function sortByValue({ value, since }: AdmissionInput, { addA }: AdmissionScratch, leaves: Int32Array): void {
  const worth = (leaf: number): number => (value[leaf] as number) / (addA[leaf] as number);
  leaves.sort((a, b) => worth(b) - worth(a) || (since[a] as number) - (since[b] as number) || a - b);
}

function queueAt({ network }: AdmissionInput, queued: Int32Array, leaf: number): void {
  const phases = network.phases[leaf] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    for (let kind = 0; kind < KINDS; kind++) {
      if (!uses(phases, kind)) continue;
      const at = linkOf(node, kind);
      queued[at] = (queued[at] as number) + 1;
    }
  }
}
