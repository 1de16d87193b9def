import { DEFAULT_SITE, type PlanConfig, type SignalData } from '@ampledger/domain';
import { SITE, siteOf } from '@ampledger/domain/testing';
import { describe, expect, it } from 'vitest';
import { costOf } from './cost.js';
import { MinuteBins } from './minute-bins.js';
import type { RecordedChange } from './recording.js';

const plan: PlanConfig = {
  ...{ periodS: 900, horizonS: 86_400, deadlineMs: 1_000, currency: 'EUR' },
  ...{
    importPerKwh: 0.2,
    exportPerKwh: 0,
    demandPerKw: 10,
    co2PerKg: 0,
    battery: null,
    pv: null,
    randomDelayS: 0,
  },
  tariff: [
    { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 17 * 60, toMinute: 20 * 60, importPerKwh: 0.5 },
    { days: [7], fromMinute: 0, toMinute: 1440, importPerKwh: 0.1 },
  ],
};
const config = siteOf({ nodes: [{ id: 'grid', limitA: 32 }], stations: [], site: { ...DEFAULT_SITE, plan } });
const rules = [{ from: 0, config }];

/** What ten kilowatt-hours cost that are taken in a span of local time in Berlin, given in UTC. */
function costs(from: string, to: string, changes: readonly RecordedChange[] = []): number | undefined {
  const carWh = new MinuteBins();
  carWh.add(Date.parse(from), Date.parse(to), 10_000);
  return costOf({ carWh, rootW: new Map() }, rules, changes)?.energy;
}

describe('energy', () => {
  it.each([
    ['outside the dear hours', '2026-03-02T12:00Z', '2026-03-02T13:00Z', 2],
    ['in the dear hours of winter time', '2026-03-02T16:00Z', '2026-03-02T17:00Z', 5],
    ['half before, half in them', '2026-03-02T15:30Z', '2026-03-02T16:30Z', 3.5],
    ['in the dear hours of summer time', '2026-07-06T15:00Z', '2026-07-06T16:00Z', 5],
    ['on Sunday, which comes last in the tariff', '2026-03-01T16:00Z', '2026-03-01T17:00Z', 1],
    ['across local midnight to Sunday', '2026-02-28T22:30Z', '2026-02-28T23:30Z', 1.5],
  ])('%s', (_, from, to, expected) => {
    expect(costs(from, to)).toBeCloseTo(expected, 9);
  });

  it('costs what it cost before where what was announced was taken back', () => {
    const at = Date.parse('2026-03-02T12:00Z');
    const said = { site: SITE, source: 'exchange', signal: 'import-price' as const, from: at, periodS: 3600 };
    const changes: readonly RecordedChange[] = [
      { at, kind: 'signal', signal: { ...said, values: [1] } },
      { at, kind: 'signal', signal: { ...said, source: 'other', signal: 'pv', values: [7] } },
      { at: at + 900_000, kind: 'signal-removed', source: 'other', signal: 'import-price' },
      { at: at + 1_800_000, kind: 'signal-removed', source: 'exchange', signal: 'import-price' },
    ];
    expect(costs('2026-03-02T12:00Z', '2026-03-02T13:00Z', changes)).toBeCloseTo(5 + 1, 9);
  });

  it('costs what was announced, where it was, and what was announced last', () => {
    const at = Date.parse('2026-03-02T12:00Z');
    const announced = (values: readonly number[]): RecordedChange => {
      const signal: SignalData = {
        site: SITE,
        source: 'exchange',
        signal: 'import-price',
        from: at,
        periodS: 1800,
        values,
      };
      return { at, kind: 'signal', signal };
    };
    expect(costs('2026-03-02T12:00Z', '2026-03-02T13:00Z', [announced([9, 9]), announced([1])])).toBeCloseTo(
      5 + 45,
      9,
    );
    expect(costs('2026-03-02T12:30Z', '2026-03-02T13:30Z', [announced([1])])).toBeCloseTo(2, 9);
  });
});

it('the highest quarter-hour of each local month is paid', () => {
  const quarter = (time: string): number => Date.parse(time) / 900_000;
  const rootW = new Map([
    [quarter('2026-02-10T12:00Z'), 20_000],
    [quarter('2026-02-28T22:45Z'), 5_000],
    // It is March in Berlin.
    [quarter('2026-02-28T23:00Z'), 30_000],
    [quarter('2026-03-10T12:00Z'), 8_000],
  ]);
  expect(costOf({ carWh: new MinuteBins(), rootW }, rules, [])).toEqual({
    currency: 'EUR',
    energy: 0,
    demand: 500,
  });
});

it('a site without prices has no costs', () => {
  const none = [{ from: 0, config: { ...config, plan: null } }];
  expect(costOf({ carWh: new MinuteBins(), rootW: new Map() }, none, [])).toBeNull();
});
