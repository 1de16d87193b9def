// The topic itself: made when it is not there, refused when it is another than asked for, and asked how far
// its partitions reach.

import { sleep } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
// Not among the names that Node finds in this CommonJS module.
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { messageOf, within } from './deferred.js';
import type { Settings } from './options.js';
import { failureOf } from './sender.js';

const RETENTION_MS = 7 * 24 * 3_600_000;
export const MESSAGE_BYTES_MAX = 4 * 1_024 * 1_024;
const BROKER_MESSAGE_BYTES_MAX = 1_048_588;
const ANSWER_MS_MAX = 5_000;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

export interface Span {
  readonly first: number;
  readonly next: number;
}

export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly retentionMs?: number | undefined;
}

export interface TopicAdmin {
  /** How large a batch it takes. */
  ensure(plan: TopicPlan): Promise<number>;
  /** What each partition holds, asked after the call. */
  spans(topic: string): Promise<ReadonlyMap<number, Span>>;
  /** How many processes are in the group now. */
  members(group: string): Promise<number>;
  close(): Promise<void>;
}

export function createTopicAdmin(kafka: Kafka, { clock, warn }: Settings): TopicAdmin {
  let admin: Promise<Admin> | undefined;
  const coming = new Map<string, Promise<ReadonlyMap<number, Span>>>();
  const running = new Map<string, Promise<unknown>>();

  const discard = async (): Promise<void> => {
    const old = admin;
    admin = undefined;
    const gone = old?.then((connectedOne) => connectedOne.disconnect());
    if (gone) await within(gone, { clock, ms: ANSWER_MS_MAX, what: 'Kafka' }).catch(() => {});
  };
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T> => {
    for (let left = ATTEMPTS - 1; ; left--) {
      try {
        admin ??= connected(kafka);
        return await within(admin.then(question), { clock, ms: ANSWER_MS_MAX, what: 'Kafka' });
      } catch (error) {
        void discard();
        if (error instanceof PortError && !error.canRetry) throw error;
        if (left === 0) throw failureOf(error);
        await sleep(clock, PAUSE_MS);
      }
    }
  };
  const spans = async (topic: string): Promise<ReadonlyMap<number, Span>> => {
    // Whoever asks while a question is on its way waits for the next one, and shares it with others.
    await running.get(topic)?.catch(() => {});
    coming.delete(topic);
    const asked = ask((connectedOne) => connectedOne.fetchTopicOffsets(topic));
    running.set(topic, asked);
    const offsets = await asked;
    return new Map(
      offsets.map(({ partition, low, high }) => [partition, { first: Number(low), next: Number(high) }]),
    );
  };
  return {
    async ensure(plan) {
      const count =
        (await ask((it) => partitionsOf(it, plan.topic))) ?? (await ask((it) => create(it, plan)));
      if (count !== plan.partitions) {
        const message = `Topic ${plan.topic} has ${count} partitions, not ${plan.partitions}: keys and positions depend on the number, and it must not change`;
        throw new PortError('INVALID', message);
      }
      return ask((it) => messageBytesMax(it, plan.topic)).catch((error: unknown) => {
        warn({ topic: plan.topic, error: messageOf(error) }, 'The size limit of the topic cannot be read');
        return BROKER_MESSAGE_BYTES_MAX;
      });
    },
    spans(topic) {
      const shared = coming.get(topic) ?? spans(topic);
      coming.set(topic, shared);
      return shared;
    },
    members: (group) =>
      ask(async (asked) => {
        const { groups } = await asked.describeGroups([group]);
        return groups.find(({ groupId }) => groupId === group)?.members.length ?? 0;
      }),
    close: discard,
  };
}

async function connected(kafka: Kafka): Promise<Admin> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  await admin.connect();
  return admin;
}

async function partitionsOf(admin: Admin, topic: string): Promise<number | undefined> {
  if (!(await admin.listTopics()).includes(topic)) return undefined;
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics.find(({ name }) => name === topic)?.partitions.length;
}

/** Several processes may do so at once: one does, and all look what came of it. */
async function create(admin: Admin, plan: TopicPlan): Promise<number> {
  const { topic, partitions, replicationFactor, retentionMs = RETENTION_MS } = plan;
  const settings = {
    'min.insync.replicas': Math.max(1, replicationFactor - 1),
    'cleanup.policy': 'delete',
    'retention.ms': retentionMs,
    'max.message.bytes': MESSAGE_BYTES_MAX,
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
  const numPartitions = partitions;
  const topics = [{ topic, numPartitions, replicationFactor, configEntries }];
  await admin.createTopics({ topics, waitForLeaders: true });
  const count = await partitionsOf(admin, topic);
  if (count === undefined)
    throw new PortError('UNAVAILABLE', `Topic ${topic} was created and is not there yet`);
  return count;
}

async function messageBytesMax(admin: Admin, topic: string): Promise<number> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }],
  });
  const entry = resources[0]?.configEntries.find(({ configName }) => configName === 'max.message.bytes');
  return Number(entry?.configValue ?? BROKER_MESSAGE_BYTES_MAX);
}
