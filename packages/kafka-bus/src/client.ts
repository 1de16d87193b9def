// kafkajs as all parts of the bus use it.

import type { Clock } from '@ampledger/kernel';
import { Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';
import type { Settings } from './options.js';
import { stopTimerLoop } from './timer-loop.js';

export const CONNECT_MS_MAX = 3_000;

/** Few retries of its own: whoever uses it tries again with something new, until a deadline. */
export function createKafka(
  { brokers, clientId, ssl, sasl, warn, clock }: Settings,
  instance = clientId,
): Kafka {
  stopTimerLoop(warn);
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId: instance,
    connectionTimeout: CONNECT_MS_MAX,
    requestTimeout: 5_000,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, retries: 3, maxRetryTime: 1_000 },
    logLevel: logLevel.WARN,
    logCreator: () => seldom(clock, (entry) => warn(fieldsOf(entry), `kafkajs: ${entry.log.message}`)),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return new Kafka(config);
}

const SAME_MS = 60_000;
const MESSAGES_MAX = 100;

/** While a broker is away kafkajs says the same ten times a second. */
function seldom(clock: Clock, log: (entry: LogEntry) => void): (entry: LogEntry) => void {
  const saidAt = new Map<string, number>();
  return (entry) => {
    const { message } = entry.log;
    const now = clock.now();
    if (now - (saidAt.get(message) ?? Number.NEGATIVE_INFINITY) < SAME_MS) return;
    if (saidAt.size >= MESSAGES_MAX) saidAt.clear();
    saidAt.set(message, now);
    log(entry);
  };
}

function fieldsOf({ namespace, log }: LogEntry): object {
  const { message: _message, timestamp: _timestamp, stack: _stack, logger: _logger, ...fields } = log;
  return { namespace, ...fields };
}
