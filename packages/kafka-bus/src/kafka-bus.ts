// The bus over Kafka: puts publisher, readers and membership together.

import { systemClock } from '@ampledger/kernel';
import {
  type Bus,
  type NewEvent,
  type Ownership,
  PortError,
  type Published,
  type Subscription,
} from '@ampledger/ports';
import type { Kafka } from 'kafkajs';
import { Batcher } from './batcher.js';
import { createKafka } from './client.js';
import { createDeadLetters, type DeadLetters } from './dead-letters.js';
import { patiently, within } from './deferred.js';
import type { Feed } from './feed.js';
import { createPartitioner } from './murmur2.js';
import { type KafkaBus, type KafkaBusOptions, type Settings, settingsOf } from './options.js';
import { joinGroup } from './ownership.js';
import { PartitionReader } from './partition-reader.js';
import { Publisher } from './publisher.js';
import { Reader } from './reader.js';
import { createSender, type Sender } from './sender.js';
import { createTopicAdmin, type Span, type TopicAdmin } from './topic.js';

/** Below what a broker takes by default (1 MiB), with room for what surrounds a batch. */
const PARTITION_BYTES_MAX = 900_000;
const REQUEST_BYTES_MAX = 8_000_000;
const BATCH_OVERHEAD_BYTES = 1_024;

/** Resolves when the topic is there with the partitions asked for; UNAVAILABLE when Kafka does not answer. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaBus> {
  const settings = settingsOf(options, systemClock);
  const kafka = createKafka(settings);
  const admin = createTopicAdmin(kafka, settings);
  try {
    const bytesMax = (await admin.ensure(settings)) - BATCH_OVERHEAD_BYTES;
    return createBus({ settings, kafka, admin, bytesMax });
  } catch (error) {
    await admin.close();
    throw error;
  }
}

interface Parts {
  readonly settings: Settings;
  readonly kafka: Kafka;
  readonly admin: TopicAdmin;
  readonly bytesMax: number;
}

function createBus(parts: Parts): KafkaBus {
  const { settings, kafka, admin } = parts;
  const { topic, partitions, clock, warn } = settings;
  const partitionOf = createPartitioner(partitions);
  const sender = createSender({ kafka, topic, clock, warn });
  const batcher = createBatcher(parts, sender);
  const reading = createReading(parts);
  const deadLetters: DeadLetters = createDeadLetters({ kafka, admin, settings });
  const publisher = new Publisher({
    batcher,
    partitions,
    partitionOf,
    bytesMax: parts.bytesMax,
    eventBytesMax: settings.eventBytesMax ?? parts.bytesMax,
    find: (partition, stream, id) => reading.of(partition).find(stream, id),
  });
  const memberships = new Set<Ownership>();
  /** Those that wait to remember; all others are with the batcher at once. */
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  const assertOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', 'The Kafka bus is closed');
  };
  const publish = async (events: readonly NewEvent[]): Promise<readonly Published[]> => {
    assertOpen();
    if (events.length === 0) return [];
    if (!settings.remember) return publisher.publish(events);
    const answer = reading
      .remembered(new Set(events.map(({ key }) => partitionOf(key))))
      .then(() => publisher.publish(events));
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  const partition = (number: number): Bus => {
    if (!Number.isInteger(number) || number < 0 || number >= partitions) {
      throw new PortError('INVALID', `${topic} has no partition ${number}`);
    }
    return {
      async publish(events) {
        const foreign = events.find(({ key }) => partitionOf(key) !== number);
        if (foreign) throw new PortError('INVALID', `Key ${foreign.key} is not of partition ${number}`);
        return publish(events);
      },
      subscribe(options, handler): Subscription {
        assertOpen();
        return reading.of(number).subscribe(options, handler);
      },
    };
  };
  return {
    topic,
    partitions,
    partitionOf,
    partition,
    publish,
    async offsets(number) {
      assertOpen();
      return reading.span(number);
    },
    async join(options, listener) {
      assertOpen();
      const membersKafka = createKafka(settings, options.instance);
      const ownership = await joinGroup({ kafka: membersKafka, settings, options, listener });
      memberships.add(ownership);
      return ownership;
    },
    async members(group) {
      assertOpen();
      return admin.members(group);
    },
    async bury(poison) {
      assertOpen();
      await deadLetters.bury(poison);
    },
    stats: () => ({
      queuedEvents: batcher.queuedEvents,
      queuedBytes: batcher.queuedBytes,
      batchesSent: batcher.batches,
      producerRestarts: sender.restarts(),
      consumerRestarts: reading.restarts(),
      fetchAgeMs: reading.fetchAgeMs(),
    }),
    async close() {
      isClosed = true;
      await Promise.all([...memberships].map((ownership) => ownership.close()));
      await Promise.allSettled(underWay);
      await batcher.drained();
      await Promise.all([reading.close(), sender.close(), deadLetters.close()]);
      await admin.close();
    },
  };
}

function createBatcher({ settings, bytesMax }: Parts, sender: Sender): Batcher {
  const { clock, deadlineMs, queueEventsMax = 50_000, queueBytesMax = 64 * 1_024 * 1_024 } = settings;
  const partitionBytesMax = Math.min(PARTITION_BYTES_MAX, bytesMax);
  const limits = {
    deadlineMs,
    partitionBytesMax,
    requestBytesMax: REQUEST_BYTES_MAX,
    queueEventsMax,
    queueBytesMax,
  };
  return new Batcher({ send: sender.send, clock, limits });
}

/** All partitions' readers, made as they are wanted, over one consumer. */
function createReading({ settings, kafka, admin }: Parts) {
  const { topic, partitions, windowOffsets, check, onPoison, warn, clock, deadlineMs } = settings;
  const readers = new Map<number, PartitionReader>();
  const followed = new Map<number, Promise<Feed>>();
  let isClosed = false;
  const consumer = new Reader({
    kafka,
    settings,
    fetchFrom: (partition) => readers.get(partition)?.fetchFrom,
    wantsMore: (partition) => readers.get(partition)?.wantsMore ?? false,
    take: (partition, fetch) => readers.get(partition)?.take(fetch) ?? true,
    spans: () => admin.spans(topic),
  });
  const span = async (partition: number): Promise<Span> => {
    const found = (await admin.spans(topic)).get(partition);
    if (!found) throw new PortError('INVALID', `${topic} has no partition ${partition}`);
    return found;
  };
  const of = (partition: number): PartitionReader => {
    const known = readers.get(partition);
    if (known) return known;
    const reader = new PartitionReader({
      ...{ partition, partitions, topic, windowOffsets, check, onPoison, warn },
      span: () => patiently(() => span(partition), { clock, isOver: () => isClosed }),
      seek: (number, offset) => consumer.seek(number, offset),
      changed: (number) => consumer.changed(number),
    });
    readers.set(partition, reader);
    return reader;
  };
  const follow = (partition: number): Promise<Feed> => {
    const following = followed.get(partition) ?? of(partition).follow();
    followed.set(partition, following);
    const forget = (): boolean => followed.delete(partition);
    following.then((feed) => feed.failed.catch(forget), forget);
    return following;
  };
  return {
    of,
    span,
    restarts: () => consumer.restarts,
    fetchAgeMs: () =>
      new Map(
        [...readers].filter(([, it]) => it.wantsMore).map(([p]) => [p, consumer.fetchAgeMs(p)] as const),
      ),
    /** Resolves when what these partitions held is known. */
    async remembered(wanted: ReadonlySet<number>): Promise<void> {
      const known = Promise.all([...wanted].map(async (partition) => (await follow(partition)).caughtUp));
      await within(known, { clock, ms: deadlineMs, what: 'Kafka' });
    },
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all([...readers.values()].map((reader) => reader.close()));
      await consumer.close();
    },
  };
}
