// The laws of the filling over random problems with every feature mixed, and cases small enough to
// be worked out by hand. SOLVER_RUNS sets how many random problems (2,000 by default).

import fc from 'fast-check';
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
import { EVERYTHING, leavesUnder, randomNetwork, seeded, total } from './test-networks.js';

const RUNS = Number(process.env.SOLVER_RUNS ?? 2_000);
const TIMEOUT_MS = 60_000 + RUNS * 10;

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function filled(arrays: NetworkArrays) {
  const network = buildNetwork(arrays);
  const scratch = createScratch(network);
  return { network, scratch, overfull: fill(network, scratch) };
}

type Limits = Readonly<Partial<Record<keyof typeof KIND, number>>>;

const limitsOf = (...nodes: readonly Limits[]): Float64Array => {
  const limit = new Float64Array(nodes.length * KINDS).fill(Number.POSITIVE_INFINITY);
  nodes.forEach((limits, node) => {
    for (const [kind, value] of Object.entries(limits))
      limit[linkOf(node, KIND[kind as keyof typeof KIND])] = value;
  });
  return limit;
};

interface Car {
  readonly node?: number;
  readonly phases: number;
  readonly minA?: number;
  readonly maxA?: number;
  readonly weight?: number;
  readonly priority?: number;
}

/** 0 to 32 A at 230 V on the first node where nothing else is said. */
const cars = (...each: readonly Car[]): NetworkArrays['leaf'] => ({
  node: each.map((car) => car.node ?? 0),
  phases: each.map((car) => car.phases),
  wattsPerA: each.map(({ phases }) => 230 * ((phases & 1) + ((phases >> 1) & 1) + (phases >> 2))),
  minA: each.map((car) => car.minA ?? 0),
  maxA: each.map((car) => car.maxA ?? 32),
  weight: each.map((car) => car.weight ?? 1),
  priority: each.map((car) => car.priority ?? 0),
});

const L1 = linkOf(0, KIND.L1);

describe('fill, by hand', () => {
  it.each<[string, readonly Limits[], readonly number[], NetworkArrays['leaf'], number[], number[]]>([
    ['shares a link alike', [{ L1: 30 }], [-1], cars({ phases: 1 }, { phases: 1 }), [15, 15], [L1, L1]],
    [
      'gives what one leaves to the other',
      [{ L1: 30 }],
      [-1],
      cars({ phases: 1, maxA: 10 }, { phases: 1 }),
      [10, 20],
      [-1, L1],
    ],
    ['by weight', [{ L1: 30 }], [-1], cars({ phases: 1, weight: 2 }, { phases: 1 }), [20, 10], [L1, L1]],
    [
      'minima first',
      [{ L1: 20 }],
      [-1],
      cars({ phases: 1, minA: 12 }, { phases: 1 }, { phases: 1 }),
      [12, 4, 4],
      [L1, L1, L1],
    ],
    [
      'strict classes above the minima of the others',
      [{ L1: 40 }],
      [-1],
      cars({ phases: 1, minA: 6 }, { phases: 1, priority: 1 }),
      [8, 32],
      [L1, -1],
    ],
    [
      'a car on three phases takes the fullest',
      [{ L1: 20, L2: 60 }],
      [-1],
      cars({ phases: 7 }, { phases: 1 }, { phases: 2 }),
      [10, 10, 32],
      [L1, L1, -1],
    ],
    [
      'watts',
      [{ watts: 9200 }],
      [-1],
      cars({ phases: 7 }, { phases: 1 }),
      [10, 10],
      [linkOf(0, KIND.watts), linkOf(0, KIND.watts)],
    ],
    [
      'a line of two equal legs carries the square root of three',
      [{ lineA: 10 * Math.sqrt(3) }],
      [-1],
      cars({ phases: 1 }, { phases: 4 }, { phases: 2 }),
      [10, 10, 32],
      [linkOf(0, KIND.lineA), linkOf(0, KIND.lineA), -1],
    ],
    [
      'the parent shares what the child leaves',
      [{ L1: 40 }, { L1: 10 }],
      [-1, 0],
      cars({ phases: 1, node: 1 }, { phases: 1, node: 1 }, { phases: 1 }),
      [5, 5, 30],
      [linkOf(1, KIND.L1), linkOf(1, KIND.L1), L1],
    ],
  ])('%s', (_, limits, parent, leaf, expectedA, binding) => {
    const { scratch, overfull } = filled({ parent, limit: limitsOf(...limits), leaf });
    scratch.limitA.forEach((limitA, i) => {
      expect(limitA).toBeCloseTo(expectedA[i] ?? Number.NaN, 9);
    });
    expect([...scratch.binding]).toEqual(binding);
    expect(overfull).toBe(0);
  });

  it('reports minima that do not fit, keeps them, and fills what is beside', () => {
    const leaf = cars({ phases: 1, minA: 6 }, { phases: 1, minA: 6 }, { phases: 2 });
    const { scratch, overfull } = filled({ parent: [-1], limit: limitsOf({ L1: 10, L2: 20 }), leaf });
    expect(overfull).toBe(1);
    expect(scratch.overfull[0]).toBe(L1);
    expect([...scratch.limitA]).toEqual([6, 6, 20]);
  });

  it('gives nothing on a link of 0', () => {
    const { scratch } = filled({ parent: [-1], limit: limitsOf({ L1: 0 }), leaf: cars({ phases: 7 }) });
    expect([...scratch.limitA]).toEqual([0]);
  });
});

describe('buildNetwork', () => {
  const good = { parent: [-1], limit: limitsOf({ L1: 10 }), leaf: cars({ phases: 1 }) };
  it.each<[string, NetworkArrays]>([
    ['a circle', { ...good, parent: [1, 0], limit: limitsOf({}, {}) }],
    ['an unknown parent', { ...good, parent: [3] }],
    ['a limit below 0', { ...good, limit: limitsOf({ L1: -1 }) }],
    ['limits of other nodes', { ...good, limit: limitsOf({}, {}) }],
    ['a leaf on no node', { ...good, leaf: cars({ phases: 1, node: 1 }) }],
    ['no phase', { ...good, leaf: cars({ phases: 0 }) }],
    ['a weight of 0', { ...good, leaf: cars({ phases: 1, weight: 0 }) }],
    ['a maximum without end', { ...good, leaf: cars({ phases: 1, maxA: Number.POSITIVE_INFINITY }) }],
    ['a minimum below 0', { ...good, leaf: cars({ phases: 1, minA: -1 }) }],
    ['arrays of different lengths', { ...good, leaf: { ...cars({ phases: 1 }), maxA: [] } }],
  ])('refuses %s', (_, arrays) => {
    expect(() => buildNetwork(arrays)).toThrow(RangeError);
  });
});

describe('fill, over random networks', () => {
  it(
    'is never over a link, and is certified',
    () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const arrays = randomNetwork(seeded(seed), EVERYTHING);
          const { network, scratch, overfull } = filled(arrays);
          for (const link of worstLinks(arrays, scratch.limitA))
            expect([...scratch.overfull.subarray(0, overfull)]).toContain(link);
          expect(certify(network, scratch.limitA)).toEqual({ holds: true, overfull });
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it('has the same bits again, whatever the scratch was used for', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, other) => {
        const { network, scratch } = filled(randomNetwork(seeded(seed), EVERYTHING));
        const bits = Buffer.from(new Float64Array(scratch.limitA).buffer);
        const limits = Float64Array.from(network.limit);
        const random = seeded(other);
        for (let link = 0; link < limits.length; link++) network.limit[link] = 100 * random();
        fill(network, scratch);
        network.limit.set(limits);
        fill(network, scratch);
        expect(Buffer.from(new Float64Array(scratch.limitA).buffer).equals(bits)).toBe(true);
      }),
      { numRuns: Math.min(RUNS, 500) },
    );
  });
});

/** Links over their limit by more than 1e-9 of it, by the definition and not by the solver's sums. */
function worstLinks({ parent, limit, leaf }: NetworkArrays, limitA: Float64Array): readonly number[] {
  const over: number[] = [];
  for (let node = 0; node < parent.length; node++) {
    const under = leavesUnder(parent, leaf, node);
    for (let kind = 0; kind < KINDS; kind++) {
      const most = limit[linkOf(node, kind)] ?? 0;
      if (total(leaf, under, limitA, kind) > most * (1 + 1e-9)) over.push(linkOf(node, kind));
    }
  }
  return over;
}
