// The certificate must refuse what a wrong solver would give: each mutant below is a filling with one
// realistic mistake. Wherever its answer differs from the right one, the certificate must say so.

import { describe, expect, it } from 'vitest';
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
import { EVERYTHING, randomNetwork, seeded } from './test-networks.js';

const PROBLEMS = 400;
/** An answer is another one when it is off by more than twice what counts as the same. */
const DIFFERS_A = 2e-6;

function limitsOf(arrays: NetworkArrays): Float64Array {
  const network = buildNetwork(arrays);
  const scratch = createScratch(network);
  fill(network, scratch);
  return scratch.limitA;
}

const withLimits = (
  arrays: NetworkArrays,
  change: (limit: number, link: number) => number,
): NetworkArrays => ({
  ...arrays,
  limit: Float64Array.from(arrays.limit, change),
});

const withLeaf = (arrays: NetworkArrays, leaf: Partial<NetworkArrays['leaf']>): NetworkArrays => ({
  ...arrays,
  leaf: { ...arrays.leaf, ...leaf },
});

const without =
  (...kinds: readonly number[]) =>
  (arrays: NetworkArrays) =>
    limitsOf(
      withLimits(arrays, (limit, link) => (kinds.includes(link % KINDS) ? Number.POSITIVE_INFINITY : limit)),
    );

/** The leaf of all that has most above its minimum. */
const mostRaised = ({ leaf }: NetworkArrays, limitA: Float64Array): number => {
  const above = limitA.map((got, i) => got - (leaf.minA[i] ?? 0));
  return above.indexOf(Math.max(...above));
};

const MUTANTS: Readonly<Record<string, (arrays: NetworkArrays) => Float64Array>> = {
  'forgets the third phase of who uses all': (arrays) =>
    limitsOf(withLeaf(arrays, { phases: Array.from(arrays.leaf.phases, (set) => (set === 7 ? 3 : set)) })),
  'takes currents of one phase for balanced': (arrays) =>
    limitsOf(withLeaf(arrays, { phases: Array.from(arrays.leaf.phases, () => 7) })),
  'does not look at the root': (arrays) =>
    limitsOf(withLimits(arrays, (limit, link) => (link < KINDS ? Number.POSITIVE_INFINITY : limit))),
  'looks at the root only': (arrays) =>
    limitsOf(withLimits(arrays, (limit, link) => (link < KINDS ? limit : Number.POSITIVE_INFINITY))),
  'knows no watts': without(KIND.watts),
  'knows no lines': without(KIND.lineA, KIND.lineB, KIND.lineC),
  'knows no primary lines': without(KIND.primaryA, KIND.primaryB, KIND.primaryC),
  'takes a line for the sum of its legs': (arrays) =>
    limitsOf(
      withLimits(arrays, (limit, link) =>
        link % KINDS >= KIND.lineA && link % KINDS < KIND.primaryA ? limit * 0.8660254 : limit,
      ),
    ),
  'knows no weights': (arrays) =>
    limitsOf(withLeaf(arrays, { weight: Array.from(arrays.leaf.weight, () => 1) })),
  'knows no classes': (arrays) =>
    limitsOf(withLeaf(arrays, { priority: Array.from(arrays.leaf.priority, () => 0) })),
  'serves the classes backwards': (arrays) =>
    limitsOf(withLeaf(arrays, { priority: Array.from(arrays.leaf.priority, (priority) => -priority) })),
  'knows no minima': (arrays) => limitsOf(withLeaf(arrays, { minA: Array.from(arrays.leaf.minA, () => 0) })),
  'counts minima twice': (arrays) => {
    const raised = limitsOf(arrays);
    return raised.map((got, i) => Math.min(arrays.leaf.maxA[i] ?? 0, got + (arrays.leaf.minA[i] ?? 0)));
  },
  'stops a thousandth too early': (arrays) => limitsOf(withLimits(arrays, (limit) => limit * 0.999)),
  'is over by a millionth': (arrays) => limitsOf(withLimits(arrays, (limit) => limit * (1 + 1e-6))),
  'keeps an old limit': (arrays) =>
    limitsOf(withLimits(arrays, (limit, link) => (link === linkOf(0, KIND.L1) ? limit * 0.7 + 3 : limit))),
  'mistakes one leaf for the next': (arrays) => {
    const limitA = limitsOf(arrays);
    return limitA.map((_, i) => limitA[(i + 1) % limitA.length] ?? 0);
  },
  'takes a tenth of an ampere from the richest': (arrays) => {
    const limitA = limitsOf(arrays);
    const rich = mostRaised(arrays, limitA);
    limitA[rich] = Math.max(arrays.leaf.minA[rich] ?? 0, (limitA[rich] ?? 0) - 0.1);
    return limitA;
  },
  'stops filling after the first class': (arrays) => {
    const first = Math.max(...Array.from(arrays.leaf.priority));
    const maxA = Array.from(arrays.leaf.maxA, (most, i) =>
      arrays.leaf.priority[i] === first ? most : (arrays.leaf.minA[i] ?? 0),
    );
    return limitsOf(withLeaf(arrays, { maxA }));
  },
  'gives no number': (arrays) => limitsOf(arrays).fill(Number.NaN, 0, 1),
};

describe('certify', () => {
  it.each(Object.entries(MUTANTS))('refuses a filling that %s', (_, mutant) => {
    let different = 0;
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const arrays = randomNetwork(seeded(seed), EVERYTHING);
      const right = limitsOf(arrays);
      const wrong = mutant(arrays);
      if (right.every((limitA, i) => Math.abs(limitA - (wrong[i] ?? Number.NaN)) <= DIFFERS_A)) continue;
      different++;
      expect(certify(buildNetwork(arrays), wrong).holds, `seed ${seed}`).toBe(false);
    }
    // A mistake that changes nothing tests nothing.
    expect(different).toBeGreaterThan(PROBLEMS / 40);
  });

  it('names what is wrong', () => {
    const leaf = {
      node: [0, 0],
      phases: [1, 1],
      wattsPerA: [230, 230],
      minA: [6, 0],
      maxA: [32, 32],
      weight: [1, 1],
      priority: [0, 0],
    };
    const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
    limit[KIND.L1] = 30;
    const network = buildNetwork({ parent: [-1], limit, leaf });
    expect(certify(network, [15, 15])).toEqual({ holds: true, overfull: 0 });
    expect(certify(network, [5, 25])).toEqual({
      holds: false,
      violation: { kind: 'bounds', leaf: 0, limitA: 5 },
    });
    expect(certify(network, [16, 15])).toEqual({
      holds: false,
      violation: { kind: 'over', link: KIND.L1, carries: 31, limit: 30 },
    });
    expect(certify(network, [16, 14])).toEqual({
      holds: false,
      violation: { kind: 'unjustified', leaf: 1, limitA: 14 },
    });
    expect(certify(network, [14, 14])).toEqual({
      holds: false,
      violation: { kind: 'unjustified', leaf: 0, limitA: 14 },
    });
  });
});
