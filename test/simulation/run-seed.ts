// One seed: a simulated day at the depot, with a cap to 30 % for two hours, and its findings.

import { type ArrivalProfile, createRandom, type Fleet } from '@ampledger/simulator';
import { depotConfig, depotStations, GRID_A, isBad } from './depot.js';
import type { Overload, Tally } from './judge.js';
import { createWorld, type World } from './world.js';

export const METER_INTERVAL_S = 300;
/**
 * Reaction times: how long a node may be over after its limit fell or a station did what nobody
 * could know of in advance.
 *
 * By what stations hold: a cut reaches the stations that answer within two seconds; one that does
 * not answer is counted at its worst after ten, and the others are cut further. Rounded up to two of
 * the judge's steps.
 *
 * By what stations draw: one that stops obeying shows it with its next meter values, and may take
 * twenty seconds to obey before it is held against it.
 */
export const REACTION_S = { held: 20, drawn: METER_INTERVAL_S + 60 };
const STEP_MS = 10_000;
const HOUR = 3_600_000;

export interface SeedResult {
  readonly seed: number;
  readonly arrivals: ArrivalProfile;
  /** Spans over a limit that lasted longer than the reaction time. */
  readonly violations: readonly Overload[];
  readonly longestS: { readonly held: number; readonly drawn: number };
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
  const arrivals: ArrivalProfile = seed % 20 === 0 || seed % 20 === 5 ? 'busy' : 'workday';
  const world = await createWorld({
    seed,
    config,
    stations: depotStations(random),
    meterIntervalS: METER_INTERVAL_S,
    arrivals,
  });
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
    arrivals,
    violations: [...longer(world, 'held'), ...longer(world, 'drawn')],
    longestS: { held: longestS(world, 'held'), drawn: longestS(world, 'drawn') },
    stays: counted.length,
    fairness: jain(counted.map(({ share }) => share)),
    leastServed: Math.min(1, ...counted.map(({ share }) => share)),
    deliveredKwh: Math.round(counted.reduce((sum, { deliveredWh }) => sum + deliveredWh, 0) / 1000),
    events: world.projection.position,
  };
  await world.close();
  return result;
}

export const lasted = ({ fromAt, untilAt }: Overload): number => (untilAt - fromAt) / 1000;
const longer = (world: World, tally: Tally): readonly Overload[] =>
  world.judge.overloads(tally).filter((overload) => lasted(overload) > REACTION_S[tally]);
const longestS = (world: World, tally: Tally): number =>
  Math.max(0, ...world.judge.overloads(tally).map(lasted));

export async function until(world: World, at: number): Promise<void> {
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
      if (car)
        since.set(event.station, { at: event.at, couldTakeW: car.maxA * Math.min(car.phases, 3) * 230 });
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
