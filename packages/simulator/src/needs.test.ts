// What drivers and cars say of their stay.

import { VirtualClock } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { createArrivals } from './arrivals.js';
import type { CarSpec } from './car.js';
import { createBench, createCentralSystem, START } from './central-system.fixture.js';
import { createFleet } from './fleet.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CAR: CarSpec = { phases: 1, maxA: 16, energyNeedWh: 20_000, lagSMax: 0 };
const LEAVES = START + 8 * HOUR;

describe('a car at an OCPP 2.0.1 station', () => {
  const told = async (car: CarSpec, connector: object = {}, speed = 1) => {
    const connectors = [{ evseId: 1, phases: [0, 1, 2], maxA: 100, ...connector } as const];
    const answer = ({ action }: { action: string }) =>
      action === 'NotifyEVChargingNeeds' ? { status: 'Processing' } : undefined;
    const { station, clock, system } = createBench('ocpp2.0.1', { connectors, speed }, answer);
    await clock.advance(1000);
    station.plugIn(1, car);
    await clock.advance(10_000);
    expect(system.invalid).toEqual([]);
    return system.of('NotifyEVChargingNeeds').map(({ payload }) => payload);
  };

  it('says what it wants when its transaction has begun', async () => {
    expect(await told({ ...CAR, says: { energyWh: 12_000, departAt: LEAVES } })).toEqual([
      {
        evseId: 1,
        chargingNeeds: {
          requestedEnergyTransfer: 'AC_single_phase',
          acChargingParameters: {
            energyAmount: 12_000,
            evMinCurrent: 6,
            evMaxCurrent: 16,
            evMaxVoltage: 230,
          },
          departureTime: new Date(LEAVES).toISOString(),
        },
      },
    ]);
  });

  it('says it in the terms of the meter where batteries fill faster', async () => {
    const [needs] = await told({ ...CAR, says: { energyWh: 12_000 } }, {}, 60);
    expect(needs).toMatchObject({ chargingNeeds: { acChargingParameters: { energyAmount: 200 } } });
  });

  it('says it of DC at a DC outlet', async () => {
    const car = { ...CAR, maxA: 80, says: { departAt: LEAVES } };
    expect(await told(car, { dc: { efficiency: 0.9 } })).toEqual([
      {
        evseId: 1,
        chargingNeeds: {
          requestedEnergyTransfer: 'DC',
          // 80 A on three phases are 49.7 kW at the car: 124 A at 400 V.
          dcChargingParameters: { evMaxCurrent: 124, evMaxVoltage: 400 },
          departureTime: new Date(LEAVES).toISOString(),
        },
      },
    ]);
  });

  it('says nothing where there is nothing to say', async () => {
    expect(await told(CAR)).toEqual([]);
  });
});

describe('a driver at an OCPP 1.6 station', () => {
  it('is heard by who watches, and not on the wire', async () => {
    const { station, clock, system, events } = createBench('ocpp1.6');
    await clock.advance(1000);
    station.plugIn(1, { ...CAR, says: { energyWh: 12_000, departAt: LEAVES } });
    await clock.advance(10_000);
    expect(events.filter(({ kind }) => kind === 'needs-said')).toEqual([
      expect.objectContaining({ station: 'st-1', evseId: 1, energyWh: 12_000, departAt: LEAVES }),
    ]);
    expect(system.heard.map(({ action }) => action)).not.toContain('NotifyEVChargingNeeds');
  });
});

describe('arrivals', () => {
  const saying = async (tell: number) => {
    const clock = new VirtualClock(START);
    const { dial } = createCentralSystem(clock, 'ocpp1.6');
    const fleet = createFleet({
      seed: 1,
      clock,
      dial,
      voltageV: 230,
      meterIntervalS: 0,
      stations: Array.from({ length: 40 }, (_, i) => ({
        id: `S${i}`,
        protocol: 'ocpp1.6',
        connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
      })),
    });
    const cars: { readonly at: number; readonly needWh: number; readonly says: CarSpec['says'] }[] = [];
    fleet.subscribe((event) => {
      if (event.kind !== 'plugged-in') return;
      const says = fleet.station(event.station)?.outlet(event.evseId).car?.says;
      cars.push({ at: event.at, needWh: event.needWh, says });
    });
    const arrivals = createArrivals({ seed: 1, clock, stations: fleet.stations, profile: 'workday', tell });
    await clock.advance(8 * HOUR);
    arrivals.close();
    fleet.close();
    return cars;
  };

  it('tell of as many stays as asked for, and come all the same', async () => {
    const [silent, some] = [await saying(0), await saying(0.5)];
    expect(silent.map(({ says }) => says)).toEqual(silent.map(() => undefined));
    expect(some.map(({ at, needWh }) => [at, needWh])).toEqual(silent.map(({ at, needWh }) => [at, needWh]));
    const telling = some.filter(({ says }) => says !== undefined);
    expect(telling.length).toBeGreaterThan(some.length / 4);
    expect(telling.length).toBeLessThan((some.length * 3) / 4);
    for (const { at, needWh, says } of telling) {
      expect(says?.energyWh).toBe(needWh);
      expect(says?.departAt).toBeGreaterThan(at);
    }
  });
});
