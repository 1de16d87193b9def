import { settle, VirtualClock } from '@ampledger/kernel';
import { createHealth } from '@ampledger/process';
import { expect, it } from 'vitest';
import { watchReachable } from './reachable.js';

it('is not ready while Kafka is silent for too long, and ready again when it answers', async () => {
  const clock = new VirtualClock(1_000);
  const health = createHealth();
  health.started();
  let answers = true;
  const offsets = async () => {
    if (!answers) throw new Error('no broker');
    return { first: 0, next: 0 };
  };
  const watch = watchReachable({ bus: { offsets }, health, clock });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(1_000);
      await settle();
    }
  };
  await pass(30_000);
  expect(health.ready().ready).toBe(true);
  answers = false;
  await pass(10_000);
  expect(health.ready().ready).toBe(true);
  await pass(6_000);
  expect(health.ready().reasons).toEqual([expect.stringContaining('Kafka has not answered')]);
  answers = true;
  await pass(4_000);
  expect(health.ready().ready).toBe(true);
  watch.close();
});
