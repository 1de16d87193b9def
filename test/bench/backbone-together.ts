// Everybody at once: the pace of every day, what one event costs each process, and who takes over from whom.

import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningService, Started } from './backbone-processes.js';
import { drain } from './backbone-record.js';
import {
  MB,
  meter,
  meterWithin,
  onTopic,
  QUIET_MS,
  type Running,
  serviceSettings,
  settled,
  startIngress,
  timed,
  until,
} from './backbone-running.js';
import { spanOf } from './backbone-stations.js';

const IDLE_MS = 4_000;
const LOOKS_MAX = 60;
/** More than when nothing happens by no more than 10 % of a core. */
const QUIET_US_PER_MS = 100;
/** Everybody, and every station with one message each so often. */
export async function pace(running: Running, recording: RunningService): Promise<void> {
  const { cluster, stations, ingress, bus, options, figures } = running;
  // From here on as it is usually set.
  await recording.stop();
  const recorder = await cluster.start('recorder');
  const services: RunningService[] = [ingress, recorder];
  for (const name of ['optimizer', 'command', 'api'] as const) {
    const { value, ms } = await timed(() => cluster.start(name, serviceSettings(name, cluster)));
    figures[`${name}ReadyS`] = ms / 1_000;
    services.push(value);
    // Before the API is there, which copies what follows from it.
    if (name === 'command')
      figures.commissionedS = (ms + (await timed(() => settled(bus))).ms - QUIET_MS) / 1_000;
  }
  const durationMs = Math.max(options.seconds * 1_000, options.intervalMs);
  const all: readonly (Started | undefined)[] = [...services, cluster.broker, cluster.store];
  const span = spanOf(options.intervalMs, durationMs);
  const [rates, usPerMs, before] = await Promise.all([
    stations.tell({ kind: 'pace', intervalMs: options.intervalMs, ...span }),
    meterWithin(span, ...all),
    wait(options.intervalMs).then(() => onTopic(bus)),
  ]);
  if (rates.errors > 0) throw new Error(`${rates.errors} messages were answered with an error`);
  figures.pacedPerS = rates.perS;
  figures.pacedP50Ms = rates.p50Ms;
  figures.pacedP99Ms = rates.p99Ms;
  figures.eventsPerMessage = ((await onTopic(bus)) - before) / rates.answers;
  all.forEach((one, i) => {
    if (one === undefined) return;
    figures[`${nameOf(one)}CpuPercent`] = (usPerMs[i] ?? Number.NaN) / 10;
    figures[`${nameOf(one)}Mb`] = one.usage().rssBytes / MB;
  });
  await costs(running, recorder, all);
  const optimizer = services.find(({ name }) => name === 'optimizer');
  if (optimizer !== undefined) await takeOver(running, optimizer);
}

/** How long a partition has no optimizer: when the one that had them all is killed, and when it is told to end. */
async function takeOver({ cluster, figures }: Running, first: RunningService): Promise<void> {
  const owned = async (one: RunningService): Promise<number> =>
    (await one.admin<{ deciding: number }>('owned')).deciding;
  const nextOf = async (before: RunningService, name: string): Promise<RunningService> => {
    const next = await cluster.start('optimizer', { AMPLEDGER_INSTANCE: name });
    const shared = async (): Promise<boolean> =>
      (await owned(before)) + (await owned(next)) === cluster.partitions && (await owned(next)) > 0;
    await until('both optimizers have partitions', shared);
    return next;
  };
  const takenBy = async (next: RunningService): Promise<void> =>
    until('the other optimizer has all partitions', async () => (await owned(next)) === cluster.partitions);
  const second = await nextOf(first, 'optimizer-2');
  const killed = await timed(async () => {
    await first.stop('SIGKILL');
    await takenBy(second);
  });
  const third = await nextOf(second, 'optimizer-3');
  const ended = await timed(async () => {
    const gone = second.stop();
    await takenBy(third);
    await gone;
  });
  figures.takenAfterKillS = killed.ms / 1_000;
  figures.takenAfterEndS = ended.ms / 1_000;
}

/**
 * What one message costs everybody: a load, and until all is done that follows from it, less what they take when
 * nothing happens. One more ingress without stations shows what it costs to follow.
 */
async function costs(
  { cluster, stations, bus, options, figures }: Running,
  recorder: RunningService,
  services: readonly (Started | undefined)[],
): Promise<void> {
  const { ingress } = await startIngress(cluster);
  const follower = { ...ingress, name: 'follower' };
  const all = [follower, ...services];
  await settled(bus);
  const idle = meter(...all);
  await wait(IDLE_MS);
  const idleUsPerMs = idle();
  const from = performance.now();
  const cpu = meter(...all);
  let before = all.map((one) => one?.usage().cpuUs ?? 0);
  const events = await onTopic(bus);
  const { errors } = await stations.tell({ kind: 'saturate', ...spanOf(0, options.seconds * 1_000) });
  if (errors > 0) throw new Error(`${errors} messages were answered with an error`);
  await drain(recorder, bus, cluster);
  // Whoever is behind still works.
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    await wait(IDLE_MS / 4);
    const now = all.map((one) => one?.usage().cpuUs ?? 0);
    const isQuiet = now.every(
      (cpuUs, i) => cpuUs - (before[i] ?? 0) < (IDLE_MS / 4) * ((idleUsPerMs[i] ?? 0) + QUIET_US_PER_MS),
    );
    before = now;
    if (isQuiet) break;
  }
  const usedUsPerMs = cpu();
  const elapsedMs = performance.now() - from;
  const count = (await onTopic(bus)) - events;
  all.forEach((one, i) => {
    if (one === undefined) return;
    figures[`${nameOf(one)}IdlePercent`] = (idleUsPerMs[i] ?? Number.NaN) / 10;
    figures[`${nameOf(one)}EventUs`] =
      (((usedUsPerMs[i] ?? Number.NaN) - (idleUsPerMs[i] ?? 0)) * elapsedMs) / count;
  });
  figures.followerMb = follower.usage().rssBytes / MB;
}

const nameOf = ({ name }: Started): string => (name === 'event store' ? 'store' : name);
