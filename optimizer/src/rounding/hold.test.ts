import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unevenNode } from '../admission/ledger.js';
import { buildNetwork, KINDS } from '../solver/index.js';
import { createRoundingScratch, holdSmallRaises } from './index.js';

const DEADBAND_A = 1;

const networkOf = (leaves: number, unbalanceA = Number.POSITIVE_INFINITY) => {
  const all = (value: number): readonly number[] => Array.from({ length: leaves }, () => value);
  return buildNetwork({
    parent: [-1],
    limit: new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY),
    unbalance: [unbalanceA],
    leaf: {
      node: all(0),
      phases: Array.from({ length: leaves }, (_, i) => 1 << (i % 3)),
      wattsPerA: all(230),
      minA: all(6),
      maxA: all(16),
      weight: all(1),
      priority: all(0),
    },
  });
};

function held(wantedA: readonly number[], previousA: readonly number[], unbalanceA?: number) {
  const network = networkOf(wantedA.length, unbalanceA);
  const scratch = createRoundingScratch(network);
  const count = holdSmallRaises(network, { wantedA, previousA, deadbandA: DEADBAND_A }, scratch);
  return { count, limitA: [...scratch.limitA], network, sums: scratch.sums };
}

describe('small raises', () => {
  it.each([
    ['a small raise is left out', 10.5, 10, 10],
    ['a large raise is made', 11, 10, 11],
    ['a cut never waits', 9.9, 10, 9.9],
    ['nor does the step from nothing', 6, 0, 6],
    ['nor the last step to the maximum', 16, 15.5, 16],
    ['nor a step from under the minimum', 6.2, 5.5, 6.2],
  ])('%s', (_, wanted, previous, expected) => {
    expect(held([wanted], [previous]).limitA).toEqual([expected]);
  });

  it('leaves nobody above what is wanted, or a deadband or more below', () => {
    const amperes = fc.array(fc.tuple(fc.integer({ min: 60, max: 160 }), fc.integer({ min: 0, max: 160 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(amperes, (pairs) => {
        const wanted = pairs.map(([w]) => w / 10);
        const previous = pairs.map(([, p]) => p / 10);
        const { limitA, count } = held(wanted, previous);
        limitA.forEach((limit, i) => {
          expect(limit).toBeLessThanOrEqual(wanted[i] ?? 0);
          expect((wanted[i] ?? 0) - limit).toBeLessThan(DEADBAND_A);
        });
        expect(count).toBe(limitA.filter((limit, i) => limit !== wanted[i]).length);
      }),
    );
  });

  it('makes raises that phases need to stay even', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 }),
        fc.integer({ min: 0, max: 20 }),
        (short, tenths) => {
          const { network, sums } = held(
            short.map(() => 12),
            short.map((s) => 12 - s / 10),
            tenths / 10,
          );
          expect(unevenNode(network, sums)).toBe(-1);
        },
      ),
    );
    expect(held([12, 12, 12], [11.5, 12, 12], 0.4).limitA).toEqual([12, 12, 12]);
    expect(held([12, 12, 12], [11.5, 12, 12], 0.6).limitA).toEqual([11.5, 12, 12]);
  });
});
