// From Kafka to the store, and back: how fast the recorder is, and how fast all is built anew from what it wrote.

import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaBus } from '@ampledger/kafka-bus';
import { createKurrentSnapshots, openKurrentStore } from '@ampledger/kurrent-store';
import { placeOf, positionOf } from '@ampledger/ports';
import {
  OFFSETS_AHEAD_MAX,
  rebuildPartition,
  recordedEvent,
  restorePartition,
  streamPrefixOf,
} from '@ampledger/recording';
import type { KafkaMessage } from 'kafkajs';
import type { Figures } from './backbone-figures.js';
import type { Cluster, RunningService } from './backbone-processes.js';
import { type RawAppend, rawAppend, rawReadAll, rawReadFiltered, readTopic } from './backbone-raw.js';
import {
  LOOK_MS,
  MB,
  meter,
  onTopic,
  QUIET_MS,
  type Running,
  SETTLE_MS_MAX,
  serviceSettings,
  timed,
} from './backbone-running.js';
import { sizeOf } from './backbone-sizes.js';

/** Of bare appends: enough for a steady rate. */
const RAW_EVENTS_MAX = 40_000;

export async function record(running: Running): Promise<RunningService> {
  const { cluster, bus, figures } = running;
  const storeBefore = cluster.store ? sizeOf(cluster.storeDirectory, /./) : 0;
  const recorder = await cluster.start('recorder', serviceSettings('recorder', cluster));
  const drained = await drain(recorder, bus, cluster);
  Object.assign(figures, drained);
  const events = await onTopic(bus);
  figures.historyEvents = events;
  await wait(QUIET_MS);
  figures.recorderMb = recorder.usage().rssBytes / MB;
  if (cluster.store) figures.storeBytes = (sizeOf(cluster.storeDirectory, /./) - storeBefore) / events;
  return recorder;
}

/** After all that reads the store: what it writes is in nobody's way then. */
export async function appendBare({ cluster, options, figures }: Running): Promise<void> {
  const { messages, perS } = await readTopic(cluster.bootstrap, cluster.topic);
  figures.rawConsumePerS = perS;
  const raw = await rawAppend(cluster.storeUrl, recorderBatches(messages, options.partitions, cluster.topic));
  figures.rawAppendPerS = raw.perS;
  figures.rawAppendUs = raw.cpuUs;
  figures.eventsPerAppend = raw.events / raw.appends;
  figures.recordedBytes = raw.bytes / raw.events;
  figures.recorderOfRaw = (figures.recorderPerS ?? Number.NaN) / raw.perS;
}

interface RecordedTo {
  readonly recordedTo: number;
}

/** From the first event in the store to the last. */
export async function drain(recorder: RunningService, bus: KafkaBus, cluster: Cluster): Promise<Figures> {
  const wanted = await onTopic(bus);
  const deadlineAt = performance.now() + SETTLE_MS_MAX;
  const recorded = async (): Promise<number> => {
    const partitions = await recorder.admin<readonly RecordedTo[]>('partitions');
    return partitions.reduce((sum, { recordedTo }) => sum + recordedTo + 1, 0);
  };
  let first = { at: 0, events: 0 };
  let cpu = meter();
  for (;;) {
    const events = await recorded();
    const at = performance.now();
    if (first.at === 0 && events > 0) {
      first = { at, events };
      cpu = meter(recorder, cluster.store, cluster.broker);
    }
    if (events >= wanted) {
      const count = Math.max(1, events - first.events);
      const seconds = (at - first.at) / 1_000;
      const [recorderUs = Number.NaN, storeUs = Number.NaN] = cpu().map(
        (usPerMs) => (usPerMs * (at - first.at)) / count,
      );
      return { recorderPerS: count / seconds, recorderUs, storeUs, drainS: seconds };
    }
    if (at > deadlineAt) throw new Error(`The recorder has ${events} of ${wanted} events`);
    await wait(LOOK_MS);
  }
}

/** What the recorder would append of these messages: at most so many a batch, by stream. */
function recorderBatches(
  messages: readonly (readonly KafkaMessage[])[],
  partitions: number,
  topic: string,
): readonly (readonly RawAppend[])[] {
  const batches: RawAppend[][] = [];
  let events = 0;
  for (const [partition, all] of messages.entries()) {
    for (let from = 0; from < all.length && events < RAW_EVENTS_MAX; from += OFFSETS_AHEAD_MAX) {
      const some = all.slice(from, from + OFFSETS_AHEAD_MAX);
      batches.push(appendsOf(some, { partition, partitions, topic, done: from - 1 }));
      events += some.length;
    }
  }
  return batches;
}

function appendsOf(
  messages: readonly KafkaMessage[],
  {
    partition,
    partitions,
    topic,
    done,
  }: { partition: number; partitions: number; topic: string; done: number },
): RawAppend[] {
  const streams = new Map<string, { type: string; data: object; metadata: object }[]>();
  for (const { headers = {}, key, value, offset } of messages) {
    const { data, meta } = JSON.parse(String(value)) as Parameters<typeof recordedEvent>[0];
    const [id = '', stream = '', type = ''] = ['id', 'stream', 'type'].map((name) => String(headers[name]));
    const place = placeOf(positionOf({ partition, offset: Number(offset) }, partitions), partitions);
    const event = { id, key: String(key), stream, type, version: 1, data, meta };
    const made = recordedEvent(event, { topic, ...place }, Math.max(done, place.offset - OFFSETS_AHEAD_MAX));
    const list = streams.get(`raw-${made.stream}`) ?? [];
    list.push({ type, data, metadata: { key: made.key, version: 1, ...made.meta } });
    streams.set(`raw-${made.stream}`, list);
  }
  return [...streams].map(([stream, events]) => ({ stream, events }));
}

export async function rebuild({ cluster, options, figures }: Running): Promise<void> {
  const partitions = Array.from({ length: options.partitions }, (_, partition) => partition);
  const store = await openKurrentStore({ url: cluster.storeUrl });
  const { topic } = cluster;
  try {
    const snapshots = createKurrentSnapshots(store);
    const of = (partition: number) => ({ store, topic, partition, partitions: options.partitions });
    figures.rawReadAllPerS = await rawReadAll(cluster.storeUrl);
    const raw = { events: 0, ms: 0 };
    const own = { events: 0, ms: 0 };
    const quick = { events: 0, ms: 0, sites: 0, worstMs: 0 };
    for (const partition of partitions) {
      const read = await rawReadFiltered(cluster.storeUrl, streamPrefixOf(partition));
      raw.events += read.events;
      raw.ms += read.ms;
      const rebuilt = await timed(() => rebuildPartition(of(partition)));
      own.events += rebuilt.value.eventsRead;
      own.ms += rebuilt.ms;
      const restored = await timed(() => restorePartition({ ...of(partition), snapshots }));
      quick.events += restored.value.eventsRead;
      quick.sites += restored.value.snapshotsUsed;
      quick.ms += restored.ms;
      quick.worstMs = Math.max(quick.worstMs, restored.ms);
    }
    figures.rawReadPerS = (raw.events * 1_000) / raw.ms;
    figures.rebuildPerS = (own.events * 1_000) / own.ms;
    figures.rebuildOfRaw = figures.rebuildPerS / figures.rawReadPerS;
    figures.rebuildS = own.ms / 1_000;
    figures.restoreS = quick.ms / 1_000;
    figures.restoreWorstMs = quick.worstMs;
    figures.restoreEvents = quick.events;
    figures.restoreSites = quick.sites;
  } finally {
    await store.close();
  }
}
