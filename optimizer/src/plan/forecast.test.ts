// Habits learnt from events, and what is expected of them.

import { describe, expect, it } from 'vitest';
import {
  expected,
  type Habits,
  hourOfWeek,
  NO_HABITS,
  observeArrival,
  observeEnd,
  observeLoad,
  reservations,
} from './index.js';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
/** A Monday, 0:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5);

/** From a Sunday on: each week two cars on Monday at 8:10 and 8:50, 10 kWh each for four hours. */
function weeks(count: number, cars: readonly number[] = [10, 50]): Habits {
  let habits = observeArrival(NO_HABITS, MONDAY - 20 * HOUR);
  for (let week = 0; week < count; week++) {
    const eight = MONDAY + week * WEEK + 8 * HOUR;
    for (const minute of cars) habits = observeArrival(habits, eight + minute * 60_000);
    for (const minute of cars) {
      const arrivedAt = eight + minute * 60_000;
      habits = observeEnd(habits, { arrivedAt, endedAt: arrivedAt + 4 * HOUR, energyWh: 10_000 });
    }
  }
  return habits;
}

const quarters = (from: number, periods: number) => ({ from, periodS: 900, periods });

describe('hourOfWeek', () => {
  it.each([
    [MONDAY, 0],
    [MONDAY + 26 * HOUR, 26],
    [MONDAY - 1, 167],
    [0, 72],
    [-HOUR, 71],
  ])('of %d is %d', (at, hour) => {
    expect(hourOfWeek(at)).toBe(hour);
  });
});

describe('what is expected', () => {
  it('is nothing where nothing was seen', () => {
    expect(expected(NO_HABITS, quarters(MONDAY, 96))).toEqual({ arrivals: [], loads: [] });
  });

  it('is what came last week', () => {
    const next = MONDAY + WEEK;
    const { arrivals } = expected(weeks(1), quarters(next, 96));
    expect(arrivals).toEqual([
      {
        id: `hour-${(next + 8 * HOUR) / HOUR}`,
        arrives: 34,
        departs: 50,
        cars: 2,
        energyWh: 20_000,
      },
    ]);
  });

  it('counts only what is left of this hour', () => {
    const { arrivals } = expected(weeks(1), quarters(MONDAY + WEEK + 8.5 * HOUR, 8));
    expect(arrivals).toMatchObject([{ arrives: 1, cars: 1, energyWh: 10_000 }]);
  });

  it('forgets who stays away', () => {
    const habits = observeArrival(weeks(1), MONDAY + 3 * WEEK);
    const { arrivals } = expected(habits, quarters(MONDAY + 3 * WEEK, 96));
    // Two, then none on two Mondays; the 8 o'clock of the last one is yet to come.
    expect(
      arrivals.find(({ id }) => id === `hour-${(MONDAY + 3 * WEEK + 8 * HOUR) / HOUR}`)?.cars,
    ).toBeCloseTo(2 * 0.7 * 0.7, 2);
  });

  it('follows a habit that changed, three quarters of the way in four weeks', () => {
    let habits = weeks(3);
    for (let week = 3; week < 7; week++) {
      for (let k = 0; k < 10; k++) habits = observeArrival(habits, MONDAY + week * WEEK + 8 * HOUR + k);
    }
    const { arrivals } = expected(
      observeArrival(habits, MONDAY + 6 * WEEK + 9 * HOUR),
      quarters(MONDAY + 7 * WEEK, 96),
    );
    const cars = arrivals[0]?.cars ?? 0;
    expect(cars).toBeGreaterThan(2 + 0.74 * 8);
    expect(cars).toBeLessThan(2 + 0.78 * 8);
  });

  it('takes the mean of all hours for one in which none has ended yet', () => {
    const habits = observeArrival(observeArrival(weeks(2), MONDAY + WEEK + 20 * HOUR), MONDAY + 2 * WEEK);
    const evening = expected(habits, quarters(MONDAY + 2 * WEEK + 20 * HOUR, 4)).arrivals;
    expect(evening).toMatchObject([{ cars: 0.3 }]);
    expect(evening[0]?.energyWh).toBeCloseTo(3000, 0);
  });

  it('becomes reservations of as many connectors', () => {
    const all = expected(weeks(1), quarters(MONDAY + WEEK, 96));
    const usual = { node: 'root', maxA: 16, perA: [1, 1, 1] as const, wattsPerA: 690 };
    expect(reservations(all, usual)).toMatchObject([
      { node: 'root', maxA: 32, energyWh: 20_000, wattsPerA: 690 },
    ]);
  });
});

describe('load', () => {
  it('is expected as the mean of the hour, on each phase', () => {
    let habits = NO_HABITS;
    for (const [minute, a] of [
      [0, 10],
      [30, 20],
      [60, 99],
    ] as const)
      habits = observeLoad(habits, { node: 'root', at: MONDAY + minute * 60_000, loadA: [a, 2 * a, 0] });
    const { loads } = expected(habits, { from: MONDAY + WEEK, periodS: 1800, periods: 3 });
    expect(loads).toEqual([
      {
        node: 'root',
        phasesA: [
          [15, 15, null],
          [30, 30, null],
          [0, 0, null],
        ],
      },
    ]);
  });
});

describe('the state', () => {
  it('stays below 10 kB, however much is observed', () => {
    let habits = NO_HABITS;
    for (let hour = 0; hour < 3 * 168; hour++) {
      const at = MONDAY + hour * HOUR;
      for (let k = 0; k < hour % 7; k++) habits = observeArrival(habits, at + k);
      habits = observeEnd(habits, {
        arrivedAt: at,
        endedAt: at + hour * 1000,
        energyWh: 12_345.678 * (hour % 9),
      });
      for (const node of ['a', 'b', 'c', 'd', 'e'])
        habits = observeLoad(habits, { node, at, loadA: [100 / 3, 1 / 7, hour / 9] });
    }
    expect(JSON.stringify(habits).length).toBeLessThan(10_000);
  });

  it('is not changed by observing', () => {
    const before = structuredClone(NO_HABITS);
    weeks(2);
    observeLoad(NO_HABITS, { node: 'a', at: MONDAY, loadA: [1, 1, 1] });
    expect(NO_HABITS).toEqual(before);
  });
});
