// Outlets that are not like others: they signal steps only, give direct current, share a cabinet, or
// have a car that changes its phases.

import type { Phase } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { CarSpec } from './car.js';
import { createBench, START } from './central-system.fixture.js';
import type { EvseSpec } from './evse.js';
import type { StationOptions } from './station-options.js';

const MINUTE = 60_000;
const THREE: readonly Phase[] = [0, 1, 2];
const CAR: CarSpec = { phases: 3, maxA: 32, energyNeedWh: 60_000, lagSMax: 0 };

const profile = (connectorId: number, limit: number, chargingRateUnit: 'A' | 'W') => ({
  connectorId,
  csChargingProfiles: {
    chargingProfileId: connectorId,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      chargingRateUnit,
      startSchedule: new Date(START - MINUTE).toISOString(),
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  },
});

async function charging(
  outlet: Partial<EvseSpec>,
  car: CarSpec = CAR,
  options: Partial<StationOptions> = {},
) {
  const connectors = [{ evseId: 1, phases: THREE, maxA: 32, ...outlet }];
  const bench = createBench('ocpp1.6', { connectors, ...options });
  await bench.clock.advance(1000);
  bench.station.plugIn(1, car);
  await bench.clock.advance(10_000);
  const limited = async (limit: number, unit: 'A' | 'W' = 'A', connectorId = 1) => {
    const outcome = await bench.ask('SetChargingProfile', profile(connectorId, limit, unit), 1000);
    return [outcome.payload?.status, bench.station.drawA(connectorId)[0]];
  };
  return { ...bench, limited };
}

describe('an outlet that signals steps', () => {
  it.each([
    [9.9, 9],
    [10, 10],
    [6.5, 6],
    [5.9, 0],
  ])('gives of %d A whole amperes: %d A', async (limit, drawA) => {
    const { limited } = await charging({ stepA: 1 });
    expect(await limited(limit)).toEqual(['Accepted', drawA]);
  });

  it.each([
    [31, 24],
    [24, 24],
    [15.9, 8],
    [7, 0],
  ])('gives of %d A the next of its list: %d A', async (limit, drawA) => {
    const { limited } = await charging({ stepsA: [8, 16, 24, 32] });
    expect(await limited(limit)).toEqual(['Accepted', drawA]);
  });

  it('is at a step that is written in watts', async () => {
    const { limited } = await charging({ stepA: 0.1 }, CAR);
    const [status, drawA] = await limited(3 * 230 * 12.3, 'W');
    expect([status, Number(drawA).toFixed(6)]).toEqual(['Accepted', '12.300000']);
  });
});

describe('a DC outlet', () => {
  const DC: Partial<EvseSpec> = { dc: { efficiency: 0.9 }, maxA: 100 };
  const wattsPerA = 0.9 * 3 * 230;

  it('takes watts at the car, and refuses amperes', async () => {
    const { limited } = await charging(DC, { ...CAR, maxA: 80 });
    expect((await limited(16))[0]).toBe('Rejected');
    const [status, drawA] = await limited(50 * wattsPerA, 'W');
    expect([status, Number(drawA)]).toEqual(['Accepted', expect.closeTo(50)]);
  });

  it('is on three phases of the grid, whatever the car', async () => {
    const { station } = await charging(DC, { ...CAR, phases: 1, maxA: 80 });
    expect(station.drawA(1)).toEqual([80, 80, 80]);
  });

  it('tells its power and energy at the car, and no currents', async () => {
    const { system, clock, station } = await charging(DC, { ...CAR, maxA: 80, energyNeedWh: 500_000 });
    const before = station.energyWh(1);
    await clock.advance(60 * MINUTE);
    expect(station.energyWh(1) - before).toBeCloseTo(80 * wattsPerA);
    const text = JSON.stringify(system.of('MeterValues').at(-1)?.payload);
    expect(text).toContain((80 * wattsPerA).toFixed(1));
    expect(text).not.toContain('Current.Import');
    expect(system.invalid).toEqual([]);
  });
});

describe('a shared cabinet', () => {
  const connectors = [1, 2].map((evseId) => ({ evseId, phases: THREE, maxA: 200, dc: { efficiency: 1 } }));
  const bothDraw = async (cabinet: StationOptions['cabinet'], firstW: number, secondW: number) => {
    const bench = createBench('ocpp1.6', { connectors, ...(cabinet === undefined ? {} : { cabinet }) });
    await bench.clock.advance(1000);
    for (const [evseId, powerW] of [
      [1, firstW],
      [2, secondW],
    ] as const) {
      bench.station.plugIn(evseId, { ...CAR, maxA: powerW / 690, energyNeedWh: 500_000 });
      await bench.clock.advance(10_000);
    }
    return [1, 2].map((evseId) => Math.round(bench.station.drawA(evseId)[0] * 690));
  };

  it.each<[string, StationOptions['cabinet'], number, number, number[]]>([
    ['without one each has all', undefined, 100_000, 80_000, [100_000, 80_000]],
    ['the second has what is left', { powerW: 120_000 }, 100_000, 80_000, [100_000, 20_000]],
    ['in whole modules', { powerW: 120_000, moduleW: 30_000 }, 70_000, 80_000, [70_000, 30_000]],
    ['both fit', { powerW: 120_000, moduleW: 30_000 }, 55_000, 60_000, [55_000, 60_000]],
    ['nothing is left', { powerW: 120_000, moduleW: 30_000 }, 100_000, 80_000, [100_000, 0]],
  ])('%s', async (_, cabinet, firstW, secondW, expected) => {
    expect(await bothDraw(cabinet, firstW, secondW)).toEqual(expected);
  });

  it('gives the other what the first leaves when it goes', async () => {
    const bench = createBench('ocpp1.6', { connectors, cabinet: { powerW: 100_000, moduleW: 50_000 } });
    await bench.clock.advance(1000);
    for (const evseId of [1, 2]) bench.station.plugIn(evseId, { ...CAR, maxA: 120, energyNeedWh: 500_000 });
    await bench.clock.advance(10_000);
    expect(bench.station.drawA(2)[0]).toBe(0);
    bench.station.unplug(1);
    await bench.clock.advance(10_000);
    expect(bench.station.drawA(2)[0]).toBe(120);
  });
});

describe('a car that changes its phases', () => {
  const car: CarSpec = { ...CAR, maxA: 16, phaseChanges: [{ fromWh: 3680, phases: 1 }] };

  it('draws on others from then on, and its energy adds up', async () => {
    const { station, clock, system } = await charging({}, car);
    const before = station.energyWh(1);
    const deliveredWh = station.outlet(1).deliveredWh;
    expect(station.drawA(1)).toEqual([16, 16, 16]);
    // 16 A on three phases are 3680 Wh in twenty minutes.
    await clock.advance(20 * MINUTE);
    expect(station.drawA(1)).toEqual([16, 0, 0]);
    await clock.advance(40 * MINUTE);
    const expectedWh = 3680 - deliveredWh;
    const restMs = 60 * MINUTE - (expectedWh / (16 * 690)) * 3_600_000;
    expect(station.energyWh(1) - before).toBeCloseTo(expectedWh + (16 * 230 * restMs) / 3_600_000, 1);
    expect(JSON.stringify(system.of('MeterValues').at(-1)?.payload)).toContain('"0.00"');
  });

  it('takes more amperes of a limit in watts on fewer phases', async () => {
    const { station, clock, limited } = await charging({}, { ...car, maxA: 32 });
    await limited(16 * 690, 'W');
    expect(station.drawA(1)).toEqual([16, 16, 16]);
    await clock.advance(25 * MINUTE);
    expect(station.drawA(1)).toEqual([32, 0, 0]);
  });
});
