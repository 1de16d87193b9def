// A station that obeys: whatever profiles come and go, no car draws more than the profiles allowed
// within the last five seconds, its lag; and once settled, the station keeps its cap on every phase.

import { PHASES } from '@ampledger/kernel';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBench } from './central-system.fixture.js';

const LAG_S = 5;
const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const;

const profileStep = fc.record({
  kind: fc.constant('profile' as const),
  purpose: fc.constantFrom(...PURPOSES),
  evseId: fc.integer({ min: 1, max: 2 }),
  stackLevel: fc.integer({ min: 0, max: 3 }),
  startS: fc.integer({ min: -600, max: 600 }),
  durationS: fc.option(fc.integer({ min: 1, max: 900 })),
  unit: fc.constantFrom('A' as const, 'W' as const),
  limits: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }),
  everyS: fc.integer({ min: 1, max: 400 }),
});
const carStep = fc.record({
  kind: fc.constant('car' as const),
  evseId: fc.integer({ min: 1, max: 2 }),
  phases: fc.constantFrom(1 as const, 2 as const, 3 as const),
  maxA: fc.constantFrom(16, 32),
});
const clearStep = fc.record({
  kind: fc.constant('clear' as const),
  stackLevel: fc.integer({ min: 0, max: 3 }),
});
const scene = fc.array(
  fc.record({
    step: fc.oneof({ weight: 4, arbitrary: profileStep }, carStep, clearStep),
    waitS: fc.integer({ min: 0, max: 400 }),
  }),
  { minLength: 3, maxLength: 25 },
);

const scheduleOf = (
  step: {
    unit: 'A' | 'W';
    limits: readonly number[];
    everyS: number;
    durationS: number | null;
    startS: number;
  },
  nowMs: number,
) => ({
  chargingRateUnit: step.unit,
  startSchedule: new Date(nowMs + step.startS * 1000).toISOString(),
  ...(step.durationS === null ? {} : { duration: step.durationS }),
  chargingSchedulePeriod: step.limits.map((limit, i) => ({
    startPeriod: i * step.everyS,
    limit: limit * (step.unit === 'W' ? 690 : 1),
  })),
});

describe('obedience', () => {
  it('never draws more than it was allowed', async () => {
    let accepted = 0;
    const run = fc.asyncProperty(scene, async (steps) => {
      const connectors = [
        { evseId: 1, phases: [0, 1, 2], maxA: 32 },
        { evseId: 2, phases: [1, 2, 0], maxA: 32 },
      ] as const;
      const { station, clock, ask } = createBench('ocpp1.6', { connectors, meterIntervalS: 0 });
      const allowed = new Map<number, number[]>();
      const look = (): void => {
        for (const evseId of [1, 2]) {
          const recent = [...(allowed.get(evseId) ?? []), station.compositeLimitA(evseId)].slice(
            -(LAG_S + 2),
          );
          allowed.set(evseId, recent);
          expect(Math.max(...station.drawA(evseId))).toBeLessThanOrEqual(Math.max(...recent) + 1e-6);
          expect(station.outlet(evseId).offerA).toBeLessThanOrEqual((recent.at(-1) ?? 0) + 1e-6);
        }
      };
      const live = async (seconds: number): Promise<void> => {
        for (let s = 0; s < seconds; s++) {
          look();
          await clock.advance(1000);
        }
      };
      await live(2);
      for (const { step, waitS } of steps) {
        if (step.kind === 'car') {
          if (station.outlet(step.evseId).car === null)
            station.plugIn(step.evseId, { ...step, energyNeedWh: 90_000 });
          else station.unplug(step.evseId);
        } else if (step.kind === 'clear')
          await ask('ClearChargingProfile', { stackLevel: step.stackLevel }, 0);
        else {
          const csChargingProfiles = {
            chargingProfileId: 10 + step.stackLevel + 10 * PURPOSES.indexOf(step.purpose) + 100 * step.evseId,
            stackLevel: step.stackLevel,
            chargingProfilePurpose: step.purpose,
            chargingProfileKind: 'Absolute',
            chargingSchedule: scheduleOf(step, clock.now()),
          };
          const connectorId = step.purpose === 'ChargePointMaxProfile' ? 0 : step.evseId;
          const answer = await ask('SetChargingProfile', { connectorId, csChargingProfiles }, 0);
          if (answer.payload?.status === 'Accepted') accepted++;
        }
        await live(waitS);
      }
      // No change of any limit within the last seconds: the sum is under the cap as well.
      const capA = station.compositeLimitA(0);
      const settled = [...allowed.values()].every((recent) => new Set(recent).size <= 1);
      const sums = PHASES.map((phase) => station.drawA(1)[phase] + station.drawA(2)[phase]);
      const watts = station.profiles().some((p) => p.purpose === 'stationMax' && p.unit === 'W');
      if (settled && !watts && (steps.at(-1)?.waitS ?? 0) > LAG_S)
        expect(Math.max(...sums)).toBeLessThanOrEqual(capA + 1e-6);
      station.close();
    });
    await fc.assert(run, { numRuns: 40, seed: 11 });
    expect(accepted).toBeGreaterThan(150);
  });
});
