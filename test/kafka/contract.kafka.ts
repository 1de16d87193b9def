// What every bus does, over one partition of a real broker. Each test begins on the topic that the earlier ones
// wrote to.

import { inject } from 'vitest';
import { type BusUnderTest, busContract } from '../contract/bus-contract.js';
import { freshTopic, open } from './open.js';

const topic = freshTopic();

async function openOne(): Promise<BusUnderTest> {
  const bus = await open({ brokers: [inject('bootstrap')], topic, remember: true });
  return { port: bus.partition(0), reopen: openOne, close: () => bus.close() };
}

busContract('Kafka', openOne, { survivesRestart: true });
