// The plan on the live page, in Chromium on a real engine: a site with cheap hours and two cars of which
// one needs more than its stay allows. The page shows the power to come, the price, a row for each
// car, and names the car that will be short.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedStation } from '@ampledger/simulator';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineProcess, startEngineProcess } from '../e2e/engine-process.js';
import { followEvents, isEvent, type LiveEvents } from '../e2e/live-events.js';
import { createStations, siteFile, testStations } from '../e2e/stations.js';
import { launchChromium } from './chromium.js';

const STATIONS = testStations(2);
const CAR = { phases: 3, maxA: 32, energyNeedWh: 60_000 } as const;
const PHONE = { width: 390, height: 844 };
const HOUR_MS = 3_600_000;
const PLAN = `
plan:
  currency: EUR
  price: 0.30
  horizon: 12 h
  tariff:
    - { from: "00:00", to: "06:00", price: 0.18 }
    - { from: "12:00", to: "15:00", price: 0.22 }
`;

const directory = mkdtempSync(join(tmpdir(), 'ampledger-plan-page-'));
const artifacts = process.env.ARTIFACTS ?? join(directory, 'artifacts');

let engine: EngineProcess;
let live: LiveEvents;
let stations: readonly SimulatedStation[];
let browser: Browser;
let page: Page;
const complaints: string[] = [];

/** Of each car: what it needs, and in how many hours it leaves. */
async function tellNeeds(connector: string, energyWh: number, hours: number): Promise<void> {
  const departAt = new Date(Date.now() + hours * HOUR_MS).toISOString();
  const url = `${engine.apiUrl}/api/v1/sites/yard/connectors/${encodeURIComponent(connector)}/needs`;
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ energyWh, departAt }),
  });
  expect(answer.status, await answer.text()).toBeLessThan(300);
}

beforeAll(async () => {
  mkdirSync(artifacts, { recursive: true });
  const site = join(directory, 'site.yaml');
  writeFileSync(site, `${siteFile(40, STATIONS)}${PLAN}`);
  engine = await startEngineProcess(['--site', site, '--data', join(directory, 'data')]);
  live = followEvents(engine.apiUrl);
  stations = createStations(STATIONS, { ocppUrl: engine.ocppUrl, seed: 1 });
  for (const station of stations) station.plugIn(1, CAR);
  let position = 0;
  for (const { id } of STATIONS)
    position = Math.max(position, (await live.next(isEvent('SessionStarted', { station: id }))).position);
  await tellNeeds('CP1/1', 8_000, 8);
  await tellNeeds('CP2/1', 55_000, 1);
  const planned = (event: Parameters<Parameters<LiveEvents['next']>[0]>[0]): boolean =>
    isEvent('PlanMade', {})(event) && JSON.stringify(event.data).includes('CP2');
  await live.next(planned, position);
  browser = await launchChromium();
  page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.includes('?at='))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  for (const station of stations ?? []) station.close();
  live?.close();
  engine?.signal('SIGKILL');
  await engine?.ended;
  rmSync(directory, { recursive: true, force: true });
});

describe('the plan on the page', () => {
  it('shows power and price to come, and a row for each car', async () => {
    await page.goto(`${engine.apiUrl}/`);
    const panel = page.locator('.area-plan');
    await panel.waitFor();
    await panel.getByText('Power, kW').waitFor();
    await panel
      .locator('.plan-car-name')
      .nth(STATIONS.length - 1)
      .waitFor();
    expect(await panel.locator('.plan-car-name').count()).toBe(STATIONS.length);
    const text = (await panel.textContent()) ?? '';
    expect(text).toContain('EUR');
    await page.screenshot({ path: join(artifacts, 'page-plan.png'), fullPage: true });
  });

  it('names the car that will be short, and leads to its connector', async () => {
    const panel = page.locator('.area-plan');
    const short = panel.locator('.plan-short');
    await short.first().waitFor();
    expect(await short.count()).toBe(1);
    expect(await panel.locator('.plan-words').textContent()).toContain('will be short');
    await short.locator('.plan-car-name').click();
    await panel.locator('.plan-car-selected').waitFor();
    expect(await panel.locator('.plan-car-selected').textContent()).toContain('CP2');
  });

  it('fits on a phone, in the dark', async () => {
    const phone = await browser.newPage({ viewport: PHONE, colorScheme: 'dark', isMobile: true });
    await phone.goto(`${engine.apiUrl}/`);
    await phone.locator('.area-plan .plan-car-name').first().waitFor();
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
    await phone.screenshot({ path: join(artifacts, 'page-plan-phone.png'), fullPage: true });
    await phone.close();
    expect(complaints).toEqual([]);
  });
});
