import { type PerPhase, VirtualClock } from '@ampledger/kernel';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CarSpec, createCar, drawOf, socOf, stagesOf } from './car.js';
import { Evse } from './evse.js';
import { createRandom } from './random.js';

const HOUR = 3_600_000;

describe('acceptance curve', () => {
  it('tapers in steps to the minimum, and ends full', () => {
    const stages = stagesOf({
      phases: 3,
      maxA: 16,
      energyNeedWh: 20_000,
      batteryWh: 50_000,
      taperFromSoc: 0.8,
    });
    expect(stages.map((stage) => Math.round(stage.fromWh))).toEqual([
      0, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000,
    ]);
    expect(stages.map((stage) => Number(stage.maxA.toFixed(2)))).toEqual([16, 13.33, 10.67, 8, 6, 6, 0]);
  });

  it('draws far less in a modest span', () => {
    const stages = stagesOf({
      phases: 1,
      maxA: 32,
      energyNeedWh: 9000,
      modest: [{ fromWh: 1000, toWh: 2000, maxA: 7 }],
    });
    expect(stages).toEqual([
      { fromWh: 0, maxA: 32, phases: 1 },
      { fromWh: 1000, maxA: 7, phases: 1 },
      { fromWh: 2000, maxA: 32, phases: 1 },
      { fromWh: 9000, maxA: 0, phases: 1 },
    ]);
  });

  it('uses other phases from an amount on', () => {
    const stages = stagesOf({
      phases: 3,
      maxA: 16,
      energyNeedWh: 9000,
      phaseChanges: [
        { fromWh: 1000, phases: 1 },
        { fromWh: 4000, phases: 2 },
      ],
    });
    expect(stages.map(({ fromWh, phases }) => [fromWh, phases])).toEqual([
      [0, 3],
      [1000, 1],
      [4000, 2],
      [9000, 2],
    ]);
  });

  it('draws nothing under its minimum', () => {
    const car = createCar({ phases: 1, maxA: 16, energyNeedWh: 1000 });
    expect([5.9, 6, 20].map((offerA) => drawOf(car, offerA))).toEqual([0, 6, 16]);
    expect(socOf(car.spec, 500)).toBe(0.75);
  });
});

describe('outlet', () => {
  const bench = (spec: CarSpec, speed = 1) => {
    const clock = new VirtualClock(0);
    const draws: { at: number; drawA: PerPhase }[] = [];
    const onDraw = (evse: Evse) => draws.push({ at: clock.now(), drawA: evse.drawAt(clock.now()) });
    const random = createRandom(1);
    const evse = new Evse(
      { evseId: 1, phases: [1, 2, 0], maxA: 32 },
      { clock, random, voltageV: 230, speed, onDraw },
    );
    evse.plugIn(spec);
    evse.setContactor(true);
    return { clock, evse, draws, before: evse.energyWh };
  };

  it('draws on the grid phases behind its first n', async () => {
    const { clock, evse } = bench({ phases: 2, maxA: 16, energyNeedWh: 9000, lagSMax: 0 });
    evse.setOffer(10);
    await clock.advance(1);
    expect(evse.drawAt(clock.now())).toEqual([0, 10, 10]);
  });

  it('follows a new limit within its lag', async () => {
    const { clock, evse, draws } = bench({ phases: 1, maxA: 32, energyNeedWh: 90_000, lagSMax: 5 });
    for (const offerA of [20, 8, 32, 0, 6]) {
      const setAt = clock.now();
      evse.setOffer(offerA);
      await clock.advance(5000);
      expect(evse.drawA).toBe(offerA);
      expect((draws.at(-1)?.at ?? 0) - setAt).toBeLessThanOrEqual(5000);
    }
  });

  it('takes what it needs and no more, whatever the offers: register, battery and draw agree', async () => {
    const offer = fc.record({
      a: fc.double({ min: 0, max: 40, noNaN: true }),
      ms: fc.integer({ min: 1, max: HOUR }),
    });
    const scene = fc.record({
      offers: fc.array(offer, { minLength: 1, maxLength: 30 }),
      speed: fc.constantFrom(1, 60),
      phases: fc.constantFrom(1 as const, 2 as const, 3 as const),
      energyNeedWh: fc.integer({ min: 500, max: 30_000 }),
      taper: fc.boolean(),
    });
    const run = fc.asyncProperty(scene, async ({ offers, speed, phases, energyNeedWh, taper }) => {
      const spec = { phases, maxA: 32, energyNeedWh, ...(taper ? { taperFromSoc: 0.6 } : {}) };
      const { clock, evse, draws, before } = bench(spec, speed);
      for (const { a, ms } of offers) {
        evse.setOffer(a);
        await clock.advance(ms);
      }
      const total = (drawA: PerPhase) => drawA[0] + drawA[1] + drawA[2];
      // The integral of the draws that observers were told of.
      const ends = [...draws.slice(1).map((d) => d.at), clock.now()];
      const integralWh = draws.reduce(
        (sum, d, i) => sum + (total(d.drawA) * 230 * ((ends[i] ?? 0) - d.at)) / HOUR,
        0,
      );
      expect(evse.energyWh - before).toBeCloseTo(integralWh, 5);
      expect(evse.deliveredWh).toBeCloseTo(integralWh * speed, 4);
      // At most a millisecond too much.
      expect(evse.deliveredWh).toBeLessThanOrEqual(energyNeedWh + (3 * 32 * 230 * speed) / HOUR + 1e-3);
      expect(evse.full).toBe(evse.deliveredWh >= energyNeedWh - 1e-3);
    });
    await fc.assert(run, { numRuns: 60, seed: 3 });
  });

  it('fills 60 times faster at speed 60, on an honest meter', async () => {
    const { clock, evse, before } = bench({ phases: 3, maxA: 16, energyNeedWh: 11_040, lagSMax: 0 }, 60);
    evse.setOffer(32);
    await clock.advance(60_001);
    expect(evse.full).toBe(true);
    expect(evse.energyWh - before).toBeCloseTo(184, 3);
  });
});
