import { nodeId } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expected,
  type Habits,
  habitAt,
  NO_HABITS,
  observeArrival,
  observeEnd,
  observeLoad,
  serializeState,
} from './index.js';
import { at, configured, ended, given, SITE, siteOf, started } from './testing.js';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5);

/** Every week: two cars on Monday at 8 that stay four hours and take 10 kWh, one on Sunday at 20. */
function weeks(count: number, before: Habits = NO_HABITS): Habits {
  let habits = before;
  for (let week = 0; week < count; week++) {
    const monday = MONDAY + week * WEEK;
    for (const minute of [5, 50]) {
      const startedAt = monday + 8 * HOUR + minute * 60_000;
      habits = observeArrival(habits, startedAt);
    }
    for (const minute of [5, 50]) {
      const startedAt = monday + 8 * HOUR + minute * 60_000;
      habits = observeEnd(habits, { startedAt, endedAt: startedAt + 4 * HOUR, energyWh: 10_000 });
    }
    habits = observeArrival(habits, monday + 164 * HOUR);
  }
  return habits;
}

describe('what a site expects of the hours to come', () => {
  it('is what it has seen', () => {
    const habits = observeArrival(weeks(4), MONDAY + 4 * WEEK);
    const { arrivals, energyWh, stayS } = expected(habits, MONDAY + 4 * WEEK + 7 * HOUR, 3600, 3);
    expect(arrivals).toEqual([0, 2, 0]);
    expect(energyWh[1]).toBe(10_000);
    expect(stayS[1]).toBe(14_400);
  });

  it('is by the length of the period', () => {
    const habits = observeArrival(weeks(3), MONDAY + 3 * WEEK);
    const { arrivals } = expected(habits, MONDAY + 3 * WEEK + 8 * HOUR, 900, 4);
    expect(arrivals).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('forgets what is no more', () => {
    let habits = weeks(8);
    const seen = habits.byHour[8]?.[0] ?? 0;
    for (let week = 8; week < 16; week++) habits = observeArrival(habits, MONDAY + week * WEEK + 12 * HOUR);
    const left = habits.byHour[8]?.[0] ?? 0;
    expect(left).toBeLessThan(seen / 2);
    expect(left).toBeGreaterThan(0);
  });

  it('takes the mean of all hours for one that it knows too little of', () => {
    expect(habitAt(weeks(1), MONDAY + 8 * HOUR)).toBeNull();
    expect(habitAt(weeks(2), MONDAY + 8 * HOUR)).toMatchObject({ energyWh: 10_000 });
    expect(habitAt(weeks(2), MONDAY + 9 * HOUR)).toBeNull();
    expect(habitAt(weeks(5), MONDAY + 9 * HOUR)).toMatchObject({ energyWh: 10_000, stayS: 14_400 });
  });

  it('does not learn from who only tried the plug', () => {
    const habits = observeEnd(NO_HABITS, { startedAt: MONDAY, endedAt: MONDAY + 60_000, energyWh: 0 });
    expect(habits.byHour).toEqual({});
  });
});

describe('loads', () => {
  const node = nodeId('constructor');
  it('are means by hour of working days and weekends', () => {
    let habits = NO_HABITS;
    for (let hour = 0; hour < 168; hour++) {
      const weekend = hour >= 120;
      for (const minute of [0, 20, 40])
        habits = observeLoad(
          habits,
          node,
          [weekend ? 2 : 10 + minute / 20, 5, 0],
          MONDAY + hour * HOUR + minute * 60_000,
        );
    }
    habits = observeLoad(habits, node, [0, 0, 0], MONDAY + WEEK);
    const { loadA } = expected(habits, MONDAY + WEEK, 3600, 168);
    expect(loadA[node]?.[3]).toEqual([11, 5, 0]);
    expect(loadA[node]?.[130]).toEqual([2, 5, 0]);
  });

  it('of an hour that was never seen are not known', () => {
    let habits = observeLoad(NO_HABITS, node, [1, 1, 1], MONDAY);
    habits = observeLoad(habits, node, [1, 1, 1], MONDAY + HOUR);
    expect(expected(habits, MONDAY + 24 * HOUR, 3600, 2).loadA[node]).toEqual([[1, 1, 1], null]);
  });
});

describe('in the state', () => {
  const site = siteOf({ nodes: [{ id: 'grid' }], stations: [{ id: 'A', node: 'grid' }] });
  it('come from the site’s own history', () => {
    const state = given([
      [0, configured(site)],
      [10, started('A', 't1')],
      [20, { type: 'NodeLoadMeasured', data: { site: SITE, node: nodeId('grid'), loadA: [4, 5, 6] } }],
      [4000, ended('A', 't1')],
    ]);
    expect(state.habits.byHour[8]).toEqual([1, 0, 3990, 1]);
    expect(expected(state.habits, at(0), 3600, 1).loadA).toEqual({ grid: [[4, 5, 6]] });
  });

  it('of nodes that are gone are forgotten', () => {
    const measured = given([
      [0, configured(site)],
      [20, { type: 'NodeLoadMeasured', data: { site: SITE, node: nodeId('grid'), loadA: [4, 5, 6] } }],
      [4000, configured(siteOf({ nodes: [{ id: 'other' }], stations: [] }))],
    ]);
    expect(measured.habits.loads).toEqual({});
    expect(serializeState(measured)).toMatchObject({ habits: { loadBySlot: {} } });
  });

  it('stay below 10 kB for a busy site, whatever happens there', () => {
    const stay = fc.record({
      hour: fc.integer({ min: 0, max: 24 * 60 }),
      hours: fc.double({ min: 0.1, max: 40, noNaN: true }),
      energyWh: fc.double({ min: 0, max: 90_000, noNaN: true }),
      loadA: fc.tuple(
        fc.double({ min: 0, max: 999, noNaN: true }),
        fc.double({ min: 0, max: 999, noNaN: true }),
        fc.constant(0),
      ),
    });
    fc.assert(
      fc.property(fc.array(stay, { minLength: 200, maxLength: 600 }), (stays) => {
        let habits = NO_HABITS;
        for (const { hour, hours, energyWh, loadA } of stays.toSorted((a, b) => a.hour - b.hour)) {
          const startedAt = MONDAY + hour * HOUR;
          habits = observeArrival(habits, startedAt);
          habits = observeEnd(habits, { startedAt, endedAt: startedAt + hours * HOUR, energyWh });
          for (const name of ['a', 'b']) habits = observeLoad(habits, nodeId(name), loadA, startedAt);
        }
        expect(JSON.stringify(habits).length).toBeLessThan(10_000);
        expect(Object.keys(habits.byHour).length).toBeLessThanOrEqual(168);
      }),
      { numRuns: 20 },
    );
  });
});

it('of a long silence is no history without cars', () => {
  const before = weeks(2);
  const after = observeArrival(before, MONDAY + 52 * WEEK);
  // One week of nothing is taken from it, not fifty.
  expect(after.byHour[8]?.[0]).toBeCloseTo((before.byHour[8]?.[0] ?? 0) * (2 / 3), 2);
});
