// What the steps of the backbone benchmark share: the running cluster, and looks at it.

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { eventFor } from '@ampledger/domain';
import type { KafkaBus } from '@ampledger/kafka-bus';
import { now } from './backbone-clock.js';
import type { Span } from './backbone-fleet.js';
import type { Cluster, RunningService, Service, Started } from './backbone-processes.js';
import { type Stations, siteConfigs } from './backbone-stations.js';

export const QUIET_MS = 2_000;
export const SETTLE_MS_MAX = 240_000;
export const LOOK_MS = 100;
export const MB = 1_048_576;
/** Of the recorder here: often enough that a short run has some. */
const SNAPSHOT_EVERY = 2_000;
export interface ScaleOptions {
  readonly parent: string;
  readonly partitions: number;
  readonly stations: number;
  readonly perSite: number;
  readonly seconds: number;
  readonly intervalMs: number;
  /** Which steps to take: `ingress`, `recorder`, `rebuild`, `paced`; each needs those before it. */
  readonly steps: ReadonlySet<string>;
}

export interface Running {
  readonly options: ScaleOptions;
  readonly cluster: Cluster;
  readonly bus: KafkaBus;
  readonly stations: Stations;
  readonly ingress: RunningService;
  readonly figures: Record<string, number>;
}

export async function configure(bus: KafkaBus, sites: number, each: number): Promise<void> {
  const events = siteConfigs(sites, each).map((site) =>
    eventFor({
      event: { type: 'SiteConfigured', data: { site, origin: 'file' } },
      site: site.id,
      receivedAt: Date.now(),
      idParts: ['bench'],
    }),
  );
  for (let from = 0; from < events.length; from += 100) await bus.publish(events.slice(from, from + 100));
}

export async function startIngress(
  cluster: Cluster,
): Promise<{ readonly ingress: RunningService; readonly url: string }> {
  const ingress = await cluster.start('ingress', {
    AMPLEDGER_OCPP_PORT: '0',
    AMPLEDGER_PSEUDONYM_KEY: '5a'.repeat(32),
  });
  const { port } = await ingress.admin<{ port: number }>('connections');
  return { ingress, url: `ws://127.0.0.1:${port}/ocpp` };
}

export const serviceSettings = (
  service: Service,
  { directory }: Cluster,
): Readonly<Record<string, string>> => {
  if (service === 'api') return { AMPLEDGER_PORT: '0', AMPLEDGER_DATA: join(directory, 'api') };
  return service === 'recorder' ? { AMPLEDGER_SNAPSHOT_EVERY: String(SNAPSHOT_EVERY) } : {};
};

/** Processor time of each process, microseconds in a millisecond, since the call. */
export function meter(...processes: readonly (Started | undefined)[]): () => readonly number[] {
  const usages = (): number[] => processes.map((one) => one?.usage().cpuUs ?? Number.NaN);
  const before = usages();
  const startedAt = now();
  return () => {
    const ms = now() - startedAt;
    return usages().map((cpuUs, i) => (cpuUs - (before[i] ?? 0)) / ms);
  };
}

/** The same, within a span that lies ahead. */
export async function meterWithin(
  { fromAt, toAt }: Span,
  ...processes: readonly (Started | undefined)[]
): Promise<readonly number[]> {
  await wait(fromAt - now());
  const read = meter(...processes);
  await wait(toAt - now());
  return read();
}

export async function onTopic(bus: KafkaBus): Promise<number> {
  const ends = Array.from({ length: bus.partitions }, (_, partition) => bus.offsets(partition));
  return (await Promise.all(ends)).reduce((sum, { next }) => sum + next, 0);
}

export async function timed<T>(task: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const from = performance.now();
  const value = await task();
  return { value, ms: performance.now() - from };
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineAt = performance.now() + SETTLE_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > deadlineAt) throw new Error(`Not in time: ${what}`);
    await wait(LOOK_MS);
  }
}

/** Nothing new on the bus for a while. */
export async function settled(bus: KafkaBus): Promise<void> {
  const deadlineAt = performance.now() + SETTLE_MS_MAX;
  let last = -1;
  let since = performance.now();
  while (performance.now() < deadlineAt) {
    const events = await onTopic(bus);
    if (events !== last) since = performance.now();
    last = events;
    if (performance.now() - since > QUIET_MS) return;
    await wait(LOOK_MS);
  }
  throw new Error('The bus did not come to rest');
}
