// One seed of the days of phases: the cap falls to a half for ten hours while cars change their phases.

import { currentOn, ledgerInput, phasesInUse, topologyOf } from '@ampledger/domain';
import { addPhases, type PerPhase, ZERO } from '@ampledger/kernel';
import { createRandom, type Fleet } from '@ampledger/simulator';
import type { Overload, Tally } from './judge.js';
import { newPhases } from './new-phases.js';
import { changing, type DaySize, phasesConfig, phasesStations } from './phases-depot.js';
import { lasted, METER_INTERVAL_S, REACTION_S, until } from './run-seed.js';
import { createWorld, type World } from './world.js';

const HOUR = 3_600_000;
/** From a change of the cap to the allocation that keeps it. */
const CYCLE_MS = 1_000;
/** From the reading that shows a phase to the last cut: those who do not answer are counted after ten seconds. */
const CUTS_S = 60;

export interface PhasesResult {
  readonly seed: number;
  readonly violations: readonly Overload[];
  /** Amperes by phase of all limits, one control cycle after the cap fell. */
  readonly allocatedA: PerPhase;
  readonly capA: number;
  /** Cars that took up a phase in mid-session. */
  readonly changes: number;
  /** Connectors whose limit counted on fewer phases than it is wired to, at the hour when they were most. */
  readonly narrowed: number;
  readonly served: number;
}

export async function runPhasesSeed(seed: number, size: DaySize): Promise<PhasesResult> {
  const random = createRandom(`phases/${seed}`);
  const config = phasesConfig(size);
  const capA = Math.floor((config.nodes[0]?.limitA?.[0] ?? 0) / 2);
  const stations = phasesStations(random, size);
  const { meterStaleS, obeyWithinS } = config.control;
  // A meter that falls silent just then is noticed when it has been stale for as long again.
  const silent = new Set(
    stations
      .filter(({ behaviour }) => behaviour && LATE.some((name) => name in behaviour))
      .map(({ id }) => id),
  );
  const withinS = (id: string): number =>
    (silent.has(id) ? 2 * meterStaleS : METER_INTERVAL_S) + obeyWithinS + CUTS_S;
  const world = await createWorld({
    seed,
    config,
    stations,
    meterIntervalS: METER_INTERVAL_S,
    arrivals: seed % size.busyEvery === 0 ? 'busy' : 'workday',
    alter: changing,
    unseen: (fleet, clock) => newPhases(fleet, clock, withinS),
  });
  const counts = countEvents(world.fleet);
  const capAt = world.startedAt + (size.capFromH + random() * size.capWithinH) * HOUR;
  await until(world, capAt);
  await world.cap(capA);
  await world.clock.advance(CYCLE_MS);
  const allocatedA = allocated(world);
  let narrowed = 0;
  for (let hour = 1; hour <= size.cappedH; hour++) {
    await until(world, capAt + hour * HOUR);
    narrowed = Math.max(narrowed, narrowedNow(world));
  }
  await world.cap(null);
  await until(world, world.startedAt + size.hours * HOUR);
  const violations = (['held', 'drawn'] as const).flatMap((tally) => longer(world, tally));
  await world.close();
  return { seed, violations, allocatedA, capA, narrowed, ...counts() };
}

/** Whose readings may be late or missing. */
const LATE = ['meterGoesSilent', 'goesOffline', 'goesSilent', 'buffersAndReplays', 'reboots'] as const;

const longer = (world: World, tally: Tally): readonly Overload[] =>
  world.judge.overloads(tally).filter((overload) => lasted(overload) > REACTION_S[tally]);

function* placedConnectors({ projection }: World) {
  for (const id of projection.siteIds()) {
    const state = projection.state(id);
    if (state === undefined) continue;
    for (const placed of topologyOf(state.config).connectors)
      yield { state, placed, input: ledgerInput(state, placed) };
  }
}

/** What is allocated, on the phases that it counts on. */
function allocated(world: World): PerPhase {
  let sum = ZERO;
  for (const { state, input } of placedConnectors(world)) {
    const limitA = input.connector.allocation?.limitA ?? 0;
    sum = addPhases(sum, currentOn(state.config.wiring, phasesInUse(input, world.clock.now()), limitA));
  }
  return sum;
}

const narrowedNow = (world: World): number =>
  [...placedConnectors(world)].filter(
    ({ input }) => phasesInUse(input, world.clock.now()).length < input.config.phases.length,
  ).length;

function countEvents(fleet: Fleet): () => { readonly changes: number; readonly served: number } {
  const phases = new Map<string, { readonly car: object; readonly count: number }>();
  let changes = 0;
  let served = 0;
  fleet.subscribe((event) => {
    if (event.kind === 'unplugged' && event.deliveredWh > 0.9 * event.needWh) served++;
    if (event.kind !== 'draw-changed') return;
    const outlet = fleet.station(event.station)?.outlet(event.evseId);
    if (!outlet?.car) return;
    const key = `${event.station}/${event.evseId}`;
    const before = phases.get(key);
    const count = outlet.phasesInUse.length;
    if (before?.car === outlet.car && count > before.count) changes++;
    phases.set(key, { car: outlet.car, count });
  });
  return () => ({ changes, served });
}
