// Filling again after one change equals filling everything, along whole chains of changes.
// SOLVER_RUNS sets how many chains: a tenth of it, and fewer of the larger trees.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildNetwork,
  type Change,
  certify,
  createScratch,
  fill,
  KINDS,
  type Network,
  refill,
} from './index.js';
import { EVERYTHING, type Features, type Random, randomNetwork, seeded } from './test-networks.js';

const RUNS = Math.ceil(Number(process.env.SOLVER_RUNS ?? 2_000) / 10);
const CHANGES = 20;
const SAME_A = 1e-7;

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** One limit, or one leaf's bounds or weight. */
function changeOne(network: Network, random: Random): Change {
  if (random() < 0.5) {
    const link = Math.floor(random() * network.nodes * KINDS);
    const old = network.limit[link] ?? 0;
    const value = old === Number.POSITIVE_INFINITY ? 60 * random() : old * (0.5 + random());
    network.limit[link] = random() < 0.1 ? Number.POSITIVE_INFINITY : value;
    return { link };
  }
  const leaf = Math.floor(random() * network.leaves);
  const kind = random();
  if (kind < 0.6) network.maxA[leaf] = 32 * random();
  else if (kind < 0.8) network.minA[leaf] = random() < 0.5 ? 0 : 6 * random();
  else network.weight[leaf] = 0.2 + random();
  return { leaf };
}

const KINDS_OF_SITES: readonly (readonly [string, Features])[] = [
  ['one phase', { ...EVERYTHING, phases: 1, lines: false, primary: false, priorities: 1 }],
  ['three phases', { ...EVERYTHING, watts: false, lines: false, primary: false, priorities: 1 }],
  ['everything but classes', { ...EVERYTHING, priorities: 1 }],
  ['a larger tree', { ...EVERYTHING, priorities: 1, leavesMax: 120, nodesMax: 40 }],
  ['everything', EVERYTHING],
];

describe.each(KINDS_OF_SITES)('refill: %s', (_, features) => {
  it(
    'equals fill',
    () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const random = seeded(seed);
          const network = buildNetwork(randomNetwork(random, features));
          const again = createScratch(network);
          const whole = createScratch(network);
          fill(network, again);
          for (let k = 0; k < CHANGES; k++) {
            const overfull = refill(network, again, changeOne(network, random));
            expect(fill(network, whole)).toBe(overfull);
            expect(certify(network, again.limitA)).toEqual({ holds: true, overfull });
            again.limitA.forEach((limitA, leaf) => {
              expect(Math.abs(limitA - (whole.limitA[leaf] ?? 0)), `change ${k}, leaf ${leaf}`).toBeLessThan(
                SAME_A,
              );
            });
          }
        }),
        { numRuns: features.nodesMax > 9 ? Math.ceil(RUNS / 8) : RUNS },
      );
    },
    60_000 + RUNS * 100,
  );
});
