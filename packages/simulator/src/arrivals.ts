// Drivers: when cars come, how long they stay and what they need. Each outlet has its own seeded
// sequence, so that one more outlet changes nothing for the others.

import type { Clock, Timer } from '@ampledger/kernel';
import type { CarSpec } from './car.js';
import { around, between, chance, createRandom, type Random, waitingTime, weighted } from './random.js';
import type { SimulatedStation } from './station-options.js';

/**
 * workday: one long stay between morning and evening, none on weekends. garage: evening to morning.
 * busy: one short stay after the other, day and night.
 */
export type ArrivalProfile = 'workday' | 'garage' | 'busy';

export interface ArrivalsOptions {
  readonly seed: number | string;
  readonly clock: Clock;
  readonly stations: readonly SimulatedStation[];
  readonly profile: ArrivalProfile;
  /** How many times faster than life drivers come and go. Default 1. */
  readonly speed?: number;
  /** Share of the drivers who say how much they want and when they leave; default 0. */
  readonly tell?: number;
  /** Makes another car of each that comes; its randomness is its own. */
  readonly alter?: (car: CarSpec, random: Random) => CarSpec;
}

/** A car's stay: drivers' time, epoch milliseconds. */
export interface Stay {
  readonly from: number;
  readonly to: number;
  readonly car: CarSpec;
}

export interface Arrivals {
  /** No more cars come or go; those that are there stay. */
  close(): void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday, in days since 1970-01-01, which was a Thursday. */
const FIRST_MONDAY = 4;

const ONBOARD_CHARGERS: readonly (readonly [weight: number, charger: Pick<CarSpec, 'phases' | 'maxA'>])[] = [
  [50, { phases: 3, maxA: 16 }],
  [15, { phases: 3, maxA: 32 }],
  [15, { phases: 1, maxA: 32 }],
  [10, { phases: 1, maxA: 16 }],
  [10, { phases: 2, maxA: 16 }],
];

export interface Need {
  readonly lowWh: number;
  readonly highWh: number;
  /** How long it stays: nobody comes with more need than most of that time can serve. */
  readonly stayMs: number;
}

const SERVED_SHARE_MAX = 0.6;
const NOMINAL_V = 230;

/** A car with the need of a plausible stay; one in eight is modest for a while, most taper. */
export function randomCar(random: Random, need: Need): CarSpec {
  const charger = weighted(random, ONBOARD_CHARGERS);
  const servedWh = (SERVED_SHARE_MAX * charger.phases * charger.maxA * NOMINAL_V * need.stayMs) / HOUR;
  const energyNeedWh = Math.round(Math.min(servedWh, between(random, need.lowWh, need.highWh)));
  // A need is 40 to 95 % of the battery: with less, the whole stay would be taper.
  const batteryWh = Math.round(energyNeedWh / between(random, 0.4, 0.95));
  const fromWh = random() * energyNeedWh * 0.5;
  const modest = chance(random, 0.125)
    ? { modest: [{ fromWh, toWh: fromWh + energyNeedWh * 0.2, maxA: between(random, 6, 9) }] }
    : {};
  const taper = chance(random, 0.8) ? { taperFromSoc: between(random, 0.8, 0.95) } : {};
  return { ...charger, energyNeedWh, batteryWh, lagSMax: between(random, 0.5, 5), ...taper, ...modest };
}

const isWeekend = (day: number): boolean => (((day - FIRST_MONDAY) % 7) + 7) % 7 >= 5;

function workdayStay(random: Random, day: number): Stay | null {
  const from = day * DAY + around(random, 8 * HOUR, 45 * MINUTE);
  const to = from + Math.max(HOUR, around(random, 8.5 * HOUR, HOUR));
  const car = randomCar(random, { lowWh: 5_000, highWh: 30_000, stayMs: to - from });
  return isWeekend(day) || !chance(random, 0.85) ? null : { from, to, car };
}

function garageStay(random: Random, day: number): Stay | null {
  const from = day * DAY + around(random, 18 * HOUR, 90 * MINUTE);
  const to = (day + 1) * DAY + around(random, 7.5 * HOUR, 45 * MINUTE);
  const car = randomCar(random, { lowWh: 5_000, highWh: 40_000, stayMs: to - from });
  return chance(random, 0.9) ? { from, to, car } : null;
}

/** Who is there already has had a share of the need. */
function remainderOf(stay: Stay, from: number): Stay {
  const share = (stay.to - from) / (stay.to - stay.from);
  return { ...stay, from, car: { ...stay.car, energyNeedWh: Math.ceil(stay.car.energyNeedWh * share) } };
}

function* daily(
  stayOf: (random: Random, day: number) => Stay | null,
  random: Random,
  from: number,
): Generator<Stay> {
  for (let day = Math.floor(from / DAY) - 1; ; day++) {
    const stay = stayOf(random, day);
    if (stay !== null && stay.to > from) yield stay.from < from ? remainderOf(stay, from) : stay;
  }
}

function* oneAfterTheOther(random: Random, from: number): Generator<Stay> {
  for (let at = from; ; ) {
    at += Math.min(90 * MINUTE, waitingTime(random, 12 * MINUTE));
    const to = at + between(random, 25 * MINUTE, 100 * MINUTE);
    yield { from: at, to, car: randomCar(random, { lowWh: 4_000, highWh: 18_000, stayMs: to - at }) };
    at = to + between(random, MINUTE, 5 * MINUTE);
  }
}

/** The stays at one outlet from a moment on, without end. */
export function stays(profile: ArrivalProfile, random: Random, from: number): Generator<Stay> {
  if (profile === 'busy') return oneAfterTheOther(random, from);
  return daily(profile === 'workday' ? workdayStay : garageStay, random, from);
}

/** Plugs cars in and unplugs them, until closed. */
export function createArrivals({
  seed,
  clock,
  stations,
  profile,
  speed = 1,
  tell = 0,
  alter = (car) => car,
}: ArrivalsOptions): Arrivals {
  const startedAt = clock.now();
  const timers = new Map<string, Timer>();
  const at = (driversTime: number): number => startedAt + (driversTime - startedAt) / speed;

  const serve = (station: SimulatedStation, evseId: number): void => {
    const key = `${station.id}/${evseId}`;
    const random = createRandom(`${seed}/${key}`);
    // A sequence of its own: who says something comes and goes like who does not.
    const telling = createRandom(`${seed}/${key}/says`);
    const altering = createRandom(`${seed}/${key}/alter`);
    const coming = stays(profile, random, startedAt);
    const wait = (until: number, task: () => void): void => {
      timers.set(key, clock.after(until - clock.now(), task));
    };
    const told = ({ car, to }: Stay): CarSpec =>
      chance(telling, tell) ? { ...car, says: { energyWh: car.energyNeedWh, departAt: at(to) } } : car;
    const next = (): void => {
      const { value: stay } = coming.next();
      // Who is there from the beginning comes within ten seconds.
      const arrivesAt = Math.max(at(stay.from), startedAt + random() * 10_000);
      wait(arrivesAt, () => {
        if (station.outlet(evseId).car === null) station.plugIn(evseId, alter(told(stay), altering));
        wait(at(stay.to), () => {
          station.unplug(evseId);
          next();
        });
      });
    };
    next();
  };

  for (const station of stations) for (const evseId of station.evseIds) serve(station, evseId);
  return {
    close: () => {
      for (const timer of timers.values()) timer.cancel();
    },
  };
}
