// Buses for the tests: a topic of its own for each, and everything closed at the end of a test.

import { randomUUID } from 'node:crypto';
import { type KafkaBus, type KafkaBusOptions, openKafkaBus } from '@ampledger/kafka-bus';
import { onTestFinished } from 'vitest';

export const freshTopic = (): string => `events-${randomUUID().slice(0, 8)}`;

export type TestOptions = Partial<KafkaBusOptions> & Pick<KafkaBusOptions, 'brokers' | 'topic'>;

export function open(options: TestOptions): Promise<KafkaBus> {
  return openKafkaBus({ clientId: 'test', partitions: 1, replicationFactor: 1, ...options });
}

/** Closed when the test is over. */
export async function openInTest(options: TestOptions): Promise<KafkaBus> {
  const bus = await open(options);
  onTestFinished(() => bus.close());
  return bus;
}
