// The broker and the store die and come back, and connections are cut in the middle of a batch, while cars
// come and go: nothing that a station got an answer for is lost, and nothing is recorded twice.

import { beforeAll, expect, it } from 'vitest';
import { testSites } from './sites.js';
import { type RunningTrial, startTrial, TAKEOVER_MS } from './trial.js';
import { until } from './until.js';

const ARRIVAL_SPEED = 60;
const BROKER_KILLS = 2;
const CUTS = 3;
const sites = testSites(6, 8);

let trial: RunningTrial;

beforeAll(async () => {
  const proxied = ['ingress-1', 'optimizer-1', 'command-1'];
  trial = await startTrial({ name: 'broker', sites, proxied, reactionMs: TAKEOVER_MS });
  trial.fleet.arrive(ARRIVAL_SPEED);
  return () => trial.close();
});

/** Resolves when the stations have been given so many more answers. */
async function answersGoOn(more: number): Promise<void> {
  const { answered } = trial.fleet;
  const from = answered.size;
  await until(`${more} more answers`, () => answered.size >= from + more, 90_000);
}

it.each(['ingress-1', 'optimizer-1', 'command-1'])(
  'goes on when %s is cut off in the middle of batches',
  {
    timeout: 120_000,
  },
  async (name) => {
    const proxy = trial.cluster.proxy(name);
    for (let i = 0; i < CUTS; i++) {
      await proxy.cut('inside');
      await proxy.cut('before-answer');
    }
    await answersGoOn(100);
  },
);

it(`goes on after ${BROKER_KILLS} deaths of the broker`, async () => {
  const { broker } = trial.cluster;
  for (let i = 0; i < BROKER_KILLS; i++) {
    await broker.kill('SIGKILL');
    await broker.restart();
    await answersGoOn(100);
  }
});

it('goes on after the death of the event store', async () => {
  const { store } = trial.cluster;
  expect(store.canBeKilled, 'the store is ours').toBe(process.env.EVENTSTORE_URL === undefined);
  if (store.canBeKilled) await store.crash();
  await answersGoOn(100);
});

it('leaves a record that holds', async () => {
  const { answered, repetitions } = await trial.judge();
  expect(answered).toBeGreaterThan(500);
  // Batches whose answers were cut off were sent again: the topic has them twice, the record once.
  expect(repetitions).toBeGreaterThan(0);
});
