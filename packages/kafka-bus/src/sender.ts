// Sends batches to one topic. The producer is not idempotent: after a send that failed although the broker had
// stored it, kafkajs' idempotent producer reuses the sequence number, and the broker acknowledges the next batch
// without storing it. Ours may store a batch twice instead, and readers drop the second. A producer whose send
// failed is thrown away: kafkajs does not always connect it again (tulios/kafkajs#919).

import { type Clock, sleep } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
import { type Kafka, type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import type { Batch, Send } from './batcher.js';
import { messageOf, within } from './deferred.js';

const ATTEMPT_MS_MAX = 5_000;
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 1_000;
const DISCONNECT_MS_MAX = 2_000;

export interface SenderDeps {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly clock: Clock;
  readonly warn: (fields: object, message: string) => void;
}

export interface Sender {
  readonly send: Send;
  restarts(): number;
  close(): Promise<void>;
}

export function createSender({ kafka, topic, clock, warn }: SenderDeps): Sender {
  let producer: Promise<Producer> | undefined;
  let restarts = 0;

  const attempt = async (batch: Batch, ms: number): Promise<ReadonlyMap<number, number>> => {
    producer ??= connected(kafka);
    const current = await producer;
    const messages: Message[] = [];
    for (const [partition, some] of batch) {
      for (const { key, value, headers } of some) messages.push({ key, value, headers, partition });
    }
    return basesOf(await current.sendBatch({ topicMessages: [{ topic, messages }], acks: -1, timeout: ms }));
  };
  const discard = (): Promise<void> => {
    const old = producer;
    producer = undefined;
    return disconnected(old, clock);
  };
  return {
    restarts: () => restarts,
    close: discard,
    async send(batch, deadlineAt) {
      for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
        const ms = Math.max(1, Math.min(ATTEMPT_MS_MAX, deadlineAt - clock.now()));
        try {
          return await within(attempt(batch, ms), { clock, ms, what: 'Kafka' });
        } catch (error) {
          restarts += 1;
          void discard();
          const failure = failureOf(error);
          warn({ topic, error: messageOf(error), code: failure.code }, 'A batch was not acknowledged');
          if (!failure.canRetry || clock.now() + pauseMs >= deadlineAt) throw failure;
          await sleep(clock, pauseMs);
        }
      }
    },
  };
}

async function connected(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 0 },
  });
  await producer.connect();
  return producer;
}

/** Bounded: a connection that does not answer may take long to end. */
async function disconnected(producer: Promise<Producer> | undefined, clock: Clock): Promise<void> {
  if (!producer) return;
  const gone = producer.then((old) => old.disconnect());
  await within(gone, { clock, ms: DISCONNECT_MS_MAX, what: 'Kafka' }).catch(() => {});
}

function basesOf(answers: readonly RecordMetadata[]): ReadonlyMap<number, number> {
  return new Map(answers.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
}

const REFUSED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

export function failureOf(error: unknown): PortError {
  if (error instanceof PortError) return error;
  const type = typeOf(error);
  if (type && REFUSED.has(type)) return new PortError('INVALID', `Kafka refuses: ${type}`, error);
  return new PortError('UNAVAILABLE', `Kafka: ${messageOf(error)}`, error);
}

/** kafkajs wraps errors into errors; the type of the protocol is at the bottom. */
function typeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return typeOf(error.cause, depth + 1);
}
