import { siteOf } from '@ampledger/domain/testing';
import { nodeId, stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcome.js';
import type { Recording } from './recording.js';
import { envelopesOf } from './rules.js';
import { type Rules, type SimulationOptions, simulateSessions } from './simulate-sessions.js';
import { hour, recordingOf, sessionAt, yard } from './test-recordings.js';

const simulate = (
  recording: Recording & { readonly rules: Rules },
  more: Partial<SimulationOptions> = {},
): Outcome =>
  simulateSessions(recording, recording.rules, {
    ...{ stepMs: 300_000, envelopes: [], keepsCharging: false, solver: null },
    ...more,
  });
const served = (outcome: Outcome): readonly number[] =>
  outcome.sessions.map(({ servedWh }) => Math.round(servedWh));

/** Watt-hours of three phases at 230 V in one hour. */
const threePhases = (amperes: number): number => 3 * 230 * amperes;

describe('one car', () => {
  it('has its maximum until it has what it wants, and no more', () => {
    const site = yard(1, 100);
    const outcome = simulate(
      recordingOf(site, [
        sessionAt('CP1', 1, 2, { wantWh: 50_000 }),
        sessionAt('CP1', 3, 8, { wantWh: 5_000 }),
      ]),
    );
    expect(served(outcome)).toEqual([threePhases(16), 5_000]);
    expect(outcome).toMatchObject({ met: 1, waitedMs: 0 });
    expect(outcome.peaks[0]?.peakA.map(Math.round)).toEqual([16, 16, 16]);
  });

  it('draws on the phases that it was seen to use, where its station has them', () => {
    const site = siteOf({
      nodes: [{ id: 'grid', limitA: 100 }],
      stations: [{ id: 'CP1', node: 'grid', connectors: [{ phases: [1, 2, 0] }] }],
    });
    const outcome = simulate(recordingOf(site, [sessionAt('CP1', 1, 2, { wantWh: 50_000, ownPhases: [0] })]));
    expect(served(outcome)).toEqual([230 * 16]);
    expect(outcome.peaks[0]?.peakA.map(Math.round)).toEqual([0, 16, 0]);
  });

  it('has all that the connector gives where its maximum was never seen', () => {
    const outcome = simulate(
      recordingOf(yard(1, 100), [sessionAt('CP1', 1, 2, { wantWh: 50_000, carMaxA: null })]),
    );
    expect(served(outcome)).toEqual([threePhases(32)]);
  });

  it('left while it charged: it stops at what it took, or goes on', () => {
    const recording = recordingOf(yard(1, 100), [
      sessionAt('CP1', 1, 3, { wantWh: 5_000, wantKnown: 'at-least' }),
    ]);
    expect(served(simulate(recording))).toEqual([5_000]);
    expect(served(simulate(recording, { keepsCharging: true }))).toEqual([2 * threePhases(16)]);
    expect(simulate(recording).askedIsAtLeast).toBe(true);
  });

  it('behind a delta, and at DC', () => {
    const base = { nodes: [{ id: 'grid', limitA: 200 }] };
    const delta = siteOf({
      ...base,
      stations: [{ id: 'CP1', node: 'grid' }],
      site: { wiring: 'delta', voltageV: 208 },
    });
    const dc = siteOf({
      ...base,
      stations: [{ id: 'CP1', node: 'grid', connectors: [{ current: 'dc', efficiency: 0.9, maxA: 100 }] }],
    });
    const car = { wantWh: 500_000, carMaxA: 30 };
    expect(served(simulate(recordingOf(delta, [sessionAt('CP1', 1, 2, car)])))).toEqual([
      Math.round(Math.sqrt(3) * 208 * 30),
    ]);
    expect(served(simulate(recordingOf(dc, [sessionAt('CP1', 1, 2, car)])))).toEqual([
      Math.round(0.9 * threePhases(30)),
    ]);
  });
});

describe('cars that share', () => {
  const four = (limitA: number) =>
    recordingOf(
      yard(4, limitA),
      [1, 2, 3, 4].map((i) => sessionAt(`CP${i}`, 1, 5, { wantWh: 100_000 })),
    );

  it('never have more than the limit, and all of it while they want it', () => {
    const outcome = simulate(four(40));
    expect(outcome.servedWh).toBeCloseTo(4 * threePhases(40), 0);
    expect(Math.max(...(outcome.peaks[0]?.peakA ?? []))).toBeLessThanOrEqual(40 + 1e-9);
    expect(outcome.bound[0]).toMatchObject({ node: 'grid', by: 'rating', boundMs: hour(4) - hour(0) });
    expect(outcome.fairness).toBeCloseTo(1, 3);
  });

  it('wait for their turn where there is not enough for all minima', () => {
    const outcome = simulate(four(14));
    expect(outcome.waitedMs).toBeGreaterThan(hour(2) - hour(0));
    expect(Math.min(...served(outcome))).toBeGreaterThan(0);
    expect(Math.max(...(outcome.peaks[0]?.peakA ?? []))).toBeLessThanOrEqual(14 + 1e-9);
  });

  it('have less under an envelope, while it holds', () => {
    const wish = { node: 'grid', limitA: null, limitW: threePhases(20), from: hour(2), to: hour(3) };
    const recording = four(40);
    const outcome = simulate(recording, { envelopes: envelopesOf([wish], recording.site, recording.from) });
    const lostWh = 4 * threePhases(40) - outcome.servedWh;
    // It acts fifteen seconds before it begins.
    expect(lostWh).toBeGreaterThan(threePhases(20) - 5);
    expect(lostWh).toBeLessThan(threePhases(20) * 1.02);
    expect(outcome.bound.some(({ by, phase }) => by === 'what-if' && phase === null)).toBe(true);
  });

  it('leave room for load that nobody controls, and for all that it may be while its meter is silent', () => {
    const unmanaged = { kind: 'metered', maxA: [30, 30, 30], staleAfterS: 60 } as const;
    const site = yard(4, 0, { nodes: [{ id: 'grid', limitA: 40, unmanaged }] });
    const node = nodeId('grid');
    const sessions = four(40).sessions;
    const outcome = simulate(
      recordingOf(site, sessions, {
        changes: [
          { at: hour(0), kind: 'load', node, loadA: [10, 10, 10] },
          { at: hour(3), kind: 'load', node, loadA: null },
        ],
      }),
    );
    expect(outcome.servedWh / threePhases(1)).toBeCloseTo(2 * 30 + 2 * 10, 0);
    expect(outcome.peaks[0]?.peakA.map(Math.round)).toEqual([40, 40, 40]);
  });
});

describe('rules', () => {
  it('change where the site file did', () => {
    const recording = recordingOf(yard(1, 100), [sessionAt('CP1', 1, 3, { wantWh: 100_000 })]);
    const rules: Rules = [recording.rules[0], { from: hour(2), config: yard(1, 8) }];
    const outcome = simulateSessions(recording, rules, {
      ...{ stepMs: 300_000, envelopes: [], keepsCharging: false, solver: null },
    });
    expect(served(outcome)).toEqual([threePhases(16) + threePhases(8)]);
  });

  it('count a station that never connected as they say', () => {
    const sessions = [sessionAt('CP1', 1, 2, { wantWh: 100_000, carMaxA: 32 })];
    const stations = [{ station: stationId('CP1'), capabilities: null }];
    const servedWith = (unseen: 'full' | 'absent') =>
      served(simulate(recordingOf(yard(2, 40, { control: { unseen } }), sessions, { stations })));
    expect(servedWith('full')).toEqual([threePhases(8)]);
    expect(servedWith('absent')).toEqual([threePhases(32)]);
  });
});

it('the same recording has the same figures', () => {
  const sessions = Array.from({ length: 12 }, (_, i) =>
    sessionAt(`CP${(i % 6) + 1}`, 1 + (i % 5) + (i < 6 ? 0 : 8), 7 + (i < 6 ? 0 : 9), {
      ...{ wantWh: 4_000 * (i + 1), ownPhases: i % 3 === 0 ? [0] : null },
      transaction: `s${i}`,
    }),
  );
  const recording = recordingOf(yard(6, 30), sessions);
  expect(simulate(recording)).toEqual(simulate(structuredClone(recording)));
});
