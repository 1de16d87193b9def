// The whole loop with every service in a process of its own, two of each: stations connect at either door, cars
// charge, a cap takes hold everywhere, an operator's call finds its station, and both APIs show all of it.

import { beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { followEvents, isEvent } from '../e2e/live-events.js';
import { CAP_A, testSites } from './sites.js';
import { REACTION_MS, type RunningTrial, startTrial } from './trial.js';
import { until } from './until.js';

const SITES = 3;
const STATIONS = 6;
const CAR = { phases: 3, maxA: 32, energyNeedWh: 600_000 } as const;
const sites = testSites(SITES, STATIONS);

let trial: RunningTrial;

beforeAll(async () => {
  trial = await startTrial({ name: 'loop', sites });
  return () => trial.close();
});

const heldA = (site: string): number =>
  trial.fleet.stations
    .filter(({ id }) => id.startsWith(`${site}-`))
    .reduce((sum, station) => sum + station.compositeLimitA(1), 0);

const limitOf = (site: (typeof sites)[number]): number => site.config.nodes[0]?.limitA?.[0] ?? 0;

it('takes stations at both doors, and shares the limits out', async () => {
  const { fleet, cluster } = trial;
  const connected = await Promise.all(
    cluster
      .of('ingress')
      .map(async (door) => (await door.admin<{ connected: number }>('connections')).connected),
  );
  expect(connected.reduce((sum, count) => sum + count, 0)).toBe(SITES * STATIONS);
  expect(Math.min(...connected)).toBeGreaterThan(0);
  for (const station of fleet.stations) station.plugIn(1, CAR);
  for (const site of sites) {
    await until(`${site.id} is shared out`, () => Math.abs(heldA(site.id) - limitOf(site)) < 1);
  }
});

it('cuts every connector when its site is capped through either API, and both tell of it', async () => {
  const { cluster, overloads } = trial;
  const lives = cluster.apis.map(({ url }) => followEvents(url));
  const capA = CAP_A * STATIONS;
  for (const [i, { id }] of sites.entries()) {
    await cluster.apis[i % 2]?.cap(id, capA);
    overloads.capped(id, capA);
  }
  for (const { id } of sites) await until(`${id} is cut`, () => heldA(id) <= capA + 0.01, REACTION_MS);
  for (const { id } of sites) {
    for (const live of lives) {
      const set = await live.next(isEvent('EnvelopeSet', { site: id }));
      await live.next(isEvent('LimitsAllocated', { site: id }), set.position);
    }
    for (const api of cluster.apis) {
      const { nodes } = await api.site(id);
      expect(nodes[0]).toMatchObject({ limitA: [capA, capA, capA], limitBy: 'operator' });
    }
  }
  for (const live of lives) live.close();
});

it('shows it on the page of either API', async () => {
  const browser = await launchChromium();
  try {
    for (const { url } of trial.cluster.apis) {
      const page = await browser.newPage();
      await page.goto(`${url}/#site=site-2`);
      await page.getByText('Live', { exact: true }).waitFor();
      await page
        .locator('.connector')
        .nth(STATIONS - 1)
        .waitFor();
      await page.locator('.envelope').waitFor();
      expect(await page.locator('.envelope').textContent()).toContain(`${CAP_A * STATIONS} A`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
});

it('raises again when the caps are lifted', async () => {
  for (const [i, { id }] of sites.entries()) {
    await trial.cluster.apis[(i + 1) % 2]?.lift(id);
    trial.overloads.capped(id, null);
  }
  for (const site of sites) {
    await until(`${site.id} is raised`, () => Math.abs(heldA(site.id) - limitOf(site)) < 1);
  }
});

it('brings a call to its station wherever that is connected', async () => {
  const { fleet, cluster } = trial;
  const station = 'site-1-01';
  for (const api of cluster.apis) {
    const door = fleet.doorOf(station);
    // A station that has just come back is not connected to the API before its copy tells so.
    const heard = await until(`${station} is called`, async () => {
      const outcome = await api.call(station, 'GetConfiguration', { key: ['HeartbeatInterval'] });
      return outcome.status === 409 ? undefined : outcome;
    });
    expect(heard).toMatchObject({ status: 200, body: { result: { configurationKey: expect.anything() } } });
    expect(fleet.callsHeard).toContain(heard.body.call);
    fleet.move(station);
    await until(
      'it is connected elsewhere',
      () => fleet.doorOf(station) !== door && fleet.get(station).connected,
    );
  }
});

it('leaves a record that holds', async () => {
  const { events, answered } = await trial.judge();
  expect(events).toBeGreaterThan(100);
  expect(answered).toBeGreaterThan(100);
});
