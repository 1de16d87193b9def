// The demo's stations and drivers: real sockets, short stays, batteries that fill sixty times as fast.

import type { SiteConfig } from '@ampledger/domain';
import { type Clock, sleep } from '@ampledger/kernel';
import { createFleet, createRandom, type Fleet, randomCar, webSocketDial } from '@ampledger/simulator';
import type { Log } from '../log.js';
import { startDrivers } from '../simulate/drivers.js';
import { passOnNeeds } from '../simulate/pass-on-needs.js';
import { stationsOfSite } from '../simulated-site.js';

export interface DemoFleet {
  /** Drivers unplug, and stations say so while there is time. */
  leave(): Promise<void>;
}

export const BATTERY_SPEED = 60;
/** Drivers hurry less than batteries, so that one can watch a car being served. */
const DRIVER_SPEED = 25;
const METER_S = 5;
const START_WITHIN_MS = 1_500;
const LEAVE_MS_MAX = 600;
const LEAVE_STEP_MS = 20;
/** Share of the outlets that have a car when the demo begins. */
const THERE_AT_START = 0.6;
const NEED_AT_START = { lowWh: 6_000, highWh: 20_000, stayMs: 90 * 60_000 };
/** Share of the drivers who say what they want and when they leave: enough to see what is made of it. */
const TELL = 0.6;
const LEAVES_AFTER_MS = { from: 90_000, to: 300_000 } as const;

export interface DemoPlace {
  readonly ocppUrl: string;
  /** null: with tokens, drivers have no app to say anything with. */
  readonly apiUrl: string | null;
}

export function startDemoFleet(
  site: SiteConfig,
  { ocppUrl, apiUrl }: DemoPlace,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): DemoFleet {
  // The time is the seed: transactions of an earlier run must not come again.
  const seed = clock.now();
  const fleet = createFleet({
    seed,
    clock,
    stations: stationsOfSite(site, 'both'),
    voltageV: site.voltageV,
    dial: webSocketDial({ url: ocppUrl }),
    meterIntervalS: METER_S,
    speed: BATTERY_SPEED,
    startWithinMs: START_WITHIN_MS,
  });
  const passedOn =
    apiUrl === null
      ? undefined
      : passOnNeeds(fleet, { site: site.id, apiUrl }, { clock, onFailure: (text) => log.warn({}, text) });
  plugInSome(fleet, seed);
  const arrivals = startDrivers({
    seed,
    clock,
    fleet,
    site,
    profile: 'busy',
    speed: DRIVER_SPEED,
    tell: TELL,
  });
  return {
    async leave() {
      arrivals.close();
      passedOn?.close();
      for (const station of fleet.stations) for (const evseId of station.evseIds) station.unplug(evseId);
      for (let waitedMs = 0; waitedMs < LEAVE_MS_MAX; waitedMs += LEAVE_STEP_MS) {
        if (fleet.stations.every(({ queued, connected }) => queued === 0 || !connected)) break;
        await sleep(clock, LEAVE_STEP_MS);
      }
      fleet.close();
    },
  };
}

function plugInSome(fleet: Fleet, seed: number): void {
  const random = createRandom(`${seed}/start`);
  for (const station of fleet.stations) {
    for (const evseId of station.evseIds) {
      if (random() >= THERE_AT_START) continue;
      const car = randomCar(random, NEED_AT_START);
      const stayMs = LEAVES_AFTER_MS.from + random() * (LEAVES_AFTER_MS.to - LEAVES_AFTER_MS.from);
      const says = { energyWh: car.energyNeedWh, departAt: Math.round(seed + stayMs) };
      station.plugIn(evseId, random() < TELL ? { ...car, says } : car);
    }
  }
}
