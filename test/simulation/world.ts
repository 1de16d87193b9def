// The whole engine and a whole site in one process on a virtual clock: real ingress, optimizer and
// command service over the log in memory, simulated stations over sockets in memory. One seed is
// one history.

import { startCommandService } from '@ampledger/command';
import { type DomainEvent, eventFor, type SiteConfig } from '@ampledger/domain';
import { createIngress, type Ingress } from '@ampledger/ingress';
import { type NodeId, nodeId, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { startOptimizer } from '@ampledger/optimizer';
import { findStation, type Projection, startProjection } from '@ampledger/projection';
import {
  type ArrivalProfile,
  type ArrivalsOptions,
  createArrivals,
  createFleet,
  createRandom,
  type Fleet,
  type StationSpec,
} from '@ampledger/simulator';
import { createJudge, type Judge, type JudgeOptions } from './judge.js';
import { memoryDial } from './memory-dial.js';

export interface WorldOptions {
  readonly seed: number;
  readonly config: SiteConfig;
  readonly stations: readonly StationSpec[];
  readonly meterIntervalS: number;
  readonly arrivals: ArrivalProfile;
  /** Makes another car of each that comes. */
  readonly alter?: ArrivalsOptions['alter'];
  /** What the judge is not to hold against the engine. */
  readonly unseen?: (fleet: Fleet, clock: VirtualClock) => JudgeOptions['unseen'];
}

export interface World {
  readonly clock: VirtualClock;
  readonly fleet: Fleet;
  readonly judge: Judge;
  readonly projection: Projection;
  readonly log: ReturnType<typeof createMemoryLog>;
  readonly startedAt: number;
  /** Caps the site as an operator does; null lifts the cap. */
  cap(limitA: number | null): Promise<void>;
  close(): Promise<void>;
}

const START = Date.UTC(2026, 2, 2, 5);
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ROOT: NodeId = nodeId('grid');

export async function createWorld({
  seed,
  config,
  stations,
  meterIntervalS,
  arrivals: profile,
  alter,
  unseen,
}: WorldOptions): Promise<World> {
  const clock = new VirtualClock(START);
  const random = createRandom(`world/${seed}`);
  const log = createMemoryLog();
  const publish = async (event: DomainEvent, idParts: readonly (string | number)[]): Promise<void> => {
    await log.bus.publish([eventFor({ event, site: config.id, receivedAt: clock.now(), idParts })]);
  };
  await publish({ type: 'SiteConfigured', data: { site: config, origin: 'file' } }, [0]);
  const projection = await startProjection({ ...log, snapshotEvery: 0 });
  const ingress: Ingress = createIngress({
    bus: log.bus,
    directory: { find: (station) => findStation(projection, station) },
    clock,
    pseudonymKey: Buffer.alloc(32, seed),
    log: QUIET,
  });
  // What fails in a service ends a process; here it ends the seed.
  const failed: unknown[] = [];
  const watch = (promise: Promise<never>): void => void promise.catch((error: unknown) => failed.push(error));
  const optimizer = startOptimizer({ bus: log.bus, projection, clock });
  const command = startCommandService({ bus: log.bus, projection, clock });
  for (const { failed: promise } of [projection, ingress, optimizer, command]) watch(promise);
  const dial = memoryDial({ ingress, clock, latencyMs: () => 5 + random() * 45 });
  const fleet = createFleet({
    seed,
    stations,
    voltageV: config.voltageV,
    clock,
    dial,
    meterIntervalS,
    startWithinMs: 30_000,
  });
  const arrivals = createArrivals({
    seed,
    clock,
    stations: fleet.stations,
    profile,
    ...(alter === undefined ? {} : { alter }),
  });
  let capA: number | null = null;
  const rated = new Map(
    config.nodes.map((node) => [node.id as string, node.limitA?.[0] ?? Number.POSITIVE_INFINITY]),
  );
  const limitA = (node: string): number =>
    Math.min(rated.get(node) ?? 0, node === ROOT && capA !== null ? capA : Number.POSITIVE_INFINITY);
  const beyond = unseen?.(fleet, clock);
  const judge = createJudge({
    fleet,
    config,
    clock,
    limitA,
    ...(beyond === undefined ? {} : { unseen: beyond }),
  });
  return {
    clock,
    fleet,
    judge,
    projection,
    log,
    startedAt: START,
    async cap(limit) {
      capA = limit;
      await publish(capEvent(config, limit, clock.now()), [clock.now()]);
    },
    async close() {
      if (failed.length > 0) throw failed[0];
      arrivals.close();
      fleet.close();
      await Promise.all([optimizer.close(), command.close()]);
      const closing = ingress.close();
      await clock.advance(2_000);
      await closing;
      await projection.close();
    },
  };
}

function capEvent(config: SiteConfig, limit: number | null, now: number): DomainEvent {
  if (limit === null)
    return { type: 'EnvelopeRemoved', data: { site: config.id, source: 'operator', node: ROOT } };
  return {
    type: 'EnvelopeSet',
    data: {
      site: config.id,
      source: 'operator',
      node: ROOT,
      limitA: [limit, limit, limit],
      limitW: null,
      from: null,
      to: null,
      fallback: null,
      silenceS: null,
      heardAt: now,
    },
  };
}
