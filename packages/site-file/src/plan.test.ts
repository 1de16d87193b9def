import { describe, expect, test } from 'vitest';
import { problemsOf, siteOf } from './testing.js';

describe('policy and needs', () => {
  test.each(['fair', 'urgent', 'throughput', 'balanced'])('%s', (policy) => {
    expect(siteOf({ policy }).policy).toBe(policy);
  });

  test('needs in their units', () => {
    const needs = { energy: '20 kWh', stay: '8 h', departure: '07:30', learn: false };
    expect(siteOf({ needs }).needs).toEqual({
      energyWh: 20_000,
      stayS: 28_800,
      departMinute: 450,
      learn: false,
    });
    expect(siteOf({ needs: { departure: '00:00' } }).needs).toMatchObject({ departMinute: 0, learn: true });
    expect(siteOf({ needs: { energy: '11 kW * 2 h' } }).needs.energyWh).toBe(22_000);
  });

  test.each([
    [
      { policy: 'greedy' },
      'policy: `greedy` does not fit here | `fair`, `urgent`, `throughput` or `balanced`',
    ],
    [{ needs: { energy: '20 kW' } }, 'needs.energy: `20 kW` is a power | an energy, such as `20 kWh`'],
    [{ needs: { energy: '0 kWh' } }, 'needs.energy: `0 kWh` is out of range | an energy above 0 Wh'],
    [{ needs: { energy: 20 } }, 'needs.energy: 20 has no unit'],
    [{ needs: { stay: '1 s' } }, 'needs.stay: `1 s` is out of range | a time from 1 min to 720 h'],
    [
      { needs: { departure: '7:30' } },
      'needs.departure: `7:30` does not fit here | a time of day from `"00:00"` to `"23:59"`',
    ],
    [{ needs: { departure: '24:00' } }, 'needs.departure: `24:00` does not fit here'],
    [{ needs: { departure: 450 } }, 'needs.departure: 450 does not fit here'],
    [{ needs: { learn: 'yes' } }, 'needs.learn: `yes` does not fit here | `true` or `false`'],
    [{ needs: { leave: '07:30' } }, 'needs.leave: unknown key `leave`'],
  ])('%j is refused', (keys, expected) => {
    expect(problemsOf(keys)).toEqual([expect.stringContaining(expected)]);
  });
});

const BATTERY = { capacity: '100 kWh', charge: '50 kW', discharge: '40 kW' };
const tariffOf = (...tariff: object[]) => siteOf({ plan: { tariff } }).plan?.tariff;
const ALL = [1, 2, 3, 4, 5, 6, 7];

describe('a plan', () => {
  test('an empty one has defaults', () => {
    expect(siteOf({ plan: {} }).plan).toEqual({
      periodS: 900,
      horizonS: 86_400,
      deadlineMs: 2000,
      currency: '',
      importPerKwh: 0,
      exportPerKwh: 0,
      tariff: [],
      demandPerKw: 0,
      co2PerKg: 0,
      battery: null,
      pv: null,
      randomDelayS: 0,
    });
  });

  test('with all that can be written', () => {
    const grid = { id: 'main', limit: '80 A', nodes: [{ id: 'roof' }] };
    const plan = {
      ...{ period: '5 min', horizon: '12 h', deadline: '500 s / 1000', randomDelay: '10 min' },
      ...{ currency: 'EUR', price: 0.25, exportPrice: -0.01, demandCharge: 11.5, co2Price: 0.1 },
      battery: { ...BATTERY, node: 'roof', efficiency: 0.85, reserve: '10 kWh' },
      pv: { node: 'roof', peak: '60 kW' },
    };
    expect(siteOf({ grid, plan }).plan).toEqual({
      ...{ periodS: 300, horizonS: 43_200, deadlineMs: 500, randomDelayS: 600 },
      ...{ currency: 'EUR', importPerKwh: 0.25, exportPerKwh: -0.01, demandPerKw: 11.5, co2PerKg: 0.1 },
      tariff: [],
      battery: {
        ...{ node: 'roof', capacityWh: 100_000, chargeW: 50_000, dischargeW: 40_000 },
        ...{ efficiency: 0.85, reserveWh: 10_000 },
      },
      pv: { node: 'roof', peakW: 60_000 },
    });
  });

  test('battery and photovoltaics hang at the root, unless they name a node; stations with a fuse are nodes', () => {
    const grid = { id: 'main', limit: '80 A', stations: [{ id: 'CP1', limit: '20 A' }] };
    expect(
      siteOf({ grid, plan: { battery: BATTERY, pv: { peak: '5 kW', node: 'cp1' } } }).plan,
    ).toMatchObject({
      battery: { node: 'main', efficiency: 0.9, reserveWh: 0 },
      pv: { node: 'cp1' },
    });
  });

  test('the tariff, in its order', () => {
    const day = { days: 'mon-fri', from: '07:00', to: '20:00', price: 0.31 };
    expect(tariffOf(day, { price: 0.2 }, { days: 'sat, sun', from: '20:00', price: 0.1 })).toEqual([
      { days: [1, 2, 3, 4, 5], fromMinute: 420, toMinute: 1200, importPerKwh: 0.31 },
      { days: ALL, fromMinute: 0, toMinute: 1440, importPerKwh: 0.2 },
      { days: [6, 7], fromMinute: 1200, toMinute: 1440, importPerKwh: 0.1 },
    ]);
  });

  test('a part that runs over midnight is two', () => {
    const night = { from: '22:00', to: '06:00', price: 0.1 };
    expect(tariffOf(night)).toEqual([
      { days: ALL, fromMinute: 1320, toMinute: 1440, importPerKwh: 0.1 },
      { days: ALL, fromMinute: 0, toMinute: 360, importPerKwh: 0.1 },
    ]);
    expect(tariffOf({ ...night, days: 'fri, sun' })?.map(({ days }) => days)).toEqual([
      [5, 7],
      [1, 6],
    ]);
    expect(tariffOf({ ...night, to: '00:00' })).toEqual([
      { days: ALL, fromMinute: 1320, toMinute: 1440, importPerKwh: 0.1 },
    ]);
  });

  test.each([
    ['mon', [1]],
    ['sat-mon', [1, 6, 7]],
    ['mon-wed,  wed - fri', [1, 2, 3, 4, 5]],
    ['sun-sat', ALL],
  ])('days %s', (days, expected) => {
    expect(tariffOf({ days, price: 1 })?.[0]?.days).toEqual(expected);
  });

  test.each([
    [{ period: '10 s' }, 'period: `10 s` is out of range | a time from 1 min to 1 h'],
    [{ period: '90.5 s' }, 'period: `period` is 90.5 s | whole seconds'],
    [{ horizon: '72 h' }, 'horizon: `72 h` is out of range | a time from 15 min to 48 h'],
    [{ horizon: '20 min' }, 'horizon: `horizon` (1200 s) is no whole number of periods (900 s) | a multiple'],
    [{ period: '7 min' }, 'period: `horizon` (86400 s) is no whole number of periods (420 s)'],
    [{ deadline: '2 min' }, 'deadline: `2 min` is out of range | a time from 0.1 s to 60 s'],
    [{ randomDelay: '1 h' }, 'randomDelay: `1 h` is out of range | a time from 0 s to 30 min'],
    [{ currency: 'Doubloons' }, 'currency: `Doubloons` does not fit here | text of at most 8 characters'],
    [
      { price: '0.3 EUR' },
      'price: `0.3 EUR` does not fit here | a price per kWh, a number from -1000 to 1000',
    ],
    [{ exportPrice: 2000 }, 'exportPrice: 2000 does not fit here | a price per kWh'],
    [{ demandCharge: -1 }, 'demandCharge: -1 does not fit here | a price per kW, a number from 0 to 10000'],
    [{ co2Price: 200 }, 'co2Price: 200 does not fit here | a price per kg, a number from 0 to 100'],
    [{ tariff: { price: 1 } }, 'tariff: does not fit here | a list of parts of the week'],
    [{ tariff: [{ days: 'mon' }] }, 'tariff[0].price: `price` is missing | a price per kWh'],
    [
      { tariff: [{ days: 'Monday', price: 1 }] },
      'tariff[0].days: `Monday` does not fit here | days of the week',
    ],
    [{ tariff: [{ from: '24:00', price: 1 }] }, 'tariff[0].from: `24:00` does not fit here'],
    [
      { tariff: [{ to: '25:00', price: 1 }] },
      'tariff[0].to: `25:00` does not fit here | a time of day from `"00:00"` to `"24:00"`',
    ],
    [{ tariff: [{ from: '07:00', to: '07:00', price: 1 }] }, 'tariff[0].to: `from` and `to` are the same'],
    [
      { battery: { ...BATTERY, node: 'cellar' } },
      'battery.node: there is no node `cellar` | the id of a node',
    ],
    [{ pv: { peak: '5 kW', node: 'roof' } }, 'pv.node: there is no node `roof` | the id of a node'],
    [{ pv: {} }, 'pv.peak: `peak` is missing | a power'],
    [{ pv: { peak: '0 kW' } }, 'pv.peak: `0 kW` is out of range | more than 0 W'],
    [
      { battery: { charge: '1 kW', discharge: '1 kW' } },
      'battery.capacity: `capacity` is missing | an energy',
    ],
    [{ battery: { ...BATTERY, capacity: '0 kWh' } }, 'battery.capacity: `0 kWh` is out of range'],
    [{ battery: { ...BATTERY, charge: '50 kWh' } }, 'battery.charge: `50 kWh` is an energy | a power'],
    [{ battery: { ...BATTERY, discharge: 5 } }, 'battery.discharge: 5 has no unit'],
    [{ battery: { ...BATTERY, reserve: '101 kWh' } }, 'battery.reserve: `reserve` is above `capacity`'],
    [
      { battery: { ...BATTERY, efficiency: 0.2 } },
      'battery.efficiency: 0.2 does not fit here | an efficiency',
    ],
    [{ solver: 'x' }, 'solver: unknown key `solver`'],
  ])('%j is refused', (plan, expected) => {
    expect(problemsOf({ plan })).toEqual([expect.stringContaining(`plan.${expected}`)]);
  });
});
