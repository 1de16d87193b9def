// Where messages go that are no events: a topic beside, so that somebody can look at them.

import type { Kafka } from 'kafkajs';
import type { Poison, Settings } from './options.js';
import { createSender, type Sender } from './sender.js';
import type { TopicAdmin } from './topic.js';

export interface DeadLetters {
  bury(poison: Poison): Promise<void>;
  close(): Promise<void>;
}

export const deadLetterTopic = (topic: string): string => `${topic}.dead-letters`;

export function createDeadLetters(deps: {
  readonly kafka: Kafka;
  readonly admin: TopicAdmin;
  readonly settings: Settings;
}): DeadLetters {
  const { topic, replicationFactor, clock, deadlineMs, warn } = deps.settings;
  const target = deadLetterTopic(topic);
  let sender: Promise<Sender> | undefined;
  const open = async (): Promise<Sender> => {
    await deps.admin.ensure({ topic: target, partitions: 1, replicationFactor });
    return createSender({ kafka: deps.kafka, topic: target, clock, warn });
  };
  return {
    async bury({ partition, offset, key, headers, value, error }) {
      sender ??= open();
      // One that could not be opened is tried anew the next time.
      sender.catch(() => {
        sender = undefined;
      });
      const place = { error, topic, partition: String(partition), offset: String(offset) };
      const letter = { key, value, headers: { ...headers, ...place } };
      await (await sender).send(new Map([[0, [letter]]]), clock.now() + deadlineMs);
    },
    async close() {
      await (await sender?.catch(() => undefined))?.close();
    },
  };
}
