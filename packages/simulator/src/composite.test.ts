import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositeLimit, type EvseQuery, scheduleOver, stationLimit } from './composite.js';
import type { InstalledProfile } from './profile.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-03-02T12:00:00Z');

let ids = 0;
const profile = (
  about: Partial<InstalledProfile> & Pick<InstalledProfile, 'purpose' | 'periods'>,
): InstalledProfile => ({
  id: ++ids,
  stackLevel: 0,
  kind: 'Absolute',
  recurrency: null,
  validFrom: null,
  validTo: null,
  transactionId: null,
  startAt: about.kind === 'Relative' ? null : NOW,
  durationS: null,
  unit: 'A',
  minRate: null,
  schedules: 1,
  evseId: about.purpose === 'stationMax' ? 0 : 1,
  installedAt: NOW,
  ...about,
});

const steps = (...pairs: readonly (readonly [startS: number, limit: number])[]) =>
  pairs.map(([startS, limit]) => ({ startS, limit, numberPhases: 3, phaseToUse: null }));

const query = (profiles: readonly InstalledProfile[], more: Partial<EvseQuery> = {}): EvseQuery => ({
  profiles: [...profiles].sort((a, b) => b.stackLevel - a.stackLevel),
  evseId: 1,
  maxA: 32,
  voltageV: 230,
  phasesInUse: 3,
  transactionAt: NOW,
  ...more,
});

/** Limits at these seconds from NOW. */
const check = (q: EvseQuery, expected: Readonly<Record<number, number>>): void => {
  for (const [second, limitA] of Object.entries(expected)) {
    expect([second, compositeLimit(q, NOW + Number(second) * 1000).value]).toEqual([second, limitA]);
  }
};

describe('composite limit', () => {
  it('is what the hardware allows when there is no profile', () => check(query([]), { 0: 32, 9999: 32 }));

  it('is the lowest of the purposes (OCPP 1.6 section 3.13.3)', () => {
    const tx = profile({ purpose: 'tx', periods: steps([0, 16], [600, 10]) });
    const max = profile({ purpose: 'stationMax', periods: steps([0, 20], [300, 12]) });
    check(query([tx, max]), { 0: 16, 299: 16, 300: 12, 600: 10, 7200: 10 });
  });

  it('TxProfile overrules TxDefaultProfile, also upwards, and only in a transaction', () => {
    const tx = profile({ purpose: 'tx', periods: steps([0, 24]) });
    const txDefault = profile({ purpose: 'txDefault', periods: steps([0, 8]) });
    check(query([tx, txDefault]), { 0: 24 });
    check(query([tx, txDefault], { transactionAt: null }), { 0: 8 });
  });

  it('falls back to TxDefaultProfile when the TxProfile is over', () => {
    const lease = profile({ purpose: 'tx', durationS: 600, periods: steps([0, 24]) });
    const txDefault = profile({ purpose: 'txDefault', evseId: 0, periods: steps([0, 6]) });
    check(query([lease, txDefault]), { 0: 24, 599: 24, 600: 6 });
  });

  it('ends a lease in its last period', () => {
    const lease = profile({ purpose: 'tx', periods: steps([0, 24], [600, 6]) });
    check(query([lease]), { 599: 24, 600: 6, 999999: 6 });
  });

  it('takes the connector before the whole station for TxDefaultProfile', () => {
    const one = profile({ purpose: 'txDefault', evseId: 1, periods: steps([0, 8]) });
    const all = profile({ purpose: 'txDefault', evseId: 0, stackLevel: 9, periods: steps([0, 20]) });
    check(query([one, all]), { 0: 8 });
    check(query([one, all], { evseId: 2 }), { 0: 20 });
  });

  it('takes the highest stack level that is valid now (OCPP 1.6 section 3.13.2)', () => {
    const low = profile({ purpose: 'txDefault', stackLevel: 1, periods: steps([0, 10]) });
    const high = profile({
      purpose: 'txDefault',
      stackLevel: 2,
      validFrom: NOW + 100_000,
      validTo: NOW + 400_000,
      durationS: 200,
      periods: steps([0, 20]),
    });
    // Its schedule began at NOW and is over after 200 s, before its validity.
    check(query([low, high]), { 0: 10, 100: 20, 199: 20, 200: 10, 300: 10 });
  });

  it('never reaches lower levels under a schedule without an end', () => {
    const low = profile({ purpose: 'txDefault', stackLevel: 1, periods: steps([0, 10]) });
    const high = profile({ purpose: 'txDefault', stackLevel: 2, periods: steps([0, 20], [60, 18]) });
    check(query([low, high]), { 0: 20, 60: 18, 1000000: 18 });
  });

  it('says nothing before an absolute schedule starts', () => {
    const later = profile({ purpose: 'txDefault', startAt: NOW + 60_000, periods: steps([0, 10]) });
    check(query([later]), { 0: 32, 59: 32, 60: 10 });
  });

  it('counts a relative schedule from the start of the transaction', () => {
    const relative = profile({ purpose: 'txDefault', kind: 'Relative', periods: steps([0, 10], [60, 20]) });
    check(query([relative], { transactionAt: NOW - 30_000 }), { 0: 10, 29: 10, 30: 20 });
    check(query([relative], { transactionAt: null }), { 0: 10, 100: 10 });
  });

  it('repeats a daily schedule, and cuts it at the next occurrence', () => {
    const daily = profile({
      purpose: 'txDefault',
      kind: 'Recurring',
      recurrency: 'Daily',
      startAt: Date.parse('2020-01-01T08:00:00Z'),
      durationS: 2 * 86_400,
      periods: steps([0, 6], [10 * 3600, 16]),
    });
    // 12:00 is four hours after today's start; 18:00 is ten hours after it; at 08:00 it begins again.
    check(query([daily]), { 0: 6, [6 * 3600 - 1]: 6, [6 * 3600]: 16, [20 * 3600 - 1]: 16, [20 * 3600]: 6 });
  });

  it('is silent between the occurrences of a recurring schedule with a duration', () => {
    const weekly = profile({
      purpose: 'txDefault',
      kind: 'Recurring',
      recurrency: 'Weekly',
      startAt: NOW - 7 * DAY,
      durationS: 3600,
      periods: steps([0, 6]),
    });
    check(query([weekly]), { 0: 6, 3599: 6, 3600: 32, [7 * 86_400 - 1]: 32, [7 * 86_400]: 6 });
  });

  it('puts watts on the phases that the car uses, the worst case', () => {
    const watts = profile({ purpose: 'tx', unit: 'W', periods: steps([0, 6900]) });
    check(query([watts]), { 0: 10 });
    check(query([watts], { phasesInUse: 1 }), { 0: 30 });
  });

  it('caps the sum over the station', () => {
    const max = profile({ purpose: 'stationMax', periods: steps([0, 40]) });
    const both = [query([max]), query([max], { evseId: 2 })];
    expect(stationLimit(both, NOW).value).toBe(40);
    check(both[0] as EvseQuery, { 0: 32 });
    expect(stationLimit([query([]), query([], { evseId: 2 })], NOW).value).toBe(64);
  });

  it('lists the periods of a span', () => {
    const lease = profile({ purpose: 'tx', periods: steps([0, 24], [600, 6]) });
    const q = query([lease]);
    const span = { from: NOW, durationS: 900, maxPeriods: 10 };
    expect(scheduleOver((at) => compositeLimit(q, at), span)).toEqual([
      { startS: 0, limitA: 24 },
      { startS: 600, limitA: 6 },
    ]);
  });
});

// The same rules again, the slow way: every span of every profile written out, one look per second.

const spansOf = (p: InstalledProfile, origin: number): readonly (readonly [from: number, to: number])[] => {
  const start = p.kind === 'Relative' ? origin : (p.startAt ?? origin);
  const everyMs = p.recurrency === 'Weekly' ? 7 * DAY : DAY;
  const starts =
    p.kind === 'Recurring' ? Array.from({ length: 41 }, (_, k) => start + (k - 20) * everyMs) : [start];
  const lengthMs = p.durationS === null ? Number.POSITIVE_INFINITY : p.durationS * 1000;
  return starts.map(
    (from) => [from, from + (p.kind === 'Recurring' ? Math.min(lengthMs, everyMs) : lengthMs)] as const,
  );
};

const slowPeriod = (p: InstalledProfile, at: number, origin: number): number | null => {
  if (p.validFrom !== null && p.validFrom > at) return null;
  if (p.validTo !== null && p.validTo <= at) return null;
  const span = spansOf(p, origin).find(([from, to]) => from <= at && at < to);
  if (span === undefined) return null;
  const limits = p.periods.filter((q) => span[0] + q.startS * 1000 <= at).map((q) => q.limit);
  return limits.at(-1) ?? null;
};

const slowLimit = (q: EvseQuery, at: number): number => {
  const origin = q.transactionAt ?? at;
  const lead = (purpose: string, evseId: number, from: number): number | null => {
    const speaking = q.profiles
      .filter((p) => p.purpose === purpose && p.evseId === evseId)
      .map((p) => ({ level: p.stackLevel, unit: p.unit, limit: slowPeriod(p, at, from) }))
      .filter((one) => one.limit !== null)
      .sort((a, b) => b.level - a.level)[0];
    if (speaking === undefined) return null;
    return speaking.unit === 'A'
      ? (speaking.limit as number)
      : (speaking.limit as number) / (q.voltageV * q.phasesInUse);
  };
  const tx = q.transactionAt === null ? null : lead('tx', 1, origin);
  const own = tx ?? lead('txDefault', 1, origin) ?? lead('txDefault', 0, origin);
  return Math.min(q.maxA, own ?? q.maxA, lead('stationMax', 0, at) ?? q.maxA);
};

const WINDOW_S = 3000;

const anyProfile = fc
  .record({
    purpose: fc.constantFrom('tx' as const, 'txDefault' as const, 'stationMax' as const),
    everywhere: fc.boolean(),
    kind: fc.constantFrom('Absolute' as const, 'Relative' as const, 'Recurring' as const),
    weekly: fc.boolean(),
    startS: fc.integer({ min: -200_000, max: 4000 }),
    nearby: fc.boolean(),
    durationS: fc.option(fc.integer({ min: 1, max: 90_000 })),
    shortS: fc.integer({ min: 1, max: WINDOW_S }),
    validFromS: fc.option(fc.integer({ min: -100, max: WINDOW_S })),
    validForS: fc.option(fc.integer({ min: 1, max: WINDOW_S })),
    watts: fc.boolean(),
    gaps: fc.array(fc.integer({ min: 1, max: 1200 }), { maxLength: 4 }),
    limits: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 5, maxLength: 5 }),
  })
  .map((r) => {
    const starts = [0, ...r.gaps.map((_, i) => r.gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0))];
    const kind = r.purpose === 'stationMax' && r.kind === 'Relative' ? 'Absolute' : r.kind;
    const startAt = NOW + (r.nearby ? r.startS % 3000 : r.startS) * 1000;
    const validFrom = r.validFromS === null ? null : NOW + r.validFromS * 1000;
    return {
      purpose: r.purpose,
      kind,
      recurrency: kind === 'Recurring' ? (r.weekly ? ('Weekly' as const) : ('Daily' as const)) : null,
      startAt: kind === 'Relative' ? null : startAt,
      durationS: r.nearby && r.durationS !== null ? r.shortS : r.durationS,
      validFrom,
      validTo: r.validForS === null ? null : (validFrom ?? NOW) + r.validForS * 1000,
      unit: r.watts ? ('W' as const) : ('A' as const),
      evseId: r.purpose === 'stationMax' || (r.purpose === 'txDefault' && r.everywhere) ? 0 : 1,
      periods: steps(
        ...starts.map((startS, i) => [startS, (r.limits[i] ?? 0) * (r.watts ? 690 : 1)] as const),
      ),
    };
  });

describe('composite limit, against the slow way', () => {
  it('agrees at every second, and holds until it says', () => {
    const scene = fc.record({
      about: fc.array(anyProfile, { minLength: 1, maxLength: 6 }),
      transactionS: fc.option(fc.integer({ min: -2000, max: 0 })),
    });
    fc.assert(
      fc.property(scene, ({ about, transactionS }) => {
        // A level for each: two of the same purpose and level are refused or replaced by the rules.
        const profiles = about.map((one, i) =>
          profile({ ...one, stackLevel: (i * 7) % about.length === 0 ? i : about.length - i }),
        );
        const levels = new Set(profiles.map((p) => `${p.purpose}/${p.evseId}/${p.stackLevel}`));
        fc.pre(levels.size === profiles.length);
        const q = query(profiles, {
          transactionAt: transactionS === null ? null : NOW + transactionS * 1000,
        });
        let held = compositeLimit(q, NOW);
        for (let second = 0; second < WINDOW_S; second++) {
          const at = NOW + second * 1000;
          if (at >= held.until) held = compositeLimit(q, at);
          const slow = slowLimit(q, at);
          // A plain comparison: an assertion for each of 450,000 seconds takes longer than the engine.
          if (held.until <= at || held.value !== slow)
            expect({ second, ...held }).toEqual({ second, value: slow });
        }
      }),
      { numRuns: 150, seed: 20260302 },
    );
  });
});
