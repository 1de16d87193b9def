// kill -9 at random moments, of everything, under the load of a whole fleet: each kind of process, the broker
// and the store, each so often (KILLS), side by side. KILL_SEED says which moments.

import { setTimeout as wait } from 'node:timers/promises';
import { createRandom } from '@ampledger/simulator';
import { beforeAll, expect, it } from 'vitest';
import { SERVICES, type Service } from './cluster.js';
import { CAP_A, testSites } from './sites.js';
import { type RunningTrial, SEED, startTrial } from './trial.js';
import { until } from './until.js';

const KILLS = Number(process.env.KILLS ?? 3);
const SITES = Number(process.env.SITES ?? 10);
const STATIONS = Number(process.env.STATIONS ?? 200) / SITES;
/** How long a process or the store runs between two kills, at most. */
const SPACING_MS = Number(process.env.SPACING_MS ?? 6_000);
/** The broker runs for longer: after it is back, groups wait for members that died for the session timeout. */
const BROKER_SPACING_MS = 3 * SPACING_MS;
const ARRIVAL_SPEED = 60;
const KILL_MS_MAX = 30_000;
/** Several deaths in a row may stand between a cap and the last cut. */
const REACTION_MS = 120_000;
/** Of the kills of a process: those that come while it starts. */
const KILLED_AT_START = 0.2;
const STARTS_MS_MAX = 2_000;
/** Who does not get ready in this time, because others die, is killed all the same. */
const READY_MS_MAX = 10_000;

const sites = testSites(SITES, STATIONS);
const capA = CAP_A * STATIONS;
let trial: RunningTrial;

beforeAll(async () => {
  trial = await startTrial({ name: 'crash', sites, reactionMs: REACTION_MS, meterIntervalS: 5 });
  trial.fleet.arrive(ARRIVAL_SPEED);
  return () => trial.close();
});

async function killProcesses(service: Service): Promise<void> {
  const random = createRandom(`${SEED}/${service}`);
  const processes = trial.cluster.of(service);
  for (let kill = 0; kill < KILLS; kill++) {
    const victim = processes[Math.floor(random() * processes.length)];
    if (victim === undefined) throw new Error(`There is no ${service}`);
    const atStart = random() < KILLED_AT_START;
    if (!atStart) await victim.ready(READY_MS_MAX).catch(() => undefined);
    // The moment is what is tested: there is nothing to wait for.
    await wait(random() * (atStart ? STARTS_MS_MAX : SPACING_MS));
    await victim.kill('SIGKILL');
  }
}

async function killServer(name: string, spacingMs: number, crash: () => Promise<void>): Promise<void> {
  const random = createRandom(`${SEED}/${name}`);
  for (let kill = 0; kill < KILLS; kill++) {
    await wait(random() * spacingMs);
    await crash();
  }
}

/** Caps come and go meanwhile, so that limits fall and rise in the midst of it. */
async function capAll(limitA: number | null): Promise<void> {
  const { cluster, overloads } = trial;
  await Promise.all(
    sites.map(async ({ id }, i) => {
      const api = cluster.apis[i % 2];
      if (limitA === null) await api?.lift(id);
      else await api?.cap(id, limitA);
      overloads.capped(id, limitA);
    }),
  );
}

it(`keeps what it answered over ${KILLS} kills of each kind (KILL_SEED=${SEED})`, {
  timeout: 240_000 + KILLS * KILL_MS_MAX,
}, async () => {
  const { cluster, fleet } = trial;
  const { broker, store } = cluster;
  const killing = Promise.all([
    ...SERVICES.map(killProcesses),
    killServer('broker', BROKER_SPACING_MS, async () => {
      await broker.kill('SIGKILL');
      await broker.restart();
    }),
    ...(store.canBeKilled ? [killServer('store', SPACING_MS, () => store.crash())] : []),
  ]);
  await Promise.all([killing, capAll(capA)]);
  await capAll(null);
  await cluster.ready();
  const heard = fleet.answered.size;
  await until('the stations are answered again', () => fleet.answered.size >= heard + fleet.stations.length);
  const { answered } = await trial.judge();
  expect(answered).toBeGreaterThan(fleet.stations.length * 5);
});
