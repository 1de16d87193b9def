// Figures, and that they are measured on what was stored: the bus beside kafkajs alone. No bound on time.

import { expect, inject, it } from 'vitest';
import { newEvents } from '../contract/events.js';
import { freshTopic, openInTest } from './open.js';
import { rawKafkaRates } from './raw-kafka.js';

const COUNT = 50_000;
const perSecond = (from: number): number => Math.round((COUNT * 1_000) / (performance.now() - from));

it('publishes and delivers all of many events, beside what kafkajs alone does', async () => {
  const brokers = [inject('bootstrap')];
  const raw = await rawKafkaRates({ brokers, messages: COUNT });
  const topic = freshTopic();
  const bus = await openInTest({ brokers, topic });
  const events = newEvents('s', COUNT);
  const publishFrom = performance.now();
  const published = await Promise.all(
    Array.from({ length: COUNT / 500 }, (_, i) => bus.publish(events.slice(500 * i, 500 * i + 500))),
  );
  const publishedPerSecond = perSecond(publishFrom);
  const reader = await openInTest({ brokers, topic });
  let delivered = 0;
  const readFrom = performance.now();
  await reader.partition(0).subscribe({ after: 0 }, (batch) => {
    delivered += batch.length;
  }).caughtUp;
  const deliveredPerSecond = perSecond(readFrom);
  const filterFrom = performance.now();
  const filter = await openInTest({ brokers, topic });
  await filter.partition(0).subscribe({ after: 0, types: ['Other'] }, () => {}).caughtUp;
  const filteredPerSecond = perSecond(filterFrom);
  console.log({ raw, bus: { publishedPerSecond, deliveredPerSecond, filteredPerSecond } });
  expect(published.flat()).toHaveLength(COUNT);
  expect(delivered).toBe(COUNT);
});
