// Laws of the simulation, on sites and days at random.

import {
  type Outcome,
  type Recording,
  type Rules,
  type RulesFrom,
  rulesOf,
  simulateSessions,
} from '@ampledger/cli';
import { NO_HABITS } from '@ampledger/domain';
import { key, SITE, session, siteOf, T0 } from '@ampledger/domain/testing';
import type { PerPhase, Phase } from '@ampledger/kernel';
import { stationId } from '@ampledger/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const RUNS = Number(process.env.WHATIF_RUNS ?? 40);
const HOUR = 3_600_000;
const STATIONS = 6;
const WIRINGS: readonly (readonly Phase[])[] = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0], [1], [2]];
const OPTIONS = { stepMs: 300_000, envelopes: [], keepsCharging: false, solver: null } as const;

interface Stay {
  readonly station: number;
  readonly from: number;
  readonly hours: number;
  readonly wantWh: number;
  readonly carMaxA: number | null;
}

const stay = fc.record({
  station: fc.integer({ min: 0, max: STATIONS - 1 }),
  from: fc.double({ min: 0, max: 10, noNaN: true }),
  hours: fc.double({ min: 0.2, max: 6, noNaN: true }),
  wantWh: fc.integer({ min: 500, max: 40_000 }),
  carMaxA: fc.constantFrom(null, 10, 16, 32),
});

/** One car after the other at each station. */
function recordingOf(limitA: number, stays: readonly Stay[]): Recording {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA }],
    stations: WIRINGS.map((phases, i) => ({ id: `CP${i}`, node: 'grid', connectors: [{ phases }] })),
  });
  const free = new Map<number, number>();
  const sessions = [...stays]
    .sort((a, b) => a.from - b.from)
    .map(({ station, from, hours, wantWh, carMaxA }, i) => {
      const arriveAt = Math.round(Math.max(T0 + from * HOUR, free.get(station) ?? 0));
      const leaveAt = Math.round(arriveAt + hours * HOUR);
      free.set(station, leaveAt + 60_000);
      const identity = { session: session(`CP${station}`, `t${i}`), transaction: `t${i}`, idToken: null };
      const wants = {
        takenWh: wantWh,
        wantWh,
        wantKnown: 'full',
        carMaxA,
        ownPhases: null,
        needs: [],
      } as const;
      return { ...identity, connector: key(`CP${station}`), arriveAt, leaveAt, ...wants };
    });
  const to = Math.max(T0 + HOUR, ...sessions.map(({ leaveAt }) => leaveAt)) + HOUR;
  const rules: RulesFrom[] = [{ from: T0, config }];
  return {
    ...{
      site: SITE,
      from: T0,
      to,
      rules,
      sessions,
      changes: [],
      habits: NO_HABITS,
      releases: [],
    },
    stations: WIRINGS.map((_, i) => ({ station: stationId(`CP${i}`), capabilities: null })),
  };
}

const rulesWith = (
  { rules }: Recording,
  policy: 'throughput' | 'fair' | 'balanced',
  scaleLimit: number,
): Rules => rulesOf(rules, { site: null, policy, scaleLimit });

const isWithin = ({ peaks }: Outcome, limitA: number): boolean =>
  peaks.every(({ peakA }: { readonly peakA: PerPhase }) => peakA.every((a) => a <= limitA + 1e-6));

it('nobody has more than was wanted, and no limit is passed, under any policy', () => {
  fc.assert(
    fc.property(
      fc.array(stay, { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 6, max: 90 }),
      fc.constantFrom('throughput' as const, 'fair' as const, 'balanced' as const),
      (stays, limitA, policy) => {
        const recording = recordingOf(limitA, stays);
        const outcome = simulateSessions(recording, rulesWith(recording, policy, 1), OPTIONS);
        expect(isWithin(outcome, limitA)).toBe(true);
        for (const { servedWh, wantWh } of outcome.sessions)
          expect(servedWh).toBeLessThanOrEqual(wantWh + 1e-6);
        const total = outcome.sessions.reduce((sum, { servedWh }) => sum + servedWh, 0);
        expect(outcome.servedWh).toBeCloseTo(total, 6);
      },
    ),
    { numRuns: RUNS },
  );
});

/** What every site serves under throughput at `limitA`, and at some factor of 1 to 3 of it. */
function larger(stays: fc.Arbitrary<Stay>, check: (all: Outcome, more: Outcome) => void): void {
  fc.assert(
    fc.property(
      fc.array(stays, { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 6, max: 60 }),
      fc.double({ min: 1, max: 3, noNaN: true }),
      (list, limitA, factor) => {
        const recording = recordingOf(limitA, list);
        const at = (scale: number): Outcome =>
          simulateSessions(recording, rulesWith(recording, 'throughput', scale), OPTIONS);
        check(at(1), at(factor));
      },
    ),
    { numRuns: RUNS },
  );
}

/** Limits are whole tenths of an ampere, and raises below one ampere are left out. */
const ROUNDING_SHARE = 0.01;

it('a larger limit serves no less in total under throughput, while nobody is ever full', () => {
  const hungry = stay.map((one) => ({ ...one, wantWh: 1_000_000 }));
  larger(hungry, (all, more) => {
    expect(more.servedWh).toBeGreaterThanOrEqual(all.servedWh * (1 - ROUNDING_SHARE));
  });
});

/** A car that is full keeps its minimum, 6 A on three phases, until the engine is sure of it: ten minutes and two looks. */
const KEPT_WH = (3 * 230 * 6 * 12) / 60;

it('a larger limit serves no less in total under throughput, but for what full cars keep for a while', () => {
  larger(stay, (all, more) => {
    const keptWh = more.met * KEPT_WH;
    expect(more.servedWh).toBeGreaterThanOrEqual(all.servedWh * (1 - ROUNDING_SHARE) - keptWh);
  });
});
