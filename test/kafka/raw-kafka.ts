// What kafkajs alone does on a broker: the baseline for everything measured on top of it.

import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

export interface RawOptions {
  readonly brokers: readonly string[];
  readonly messages: number;
  /** In one request. Default 500. */
  readonly batch?: number;
  /** Of a value. Default 350. */
  readonly bytes?: number;
}

export interface RawRates {
  readonly producedPerSecond: number;
  readonly consumedPerSecond: number;
  /** CPU time of this process for each message. */
  readonly produceCpuUs: number;
  readonly consumeCpuUs: number;
}

/** On a topic of its own with one partition, which is deleted afterwards. */
export async function rawKafkaRates(options: RawOptions): Promise<RawRates> {
  const kafka = new Kafka({ brokers: [...options.brokers], clientId: 'raw', logLevel: logLevel.NOTHING });
  const topic = `raw-${randomUUID().slice(0, 8)}`;
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    const produced = await timed(() => produce(kafka, topic, options));
    const consumed = await timed(() => consume(kafka, topic, options.messages));
    return {
      producedPerSecond: Math.round(options.messages / produced.seconds),
      consumedPerSecond: Math.round(options.messages / consumed.seconds),
      produceCpuUs: produced.cpuUs / options.messages,
      consumeCpuUs: consumed.cpuUs / options.messages,
    };
  } finally {
    await admin.deleteTopics({ topics: [topic] }).catch(() => {});
    await admin.disconnect();
  }
}

async function timed(task: () => Promise<void>): Promise<{ seconds: number; cpuUs: number }> {
  const from = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: Number(process.hrtime.bigint() - from) / 1e9, cpuUs: user + system };
}

async function produce(kafka: Kafka, topic: string, options: RawOptions): Promise<void> {
  const { batch = 500, bytes = 350 } = options;
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = Buffer.alloc(bytes, 'x');
  for (let sent = 0; sent < options.messages; sent += batch) {
    const count = Math.min(batch, options.messages - sent);
    const messages = Array.from({ length: count }, () => ({ key: 'depot', value, partition: 0 }));
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
}

/** Its end is in the measure, the few hundred milliseconds of joining a group too: use many messages. */
async function consume(kafka: Kafka, topic: string, messages: number): Promise<void> {
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: readonly unknown[] } }): Promise<void> => {
      seen += batch.messages.length;
      if (seen >= messages) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
}
