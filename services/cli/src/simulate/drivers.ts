// The drivers at a fleet of simulated stations: cars that suit the outlets, and what is said of their stays.

import type { SiteConfig } from '@ampledger/domain';
import type { Clock } from '@ampledger/kernel';
import {
  type ArrivalProfile,
  type Arrivals,
  type CarSpec,
  createArrivals,
  type Fleet,
  type Random,
  type SimulatedStation,
} from '@ampledger/simulator';

export interface DriversOptions {
  readonly seed: number | string;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** null: stations of no site, on three phases to neutral. */
  readonly site: SiteConfig | null;
  readonly profile: ArrivalProfile;
  readonly speed: number;
  /** Share of the drivers who say how much they want and when they leave. */
  readonly tell: number;
}

export function startDrivers({ fleet, site, ...common }: DriversOptions): Arrivals {
  const [fast, slow] = splitDc(fleet.stations, site);
  const alter = site?.wiring === 'delta' ? acrossLines : (car: CarSpec): CarSpec => car;
  const all = [
    createArrivals({ ...common, stations: slow, alter }),
    createArrivals({ ...common, stations: fast, alter: fastCar }),
  ];
  return {
    close: () => {
      for (const arrivals of all) arrivals.close();
    },
  };
}

type Stations = readonly SimulatedStation[];

/** Stations that give DC alone, and the others. */
function splitDc(stations: Stations, site: SiteConfig | null): readonly [fast: Stations, slow: Stations] {
  const dc = new Set<string>(
    site?.stations.flatMap(({ id, connectors }) =>
      connectors.every(({ current }) => current === 'dc') ? [id] : [],
    ),
  );
  return [stations.filter(({ id }) => dc.has(id)), stations.filter(({ id }) => !dc.has(id))];
}

/** At all three lines of a delta a car with one phase hangs between two of them. */
export const acrossLines = (car: CarSpec): CarSpec => (car.phases === 1 ? { ...car, phases: 2 } : car);

const FAST_A = { from: 70, to: 260 } as const;
const FAST_NEED = 2.5;

/** A car at a DC station: amperes of the grid on three phases, and a need that is worth the way. */
export function fastCar(car: CarSpec, random: Random): CarSpec {
  const { modest: _modest, batteryWh, says, ...rest } = car;
  const energyNeedWh = Math.round(car.energyNeedWh * FAST_NEED);
  return {
    ...rest,
    phases: 3,
    maxA: Math.round(FAST_A.from + random() * (FAST_A.to - FAST_A.from)),
    energyNeedWh,
    ...(batteryWh === undefined ? {} : { batteryWh: Math.round(batteryWh * FAST_NEED) }),
    taperFromSoc: 0.6,
    ...(says === undefined ? {} : { says: { ...says, energyWh: energyNeedWh } }),
  };
}
