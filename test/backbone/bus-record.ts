// The topic as it is, read with nothing but kafkajs, and the rule about repetitions applied by hand: what the
// event store must hold, and in which order.

import { Kafka, logLevel } from 'kafkajs';
import { until } from './until.js';

export interface BusEvent {
  readonly offset: number;
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly key: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface BusRecord {
  /** What counts of each partition, in order. */
  readonly partitions: readonly (readonly BusEvent[])[];
  /** Messages that repeat one before them. */
  readonly repetitions: number;
}

const WINDOW_OFFSETS = 16_384;
const READ_MS_MAX = 60_000;

const client = (bootstrap: string): Kafka =>
  new Kafka({ clientId: 'judge', brokers: [bootstrap], logLevel: logLevel.NOTHING });

/** Where each partition ends: the offset that its next message gets. */
export async function endsOf(bootstrap: string, topic: string): Promise<readonly number[]> {
  const admin = client(bootstrap).admin();
  await admin.connect();
  try {
    const ends: number[] = [];
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) ends[partition] = Number(high);
    return ends;
  } finally {
    await admin.disconnect();
  }
}

/** Messages of a topic; 0 when there is no such topic. */
export async function countMessages(bootstrap: string, topic: string): Promise<number> {
  const admin = client(bootstrap).admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return 0;
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}

export async function readBus(bootstrap: string, topic: string): Promise<BusRecord> {
  const ends = await endsOf(bootstrap, topic);
  const partitions: BusEvent[][] = ends.map(() => []);
  const seen = ends.map(() => new Map<string, number>());
  const reached = ends.map(() => 0);
  let repetitions = 0;
  const consumer = client(bootstrap).consumer({ groupId: `judge-${Date.now()}`, maxBytes: 10_485_760 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch: { partition, messages } }) => {
      for (const { offset: text, key, headers, value } of messages) {
        const offset = Number(text);
        const event = eventOf(offset, key, headers, value);
        const name = `${event.stream}\n${event.id}`;
        const before = seen[partition]?.get(name);
        if (before !== undefined && offset - before <= WINDOW_OFFSETS) repetitions += 1;
        else partitions[partition]?.push(event);
        seen[partition]?.set(name, offset);
        reached[partition] = offset + 1;
      }
    },
  });
  try {
    const isRead = (): boolean => ends.every((end, partition) => (reached[partition] ?? 0) >= end);
    await until('the whole topic is read', isRead, READ_MS_MAX);
  } finally {
    await consumer.disconnect();
  }
  return { partitions, repetitions };
}

type Headers = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

function eventOf(offset: number, key: Buffer | null, headers: Headers = {}, value: Buffer | null): BusEvent {
  const header = (name: string): string => String(headers[name] ?? '');
  const { data } = JSON.parse(String(value)) as { data: BusEvent['data'] };
  return { offset, id: header('id'), stream: header('stream'), type: header('type'), key: String(key), data };
}
