// The plan's picture: what is stacked on what, where it lies, and which part is looked at.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { aPlan, aPlannedCar, HOUR_MS, NOON } from '../testing.js';
import { gridOf, type Layer, layersOf, limitsOf, rangeOf } from './plan-layers.js';
import { levelLine, periodAt, shareOf, stepArea, stepLine, valueY } from './plan-shape.js';
import { cutTo, naturalSpan, spansOf } from './plan-span.js';
import { ticksOf } from './plan-ticks.js';

const BERLIN = 'Europe/Berlin';
const RANGE = { top: 10, bottom: 0 };

describe('layers', () => {
  it('stack consumption upwards and what gives power downwards', () => {
    const plan = aPlan([
      { carsW: 11_000, batteryW: 2000, pvW: 1000, gridW: 15_000 },
      { carsW: null, batteryW: -500, pvW: null, limitW: null, gridW: null },
    ]);
    const layers = layersOf(plan);
    expect(layers.map(({ kind, lower, upper }) => [kind, lower, upper])).toEqual([
      ['other', [0, 0], [3, 3]],
      ['cars', [3, 3], [14, 3]],
      ['charge', [14, 3], [16, 3]],
      ['pv', [-1, 0], [0, 0]],
      ['discharge', [-1, -0.5], [-1, 0]],
    ]);
    expect(limitsOf(plan)).toEqual([22, null]);
    expect(gridOf(plan, layers)).toEqual([15, null]);
    expect(rangeOf([...layers.flatMap(({ upper }) => upper), -1, null])).toEqual({ top: 20, bottom: -1.2 });
  });

  it('are left out where there is nothing; then the grid is the sum, and needs no line', () => {
    const plan = aPlan([{ otherLoadW: 0, carsW: 4 }]);
    expect(layersOf(plan)).toEqual([]);
    expect(gridOf(plan, [])).toEqual([]);
    expect(rangeOf([])).toEqual({ top: 1, bottom: 0 });
  });

  test('touch each other from the zero line on, and are as high as what they stand for', () => {
    const watts = fc.integer({ min: 0, max: 1_000_000 });
    const period = fc.record({
      ...{ otherLoadW: watts, carsW: watts, expectedCarsW: watts, pvW: watts },
      batteryW: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(period, { minLength: 1, maxLength: 8 }), (periods) => {
        const layers = layersOf(aPlan(periods));
        const gives = ({ kind }: Layer): boolean => kind === 'pv' || kind === 'discharge';
        for (const [stack, inner, outer] of [
          [layers.filter((layer) => !gives(layer)), 'lower', 'upper'],
          [layers.filter(gives), 'upper', 'lower'],
        ] as const)
          stack.forEach((layer, index) => {
            expect(layer[inner]).toEqual(stack[index - 1]?.[outer] ?? periods.map(() => 0));
            layer.values.forEach((value, i) => {
              expect((layer.upper[i] ?? 0) - (layer.lower[i] ?? 0)).toBeCloseTo(value, 6);
            });
          });
      }),
      { numRuns: 50 },
    );
  });
});

describe('shapes', () => {
  it('are steps, interrupted where nobody knows', () => {
    expect(stepLine([5, null, 10, 0], RANGE)).toBe('M0 50H250M500 0H750L750 100H1000');
    expect(stepLine([], RANGE)).toBe('');
    expect(stepArea([0, 0], [5, 10], RANGE)).toBe(
      'M0 50L500 50L500 0L1000 0L1000 100L500 100L500 100L0 100Z',
    );
    expect(stepArea([], [], RANGE)).toBe('');
    expect(levelLine(2, [4, null, 10], RANGE)).toBe('M0 80L333.3 60L1000 0');
  });

  test('stay in the picture whatever the values', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), value, (values, other) => {
        const y = valueY(rangeOf(values), other);
        expect(y >= 0 && y <= 100).toBe(true);
        for (const each of values) {
          const inside = valueY(rangeOf(values), each);
          expect(inside >= 0 && inside <= 100).toBe(true);
        }
      }),
    );
  });

  it('know where a moment lies', () => {
    const time = { from: NOON, to: NOON + 4 * HOUR_MS };
    expect([NOON - 1, NOON, NOON + HOUR_MS, NOON + 5 * HOUR_MS].map((at) => shareOf(at, time))).toEqual([
      null,
      0,
      25,
      null,
    ]);
    expect(
      [NOON - 1, NOON + HOUR_MS - 1, NOON + HOUR_MS, NOON + 9e9].map((at) => periodAt(at, time, 4)),
    ).toEqual([0, 0, 1, 3]);
  });
});

describe('the hours below', () => {
  it('are round ones on the wall of the site, with the day at its midnight', () => {
    const day = { from: NOON + HOUR_MS / 4, to: NOON + 24 * HOUR_MS };
    expect(ticksOf(day, BERLIN).map(({ label }) => label)).toEqual([
      '15:00',
      '18:00',
      '21:00',
      'Tue 3',
      '03:00',
      '06:00',
      '09:00',
    ]);
    expect(ticksOf(day, 'Asia/Kathmandu')[0]?.label).toBe('18:00');
    expect(
      ticksOf({ from: NOON, to: NOON + 3 * HOUR_MS }, BERLIN).map(({ label, share }) => [label, share]),
    ).toEqual([
      ['12:00', 0],
      ['13:00', 100 / 3],
      ['14:00', 200 / 3],
    ]);
  });

  it('are few, and left out or repeated as the clocks change', () => {
    const spring = Date.parse('2026-03-28T23:00:00Z');
    const labels = ticksOf({ from: spring, to: spring + 6 * HOUR_MS }, BERLIN).map(({ label }) => label);
    expect(labels).toEqual(['Sun 29', '01:00', '03:00', '04:00', '05:00', '06:00']);
    expect(ticksOf({ from: NOON, to: NOON + 90 * HOUR_MS }, BERLIN).length).toBeLessThanOrEqual(8);
  });
});

describe('the part that is looked at', () => {
  const plan = aPlan(
    Array.from({ length: 24 }, (_, index) => ({ carsW: index, batteryWh: 100 * (index + 1) })),
    {
      connectors: [aPlannedCar({ limitA: Array.from({ length: 24 }, (_, index) => index) })],
      battery: { capacityWh: 5000, reserveWh: 0, storedWh: 50, measuredAt: null },
    },
  );

  it('is from the present on, in whole periods', () => {
    const cut = cutTo(plan, 3, NOON + 2.5 * HOUR_MS);
    expect(cut.periods.map(({ carsW }) => carsW)).toEqual([2, 3, 4, 5]);
    expect(cut.connectors[0]?.limitA).toEqual([2, 3, 4, 5]);
    expect([cut.from, cut.to]).toEqual([NOON + 2 * HOUR_MS, NOON + 6 * HOUR_MS]);
    // What the battery holds as the second period ends.
    expect(cut.battery?.storedWh).toBe(200);
    expect(cutTo(plan, null, NOON)).toEqual(plan);
  });

  it('offers what is less than all, and begins with all departures', () => {
    expect(spansOf(plan, NOON)).toEqual([3, 6, 12, null]);
    expect(spansOf(plan, NOON + 20 * HOUR_MS)).toEqual([3, null]);
    const leaving = (...hours: (number | null)[]) => ({
      ...plan,
      connectors: hours.map((after) =>
        aPlannedCar({ departsAt: after === null ? null : NOON + after * HOUR_MS }),
      ),
    });
    expect(naturalSpan(leaving(2, 1), NOON)).toBe(3);
    expect(naturalSpan(leaving(2, 3), NOON)).toBe(6);
    expect(naturalSpan(leaving(2, 30), NOON)).toBeNull();
    expect(naturalSpan(leaving(null), NOON)).toBeNull();
    expect(naturalSpan(leaving(), NOON)).toBeNull();
  });
});
