// Export is a second network of the same kind: its leaves are discharge currents, its limits those of feeding
// back. Nothing of it enters the import side, where what may stop at any moment counts 0.

import { expect, it } from 'vitest';
import {
  buildNetwork,
  certify,
  createScratch,
  fill,
  KIND,
  KINDS,
  linkOf,
  type NetworkArrays,
} from './index.js';

const VOLTS = 230;

/** Two boards under one connection; cars on three phases, the third on L1 alone. */
function network(limits: Readonly<Record<number, number>>, maxA: readonly number[]): NetworkArrays {
  const limit = new Float64Array(3 * KINDS).fill(Number.POSITIVE_INFINITY);
  for (const [link, value] of Object.entries(limits)) limit[Number(link)] = value;
  return {
    parent: [-1, 0, 0],
    limit,
    leaf: {
      node: [1, 1, 2],
      phases: [7, 7, 1],
      wattsPerA: [3 * VOLTS, 3 * VOLTS, VOLTS],
      minA: [0, 0, 0],
      maxA,
      weight: [1, 1, 1],
      priority: [0, 0, 0],
    },
  };
}

function limitsOf(arrays: NetworkArrays): readonly number[] {
  const built = buildNetwork(arrays);
  const scratch = createScratch(built);
  fill(built, scratch);
  expect(certify(built, scratch.limitA)).toEqual({ holds: true, overfull: 0 });
  return [...scratch.limitA].map((limitA) => Math.round(limitA * 1e6) / 1e6);
}

it('shares export limits among those who discharge, and leaves import as it is', () => {
  const intake = network({ [linkOf(0, KIND.L1)]: 40 }, [32, 32, 32]);
  // The connection feeds back 11.04 kW at most, and 20 A on L1; the first car cannot discharge.
  const feed = network({ [linkOf(0, KIND.watts)]: 11_040, [linkOf(0, KIND.L1)]: 20 }, [0, 16, 16]);
  expect(limitsOf(feed)).toEqual([0, 10, 10]);
  // 40 A on L1 for three cars, whether or not one of them discharges: what it feeds in may stop.
  expect(limitsOf(intake)).toEqual([13.333333, 13.333333, 13.333333]);
  expect(limitsOf(network({ [linkOf(0, KIND.watts)]: 0 }, [16, 16, 16]))).toEqual([0, 0, 0]);
});
