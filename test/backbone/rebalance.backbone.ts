// Members come and go while cars charge and cuts are in progress, and a station changes doors in the middle
// of a call: nothing is overloaded, and in the end each partition has one owner.

import { beforeAll, expect, it } from 'vitest';
import { ownedBy } from './cluster.js';
import { CAP_A, testSites } from './sites.js';
import { type RunningTrial, startTrial, TAKEOVER_MS } from './trial.js';
import { until } from './until.js';

const STATIONS = 8;
const ARRIVAL_SPEED = 60;
const sites = testSites(6, STATIONS);
const capA = CAP_A * STATIONS;

let trial: RunningTrial;

beforeAll(async () => {
  trial = await startTrial({ name: 'rebalance', sites, reactionMs: TAKEOVER_MS, meterIntervalS: 1 });
  trial.fleet.arrive(ARRIVAL_SPEED);
  return () => trial.close();
});

/** What the profiles allow the cars that are there. */
const heldA = (site: string): number =>
  trial.fleet.stations
    .filter((station) => station.id.startsWith(`${site}-`) && station.outlet(1).inSession)
    .reduce((sum, station) => sum + station.compositeLimitA(1), 0);

/** Caps all sites, lets something happen at once, and waits until every site is cut. */
async function cutDuring(event: () => Promise<unknown>): Promise<void> {
  const { cluster, overloads } = trial;
  for (const { id } of sites) await until(`${id} has something to cut`, () => heldA(id) > capA);
  const happening = event();
  await Promise.all(
    sites.map(async ({ id }, i) => {
      await cluster.apis[i % 2]?.cap(id, capA);
      overloads.capped(id, capA);
    }),
  );
  await happening;
  for (const { id } of sites) await until(`${id} is cut`, () => heldA(id) <= capA + 0.01, TAKEOVER_MS);
  for (const service of ['optimizer', 'command'] as const) await cluster.ownedOnce(service);
  for (const { id } of sites) {
    await cluster.apis[0]?.lift(id);
    overloads.capped(id, null);
  }
}

it('goes on when members join', async () => {
  const { cluster } = trial;
  await cutDuring(() => Promise.all([cluster.add('optimizer'), cluster.add('command')]));
  for (const service of ['optimizer', 'command'] as const) {
    const shares = await Promise.all(cluster.of(service).map((process) => ownedBy(service, process)));
    expect(shares.map(({ length }) => length)).toEqual([4, 4, 4]);
  }
});

it('goes on when members leave in order', async () => {
  const { cluster } = trial;
  await cutDuring(() =>
    Promise.all(['optimizer-1', 'command-1'].map((name) => cluster.process(name).stop())),
  );
});

it('goes on when members are killed', async () => {
  const { cluster } = trial;
  await cutDuring(() =>
    Promise.all(['optimizer-2', 'command-3'].map((name) => cluster.process(name).kill('SIGKILL'))),
  );
});

it('goes on when members come back', async () => {
  const { cluster } = trial;
  await cutDuring(async () => {
    const names = ['optimizer-1', 'command-1'];
    for (const name of names) cluster.process(name).start();
    await Promise.all(names.map((name) => cluster.process(name).ready()));
  });
});

it('finds a station again that changed doors in the middle of a call', async () => {
  const { cluster, fleet } = trial;
  const station = 'site-3-01';
  const [api] = cluster.apis;
  const before = fleet.doorOf(station);
  const moved = fleet.moveAtNextCall(station, 'GetConfiguration');
  const question = { key: ['HeartbeatInterval'] };
  const lost = await api?.call(station, 'GetConfiguration', question);
  expect(await moved).toBe(lost?.body.call);
  expect(lost?.status).toBe(504);
  expect(fleet.doorOf(station)).not.toBe(before);
  const answered = await until('the station answers at the other door', async () => {
    const outcome = await api?.call(station, 'GetConfiguration', question);
    return outcome?.status === 200 ? outcome : undefined;
  });
  expect(answered.body.result).toMatchObject({ configurationKey: expect.anything() });
});

it('leaves a record that holds', async () => {
  const { answered } = await trial.judge();
  expect(answered).toBeGreaterThan(500);
});
