// The demo's stations and drivers: real sockets, short stays, batteries that fill sixty times as fast.

import type { SiteConfig } from '@ampledger/domain';
import { type Clock, sleep } from '@ampledger/kernel';
import {
  createArrivals,
  createFleet,
  createRandom,
  type Fleet,
  randomCar,
  webSocketDial,
} from '@ampledger/simulator';
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

export function startDemoFleet(site: SiteConfig, ocppUrl: string, clock: Clock): DemoFleet {
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
  plugInSome(fleet, seed);
  const arrivals = createArrivals({
    seed,
    clock,
    stations: fleet.stations,
    profile: 'busy',
    speed: DRIVER_SPEED,
  });
  return {
    async leave() {
      arrivals.close();
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
      if (random() < THERE_AT_START) station.plugIn(evseId, randomCar(random, NEED_AT_START));
    }
  }
}
