import { describe, expect, it } from 'vitest';
import { type DomainEvent, type EventData, outlookOf, type PlanConfig, signalAt } from './index.js';
import { at, configured, given, SITE, siteOf, type Told } from './testing.js';

/** T0 is Monday 5 January 2026, 08:00 UTC: 09:00 in Berlin. */
const plan: PlanConfig = {
  periodS: 900,
  horizonS: 86_400,
  deadlineMs: 2_000,
  currency: 'EUR',
  importPerKwh: 0.2,
  exportPerKwh: 0.08,
  tariff: [
    { days: [1, 2, 3, 4, 5], fromMinute: 7 * 60, toMinute: 20 * 60, importPerKwh: 0.3 },
    { days: [1], fromMinute: 9 * 60 + 30, toMinute: 10 * 60, importPerKwh: 0.4 },
  ],
  demandPerKw: 0,
  co2PerKg: 0,
  battery: null,
  pv: null,
  randomDelayS: 0,
};
const site = siteOf({ nodes: [{ id: 'grid' }], stations: [], site: { plan } });
const hours = (from: number, count: number) => ({ from: at(from * 3600), periodS: 3600, count });
const signal = (data: Partial<EventData<'SignalSet'>>): DomainEvent => ({
  type: 'SignalSet',
  data: {
    site: SITE,
    source: 'api',
    signal: 'import-price',
    from: at(0),
    periodS: 3600,
    values: [1],
    ...data,
  },
});
const outlook = (history: readonly Told[], periods: Parameters<typeof outlookOf>[1]) =>
  outlookOf(given([[0, configured(site)], ...history]), periods);

describe('the tariff', () => {
  it('holds by the clock on the wall, the last part that fits; a period has its mean', () => {
    const { importPerKwh } = outlook([], hours(0, 13));
    expect(importPerKwh[0]).toBeCloseTo((0.3 + 0.4) / 2, 12);
    expect(importPerKwh.slice(1, 11)).toEqual(Array(10).fill(0.3));
    expect(importPerKwh.slice(11)).toEqual([0.2, 0.2]);
    // Saturday.
    expect(outlook([], hours(5 * 24, 1)).importPerKwh).toEqual([0.2]);
  });

  it('is nothing where the site has no plan', () => {
    const without = given([[0, configured(siteOf({ nodes: [{ id: 'grid' }], stations: [] }))]]);
    expect(signalAt(without, 'import-price', at(0))).toBe(0);
  });
});

describe('signals', () => {
  it('come before the tariff, as far as they reach', () => {
    const found = outlook([[1, signal({ from: at(3600), values: [0.5, 0.6] })]], hours(0, 4));
    expect(found.importPerKwh.slice(1)).toEqual([0.5, 0.6, 0.3]);
  });

  it('of several sources hold by who was heard last, where that one says anything', () => {
    const found = outlook(
      [
        [1, signal({ source: 'b', from: at(0), values: [5, 5, 5] })],
        [2, signal({ source: 'a', from: at(1800), values: [7] })],
      ],
      hours(0, 3),
    );
    expect(found.importPerKwh).toEqual([6, 6, 5]);
  });

  it('of a source replace what it said of that signal before', () => {
    const found = outlook(
      [
        [1, signal({ values: [5, 5] })],
        [2, signal({ values: [6] })],
        [3, signal({ signal: 'pv', periodS: 1800, values: [1000, 3000] })],
        [4, signal({ signal: 'emissions', values: [0.4] })],
        [5, signal({ signal: 'export-price', values: [0.01] })],
      ],
      hours(0, 2),
    );
    expect(found).toEqual({
      importPerKwh: [6, 0.3],
      exportPerKwh: [0.01, 0.08],
      co2KgPerKwh: [0.4, 0],
      pvW: [2000, 0],
    });
  });

  it('that are over are forgotten, and of too many sources those heard longest ago', () => {
    const state = given([
      [0, configured(site)],
      [1, signal({ source: 'old', values: [1] })],
      ...Array.from(
        { length: 40 },
        (_, i): Told => [4000 + i, signal({ source: `s${i}`, values: [1, 2, 3] })],
      ),
    ]);
    expect([...state.signals.values()].map(({ source }) => source)).toEqual(
      Array.from({ length: 32 }, (_, i) => `s${i + 8}`),
    );
  });
});
