import type { PerPhase, Phase } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentOn, legsOfLines, lineOfLegsA, ownCurrentA, togetherPerAmpere } from './index.js';

const current = fc.double({ min: 0, max: 500, noNaN: true });
const close = (a: PerPhase, b: PerPhase): void => {
  for (const i of [0, 1, 2] as const) expect(a[i]).toBeCloseTo(b[i], 5);
};

describe('a connector’s current on the grid’s phases', () => {
  const cases: readonly ['wye' | 'delta', readonly Phase[], PerPhase][] = [
    ['wye', [0, 1, 2], [30, 30, 30]],
    ['wye', [2, 0], [30, 0, 30]],
    ['delta', [1], [0, 30, 0]],
    ['delta', [0, 1, 2], [17.320508, 17.320508, 17.320508]],
  ];
  it.each(cases)('%s on %j', (wiring, phases, expected) => {
    const grid = currentOn(wiring, phases, 30);
    close(grid, expected);
    // And back: in amperes of the connector's own limit.
    expect(ownCurrentA(wiring, phases, grid)).toBeCloseTo(30, 9);
  });
});

describe('all phases of a connector together', () => {
  const ac = { current: 'ac', rotationKnown: true, wiredPhases: 3 } as const;

  it('carry no more than √3 of the lines between which it is', () => {
    fc.assert(
      fc.property(fc.tuple(current, current, current), (legs) => {
        const most = togetherPerAmpere('delta', ac) * ownCurrentA('delta', [0, 1, 2], legs);
        expect(legs[0] + legs[1] + legs[2]).toBeLessThanOrEqual(most + 1e-6);
      }),
      { numRuns: 1000 },
    );
    expect(togetherPerAmpere('delta', ac)).toBeCloseTo(3 / Math.sqrt(3), 9);
  });

  it('carry what one does, where it is on one that nobody knows', () => {
    expect(togetherPerAmpere('wye', { ...ac, rotationKnown: false, wiredPhases: 1 })).toBe(1);
    expect(togetherPerAmpere('wye', { ...ac, rotationKnown: false })).toBe(3);
    expect(togetherPerAmpere('wye', ac)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('legs from lines', () => {
  it('are those that made the lines', () => {
    fc.assert(
      fc.property(fc.tuple(current, current, current), (legs) => {
        const lines: PerPhase = [lineOfLegsA(legs, 0), lineOfLegsA(legs, 1), lineOfLegsA(legs, 2)];
        const found = legsOfLines(lines);
        const scale = Math.max(1, ...legs);
        // Near a leg without current the square root under the area loses half of the digits.
        for (const i of [0, 1, 2] as const) expect(Math.abs(found[i] - legs[i]) / scale).toBeLessThan(1e-5);
      }),
      { numRuns: 500 },
    );
  });

  it('of a car between two lines are one leg', () => close(legsOfLines([16, 16, 0]), [16, 0, 0]));
  it('of nothing are nothing', () => close(legsOfLines([0, 0, 0]), [0, 0, 0]));
  it('are never negative, whatever noise the lines have', () => {
    expect(Math.min(...legsOfLines([30, 1, 1]))).toBeGreaterThanOrEqual(0);
  });
});
