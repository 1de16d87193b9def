// Recorded sessions under plans: what a plan is for shows in the costs, and nobody is short for it.

import type { PlanConfig, SiteConfig } from '@ampledger/domain';
import { SITE } from '@ampledger/domain/testing';
import { loadSolver } from '@ampledger/optimizer';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.js';
import type { RecordedChange, RecordedNeeds, RecordedSession } from './recording.js';
import { simulateSessions } from './simulate-sessions.js';
import { hour, recordingOf, sessionAt, yard } from './test-recordings.js';
import type { Solver } from './virtual-plans.js';

let solver: Solver;
beforeAll(async () => {
  solver = await loadSolver();
});

const PLAN: PlanConfig = {
  ...{ periodS: 900, horizonS: 43_200, deadlineMs: 2_000, currency: 'EUR' },
  ...{ importPerKwh: 0.4, exportPerKwh: 0, tariff: [], demandPerKw: 0, co2PerKg: 0 },
  ...{ battery: null, pv: null, randomDelayS: 0 },
};
const siteWith = (plan: Partial<PlanConfig> | null, stations = 3): SiteConfig => ({
  ...yard(stations, 100),
  plan: plan === null ? null : { ...PLAN, ...plan },
});

/** Its driver says what it wants as it comes, and that it leaves when it leaves. */
function toldAt(station: string, fromHour: number, toHour: number, wantWh: number): RecordedSession {
  const needs: RecordedNeeds = {
    ...{ at: hour(fromHour), totalWh: wantWh, departAt: hour(toHour) },
    ...{ minA: null, maxA: null, source: 'driver' },
  };
  return sessionAt(station, fromHour, toHour, { wantWh, needs: [needs] });
}

const CARS = ['CP1', 'CP2', 'CP3'].map((id, i) => toldAt(id, 1 + i / 4, 9, 12_000));

function outcomeOf(
  config: SiteConfig,
  sessions: readonly RecordedSession[],
  more: { readonly changes?: readonly RecordedChange[]; readonly plans?: boolean; readonly to?: number } = {},
): Outcome {
  const recording = recordingOf(config, sessions, { to: more.to ?? hour(12), changes: more.changes ?? [] });
  return simulateSessions(recording, recording.rules, {
    ...{ stepMs: 300_000, envelopes: [], keepsCharging: false },
    solver: more.plans === false ? null : solver,
  });
}

/** The price of every kilowatt-hour is announced: dear for five hours, then cheap. */
const FALLING: RecordedChange = {
  ...{ at: hour(0), kind: 'signal' },
  signal: {
    ...{ site: SITE, source: 'exchange', signal: 'import-price', from: hour(0), periodS: 3_600 },
    values: [0.4, 0.4, 0.4, 0.4, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
  },
};

describe('under a plan', () => {
  it('cars charge when it is cheap, and all that want it are full', () => {
    const site = siteWith({});
    const [planned, unplanned] = [true, false].map((plans) =>
      outcomeOf(site, CARS, { changes: [FALLING], plans }),
    );
    expect([planned?.met, unplanned?.met]).toEqual([3, 3]);
    expect(planned?.cost?.energy).toBeCloseTo(36 * 0.1, 1);
    expect(unplanned?.cost?.energy).toBeCloseTo(36 * 0.4, 1);
  });

  it('cars follow a price no more once it was taken back', () => {
    const removed: RecordedChange = {
      ...{ at: hour(0.5), kind: 'signal-removed', source: 'exchange', signal: 'import-price' },
    };
    const outcome = outcomeOf(siteWith({}), CARS, { changes: [FALLING, removed] });
    expect(outcome.cost?.energy).toBeCloseTo(36 * 0.4, 1);
    expect(outcome.sessions.every(({ servedWh }) => servedWh >= 11_990)).toBe(true);
  });

  it('a demand charge lowers the peak, below which nobody is held back', () => {
    const site = siteWith({ demandPerKw: 10 }, 1);
    const first = [toldAt('CP1', 1, 3, 22_000), toldAt('CP1', 4, 11, 20_000)];
    const peakOf = (outcome: Outcome): number => outcome.peaks[0]?.peakW ?? 0;
    const alone = outcomeOf(site, first.slice(1));
    expect(peakOf(alone)).toBeLessThan(5_500);
    expect(peakOf(outcomeOf(site, first.slice(1), { plans: false }))).toBeGreaterThan(10_900);
    // The first car needs all it can have; what that costs is paid, and the second has it for nothing.
    const both = outcomeOf(site, first);
    expect(both.met).toBe(2);
    const at7 = (outcome: Outcome): number => outcome.sessions.at(-1)?.servedWh ?? 0;
    expect(at7(outcomeOf(site, first, { to: hour(7) }))).toBeGreaterThan(19_900);
    expect(at7(outcomeOf(site, first.slice(1), { to: hour(7) }))).toBeLessThan(14_000);
  });

  it('the same recording has the same plans', () => {
    const site = siteWith({ demandPerKw: 10 });
    const [one, other] = [1, 2].map(() => outcomeOf(site, CARS, { changes: [FALLING] }));
    expect(one).toEqual(other);
  });
});
