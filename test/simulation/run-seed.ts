// One seed: a simulated day at the depot, with a cap to 30 % for two hours, and its findings.

import { createRandom, type Fleet } from '@ampledger/simulator';
import { depotConfig, depotStations, GRID_A, isBad } from './depot.js';
import type { Overload } from './judge.js';
import { createWorld, type World } from './world.js';

/**
 * The reaction time: how long a node may be over its limit after the limit fell or a station did
 * what nobody could know of in advance. Two seconds for a cut to reach the stations that answer; ten
 * until a station that does not answer is counted at its worst and the others are cut further; and
 * for a station that stops obeying, one meter interval until it shows, and the twenty seconds that
 * it may take to obey. Rounded up to the judge's step.
 */
export const METER_INTERVAL_S = 300;
export const REACTION_S = { cut: 30, disobedience: METER_INTERVAL_S + 60 };
const STEP_MS = 10_000;
const HOUR = 3_600_000;

export interface SeedResult {
  readonly seed: number;
  readonly overloads: readonly Overload[];
  readonly longestOverloadMs: number;
  /** Stays of behaving stations that were long enough to count. */
  readonly stays: number;
  /** Jain's index of what they got over what they could have taken. */
  readonly fairness: number;
  readonly leastServed: number;
  readonly deliveredKwh: number;
  readonly events: number;
}

interface Stay {
  readonly share: number;
  readonly deliveredWh: number;
}

export async function runSeed(seed: number): Promise<SeedResult> {
  const random = createRandom(`day/${seed}`);
  const config = depotConfig();
  const arrivals = seed % 5 === 0 ? 'busy' : 'workday';
  const world = await createWorld({ seed, config, stations: depotStations(random), meterIntervalS: METER_INTERVAL_S, arrivals });
  const stays = watchStays(world.fleet);
  const capAt = world.startedAt + (4 + random() * 4) * HOUR;
  await until(world, capAt);
  await world.cap(0.3 * GRID_A);
  await until(world, capAt + 2 * HOUR);
  await world.cap(null);
  await until(world, world.startedAt + 24 * HOUR);
  const counted = stays();
  const result: SeedResult = {
    seed,
    overloads: world.judge.longerThan(REACTION_S.cut * 1000),
    longestOverloadMs: world.judge.longestMs(),
    stays: counted.length,
    fairness: jain(counted.map(({ share }) => share)),
    leastServed: Math.min(1, ...counted.map(({ share }) => share)),
    deliveredKwh: Math.round(counted.reduce((sum, { deliveredWh }) => sum + deliveredWh, 0) / 1000),
    events: world.projection.position,
  };
  await world.close();
  return result;
}

async function until(world: World, at: number): Promise<void> {
  while (world.clock.now() < at) {
    await world.clock.runUntil(Math.min(at, world.clock.now() + STEP_MS));
    world.judge.look();
  }
}

/** Collects what each stay of an hour or more at a behaving station got of what it could have taken. */
function watchStays(fleet: Fleet): () => readonly Stay[] {
  const since = new Map<string, { at: number; couldTakeW: number }>();
  const stays: Stay[] = [];
  const good = new Set(fleet.stations.filter((_, i) => !isBad(i)).map((station) => station.id));
  fleet.subscribe((event) => {
    if (!good.has(event.station)) return;
    const station = fleet.station(event.station);
    if (event.kind === 'plugged-in' && station) {
      const { car } = station.outlet(event.evseId);
      if (car) since.set(event.station, { at: event.at, couldTakeW: car.maxA * Math.min(car.phases, 3) * 230 });
    }
    if (event.kind === 'unplugged') {
      const stay = since.get(event.station);
      if (stay === undefined || event.at - stay.at < HOUR) return;
      const couldTakeWh = Math.min(event.needWh, (stay.couldTakeW * (event.at - stay.at)) / HOUR);
      stays.push({ share: event.deliveredWh / couldTakeWh, deliveredWh: event.deliveredWh });
    }
  });
  return () => stays;
}

function jain(shares: readonly number[]): number {
  const sum = shares.reduce((a, b) => a + b, 0);
  const squares = shares.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
