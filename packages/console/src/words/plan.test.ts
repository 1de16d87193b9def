// The plan in words, and how each car stands.

import { evenly } from '@ampledger/kernel';
import { describe, expect, it, test } from 'vitest';
import { aConnector, aPlan, aPlannedCar, aSession, aSite, HOUR_MS, NOON } from '../testing.js';
import { needLine } from './needs.js';
import { carOutcome, costWords, outcomeWords, spanWords, spokenPeriod, statusWords } from './plan.js';
import { standingOf } from './standing.js';

const VIEW = aSite();
const HOURS = [{}, {}, {}, {}];

test('what a plan does for the cars', () => {
  const words = (...cars: Parameters<typeof aPlannedCar>[0][]): string =>
    outcomeWords(aPlan(HOURS, { connectors: cars.map((car) => aPlannedCar(car)) }), VIEW);
  expect(words()).toBe('No car to plan for until 16:00.');
  expect(words({})).toBe('For 1 car 8 kWh until 16:00. It gets all that it needs.');
  expect(words({}, { plannedWh: null })).toBe('For 2 cars until 16:00. All get what they need.');
  expect(words({}, { unservedWh: 3200, plannedWh: 1000 }, { unservedWh: 99 })).toBe(
    'For 3 cars 17 kWh until 16:00. 1 of them will be short, by 3.2 kWh in all.',
  );
  expect(words({ unservedWh: 500 })).toBe('For 1 car 8 kWh until 16:00. It will be short by 500 Wh.');
});

test('what it costs, and how good it is', () => {
  const charge = { peakSoFarW: 14_200, plannedPeakW: 15_100 };
  const words = (change: Parameters<typeof aPlan>[1]): string => costWords(aPlan(HOURS, change));
  expect(words({})).toBe('The site’s energy costs 3.00 EUR until then.');
  expect(words({ currency: null, cost: { energy: 1, demand: 10.8 }, demandCharge: charge })).toBe(
    'The site’s energy costs 1.00 until then and a new peak of 15.1 kW 10.80; so far this month it is 14.2 kW.',
  );
  expect(words({ demandCharge: { peakSoFarW: null, plannedPeakW: null } })).toBe(
    'The site’s energy costs 3.00 EUR until then and no new peak.',
  );
  expect(statusWords(aPlan(HOURS), VIEW)).toBe('made 12:00, optimal');
  expect(statusWords(aPlan(HOURS, { status: 'deadline', madeAt: NOON - 24 * HOUR_MS }), VIEW)).toBe(
    'made Sun 12:00, the best found in time',
  );
  expect([spanWords([0.22, 0.38], 1), spanWords([0.2, 0.4], 1000), spanWords([0.3, 0.3], 1)]).toEqual([
    '0.22–0.38',
    '200–400',
    '',
  ]);
});

test('one period, spoken', () => {
  const plan = aPlan([{ carsW: 11_000, pvW: 2000, batteryW: -500, batteryWh: 4000 }]);
  expect(spokenPeriod(plan, 0, VIEW)).toBe(
    '12:00 to 13:00, cars 11 kW, other load 3 kW, from the roof 2 kW, from the battery 0.5 kW, battery then at 4 kWh, limit 22 kW, 0.30 EUR/kWh',
  );
  expect(spokenPeriod(aPlan([{ limitW: null, importPerKwh: null, otherLoadW: null }]), 0, VIEW)).toBe(
    '12:00 to 13:00, cars 0 kW',
  );
});

test.each([
  [{}, '8 kWh by 15:00'],
  [{ departureKnown: false }, '8 kWh by ~15:00'],
  [{ departsAt: NOON + 20 * HOUR_MS, unservedWh: 3200 }, '3.2 kWh short by Tue 08:00'],
  [{ departsAt: null, plannedWh: null }, 'served'],
])('how it ends for a car of %j', (fields, words) => {
  expect(carOutcome(aPlannedCar(fields), VIEW)).toBe(words);
});

const NEEDS = {
  energyWh: 12_000,
  energySource: 'driver',
  departAt: NOON + 2 * HOUR_MS,
  departSource: 'driver',
} as const;
const charging = (fields: Parameters<typeof aConnector>[1] = {}) =>
  aConnector('cp-1', { session: aSession(), needs: NEEDS, drawA: evenly(10), allocationA: 10, ...fields });

describe('how a car stands', () => {
  it.each<[string, Parameters<typeof aConnector>[1], ReturnType<typeof standingOf>]>([
    ['draws too little', { drawA: evenly(5) }, { kind: 'short', words: 'short by 5.1 kWh at this pace' }],
    [
      'draws enough',
      { drawA: evenly(20) },
      { kind: 'fine', words: 'on its way, done by 12:52 at this pace' },
    ],
    [
      'does not draw yet of what it is given',
      { drawA: evenly(0), allocationA: 32, carPhases: [1] },
      { kind: 'fine', words: 'on its way, done by 13:37 at this pace' },
    ],
    [
      'gets nothing',
      { drawA: null, allocationA: 0 },
      { kind: 'open', words: 'gets nothing now, 12 kWh are to come' },
    ],
    ['has it', { needs: { ...NEEDS, energyWh: 40 } }, { kind: 'fine', words: 'has nearly all of it' }],
    [
      'leaves without',
      { needs: { ...NEEDS, departAt: NOON } },
      { kind: 'short', words: 'short by 12 kWh as it leaves' },
    ],
    ['says no departure', { needs: { ...NEEDS, departAt: null } }, null],
    ['says no energy', { needs: { ...NEEDS, energyWh: null } }, null],
    ['is not there', { session: null }, null],
    ['has gone', { session: aSession({ endedAt: NOON }) }, null],
  ])('that %s', (_, fields, standing) => {
    expect(standingOf(charging(fields), VIEW, null)).toEqual(standing);
  });

  it('follows the plan where that has its session', () => {
    const by = (car: Parameters<typeof aPlannedCar>[0]) =>
      standingOf(charging(), VIEW, aPlan(HOURS, { connectors: [aPlannedCar(car)] }))?.words;
    expect(by({})).toBe('on its way, done by 15:00 (plan)');
    expect(by({ limitA: [16, 0, 0, 0] })).toBe('on its way, done by 13:00 (plan)');
    expect(by({ departsAt: NOON + HOUR_MS / 2, limitA: [16] })).toBe('on its way, done by 12:30 (plan)');
    expect(by({ limitA: [0, 0, 0, 0] })).toBe('on its way (plan)');
    expect(by({ unservedWh: 3200 })).toBe('will be short by 3.2 kWh (plan)');
    expect(by({ session: 'cp-1:6' })).toMatch(/at this pace$/);
  });

  it('is told in its row where somebody said what it needs, and where it will be short', () => {
    const line = (fields: Parameters<typeof aConnector>[1]) => needLine(charging(fields), VIEW, null);
    expect(line({ drawA: evenly(20) })).toEqual({
      words: 'Wants 12 kWh by 14:00: on its way, done by 12:52 at this pace.',
      kind: 'fine',
    });
    const assumed = { ...NEEDS, energySource: 'site', departSource: 'learned' } as const;
    expect(line({ drawA: evenly(20), needs: assumed })).toBeNull();
    expect(line({ needs: { ...assumed, departAt: NOON } })).toEqual({
      words: 'Short by 12 kWh as it leaves, of what is assumed.',
      kind: 'short',
    });
    expect(line({ needs: { ...NEEDS, departAt: null } })).toEqual({ words: 'Wants 12 kWh.', kind: 'open' });
    expect(line({ needs: null })).toBeNull();
  });
});
