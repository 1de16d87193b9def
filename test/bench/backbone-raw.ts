// What the bare clients do with the same broker, the same store and the same events: the measure of all else.

import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { Kafka, type KafkaMessage, logLevel, Partitioners } from 'kafkajs';

const DEADLINE_MS = 120_000;
const APPENDS_IN_FLIGHT = 64;

const kafkaOf = (bootstrap: string): Kafka =>
  new Kafka({ brokers: [bootstrap], clientId: 'bench', logLevel: logLevel.NOTHING });

function beforeDeadline<T>(what: Promise<T>, name: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} took more than ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  return Promise.race([what, late]).finally(() => clearTimeout(timer));
}

/** Everything that a topic holds, partition by partition in order, and how long it took kafkajs to read. */
export async function readTopic(
  bootstrap: string,
  topic: string,
): Promise<{ readonly messages: readonly (readonly KafkaMessage[])[]; readonly perS: number }> {
  const kafka = kafkaOf(bootstrap);
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const wanted = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  const messages: KafkaMessage[][] = offsets.map(() => []);
  if (wanted === 0) return { messages, perS: 0 };
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  let begunAt = 0;
  const all = new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { partition: number; messages: KafkaMessage[] } }) => {
      if (begunAt === 0) begunAt = performance.now();
      messages[batch.partition]?.push(...batch.messages);
      seen += batch.messages.length;
      if (seen >= wanted) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  try {
    await beforeDeadline(all, 'Reading the topic');
    return { messages, perS: (seen * 1_000) / (performance.now() - begunAt) };
  } finally {
    await consumer.disconnect();
  }
}

export interface Produced {
  readonly perS: number;
  readonly cpuUs: number;
}

/** Messages of this size, 500 in a request, one request at a time, to as many partitions as the topic has. */
export async function rawProduce(
  bootstrap: string,
  message: { readonly bytes: number; readonly headers: Readonly<Record<string, string>> },
  durationMs: number,
  partitions: number,
): Promise<Produced> {
  const kafka = kafkaOf(bootstrap);
  const topic = `raw-${randomUUID().slice(0, 8)}`;
  await withTopic(kafka, topic, partitions, async () => {});
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = Buffer.alloc(message.bytes, 'x');
  const messages = Array.from({ length: 500 }, (_, i) => ({
    key: 'site',
    value,
    headers: { ...message.headers },
    partition: i % partitions,
  }));
  const warmUntil = performance.now() + Math.min(2_000, durationMs);
  while (performance.now() < warmUntil) await producer.send({ topic, acks: -1, messages });
  const from = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  while (performance.now() - from < durationMs) {
    await producer.send({ topic, acks: -1, messages });
    sent += messages.length;
  }
  const perS = (sent * 1_000) / (performance.now() - from);
  const { user, system } = process.cpuUsage(cpu);
  await producer.disconnect();
  return { perS, cpuUs: (user + system) / sent };
}

async function withTopic(
  kafka: Kafka,
  topic: string,
  partitions: number,
  use: () => Promise<void>,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  await use();
}

/** There, back, there and back: what four services that hand a message on cannot go below. Milliseconds each. */
export async function roundTrips(
  bootstrap: string,
  count: number,
  everyMs: number,
): Promise<readonly number[]> {
  const kafka = kafkaOf(bootstrap);
  const names = ['a', 'b'].map((side) => `round-${side}-${randomUUID().slice(0, 8)}`);
  const [there = '', back = ''] = names;
  for (const topic of names) await withTopic(kafka, topic, 1, async () => {});
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const consumers = await Promise.all(
    names.map(async (topic) => {
      const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      return consumer;
    }),
  );
  const waiting = new Map<string, () => void>();
  const value = Buffer.alloc(500, 'x');
  const [first, second] = consumers;
  await first?.run({
    autoCommit: false,
    eachMessage: async ({ message: { key } }) =>
      void (await producer.send({ topic: back, acks: -1, messages: [{ key, value }] })),
  });
  await second?.run({
    autoCommit: false,
    eachMessage: async ({ message: { key } }) => waiting.get(key?.toString() ?? '')?.(),
  });
  const trip = async (key: string): Promise<number> => {
    const from = performance.now();
    const arrived = new Promise<void>((resolve) => waiting.set(key, resolve));
    await producer.send({ topic: there, acks: -1, messages: [{ key, value }] });
    await arrived;
    return performance.now() - from;
  };
  const tripsMs: number[] = [];
  const run = async (): Promise<void> => {
    // The first ones meet groups that are still being joined.
    for (let i = 0; i < 20; i++) await trip(`warm-${i}`);
    for (let i = 0; i < count; i++) {
      tripsMs.push(await trip(`trip-${i}`));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  };
  try {
    await beforeDeadline(run(), 'A round trip');
  } finally {
    await Promise.all([producer, ...consumers].map((one) => one.disconnect()));
  }
  return tripsMs;
}

/** One append as the recorder makes them: so many events for one stream. */
export interface RawAppend {
  readonly stream: string;
  readonly events: readonly { readonly type: string; readonly data: object; readonly metadata: object }[];
}

/** The appends of one batch of one partition go together, 64 on their way at a time. */
export async function rawAppend(
  url: string,
  batches: readonly (readonly RawAppend[])[],
): Promise<{
  readonly perS: number;
  readonly cpuUs: number;
  readonly events: number;
  readonly appends: number;
  /** JSON of data and metadata. */
  readonly bytes: number;
}> {
  const client = EventStoreDBClient.connectionString(url);
  const prepared = batches.map((batch) =>
    batch.map(({ stream, events }) => ({
      stream,
      events: events.map(({ type, data, metadata }) =>
        jsonEvent({ id: randomUUID(), type, data: { ...data }, metadata: { ...metadata } }),
      ),
    })),
  );
  const bytes = Buffer.byteLength(
    JSON.stringify(
      batches.flat().flatMap(({ events }) => events.map(({ data, metadata }) => [data, metadata])),
    ),
  );
  const from = performance.now();
  const cpu = process.cpuUsage();
  let events = 0;
  let appends = 0;
  for (const batch of prepared) {
    const waiting = [...batch];
    const worker = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        await client.appendToStream(one.stream, one.events);
        events += one.events.length;
        appends += 1;
      }
    };
    await beforeDeadline(
      Promise.all(Array.from({ length: APPENDS_IN_FLIGHT }, worker)),
      'A batch of appends',
    );
  }
  const perS = (events * 1_000) / (performance.now() - from);
  const { user, system } = process.cpuUsage(cpu);
  await client.dispose();
  return { perS, cpuUs: (user + system) / events, events, appends, bytes };
}

/** Everything there is, in one pass. */
export async function rawReadAll(url: string): Promise<number> {
  const client = EventStoreDBClient.connectionString(url);
  const from = performance.now();
  let events = 0;
  const read = async (): Promise<void> => {
    for await (const { event } of client.readAll()) if (event && !event.type.startsWith('$')) events += 1;
  };
  await beforeDeadline(read(), 'Reading everything');
  const perS = (events * 1_000) / (performance.now() - from);
  await client.dispose();
  return perS;
}

/** Streams that begin so, in one pass, by the server's filter: how one partition's events are found. */
export async function rawReadFiltered(
  url: string,
  prefix: string,
): Promise<{ readonly events: number; readonly ms: number }> {
  const client = EventStoreDBClient.connectionString(url);
  const from = performance.now();
  const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: [prefix] }) });
  let events = 0;
  const read = new Promise<void>((resolve, reject) => {
    subscription
      .on('data', () => {
        events += 1;
      })
      .on('caughtUp', () => resolve())
      .on('error', reject);
  });
  await beforeDeadline(read, 'Reading one partition');
  const ms = performance.now() - from;
  await subscription.unsubscribe().catch(() => undefined);
  await client.dispose();
  return { events, ms };
}
