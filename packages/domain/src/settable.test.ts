// What connectors can be set to: laws over random steps and lists.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastSettable, type Settable, settableBelow, settableFrom, settableOf } from './settable.js';

const settables: fc.Arbitrary<Settable> = fc.oneof(
  fc.record({
    // A kilowatt, a module of ten, ten watts behind 230 V or a delta; and what one writes in amperes.
    stepA: fc.constantFrom(0.1, 0.25, 0.3, 1, 4, 2.95289622131, 29.5289622131, 0.0154177613321),
    valuesA: fc.constant(null),
  }),
  fc.record({ stepA: fc.constant(0.1), valuesA: fc.constantFrom([6], [8, 16, 32], [10.1, 20.2]) }),
);
const currents = fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constantFrom(0.3, 6, 16, 32));
const HAIR = 1e-6;

describe('what can be set', () => {
  it('is at most a hair above what is asked for at most, and nothing higher would do', () => {
    fc.assert(
      fc.property(settables, currents, (settable, limitA) => {
        const belowA = settableBelow(settable, limitA);
        expect(belowA).toBeLessThanOrEqual(limitA + HAIR);
        const nextA = settableFrom(settable, belowA + 1e-5);
        expect(nextA).toBeGreaterThan(limitA);
      }),
    );
  });

  it('stays what it is, also where a hair is missing', () => {
    fc.assert(
      fc.property(settables, currents, fc.constantFrom(1, 1 - 1e-12, 1 + 1e-12), (settable, limitA, off) => {
        const valueA = settableBelow(settable, limitA);
        expect(settableBelow(settable, valueA * off)).toBe(valueA);
        expect(settableFrom(settable, valueA * off)).toBe(
          valueA === 0 && settable.valuesA !== null ? settable.valuesA[0] : valueA,
        );
      }),
    );
  });

  it('is a multiple for AC of a tenth at least, for DC of ten watts at least', () => {
    const site = { wiring: 'wye', voltageV: 230 } as const;
    const of = { stepsA: null, efficiency: 0.94, phases: [0, 1, 2] as const };
    const ac = settableOf(site, { ...of, current: 'ac', stepA: 0, phases: [0, 1, 2] });
    expect(settableBelow(ac, 8.19)).toBe(8.1);
    const dc = settableOf(site, { ...of, current: 'dc', stepA: 0, phases: [0, 1, 2] });
    expect(settableBelow(dc, 5_009 / (0.94 * 690)) * 0.94 * 690).toBeCloseTo(5_000, 6);
  });
});

describe('the least that can be set', () => {
  const modules = { stepA: 29.5, valuesA: null };
  it.each([
    ['is the first step at the minimum or above', modules, { minA: 14.8, maxA: 177 }, 0, 29.5],
    [
      'is no more than the maximum, by a hair',
      modules,
      { minA: 14.8, maxA: 29.4999999999 },
      0,
      29.4999999999,
    ],
    ['is what the car needs', modules, { minA: 14.8, maxA: 177 }, 30, 59],
    ['is the highest of all where the car needs more', modules, { minA: 14.8, maxA: 50 }, 40, 29.5],
    ['is the minimum where nothing can be set', modules, { minA: 14.8, maxA: 20 }, 0, 14.8],
    [
      'is the first value of a list that is of use',
      { stepA: 1, valuesA: [6, 10, 16] },
      { minA: 7, maxA: 16 },
      0,
      10,
    ],
  ])('%s', (_, settable, range, neededA, expected) => {
    expect(leastSettable(settable, range, neededA)).toBe(expected);
  });
});
