// The live page in Chromium, on a real engine with stations that charge: it loads without a word of
// complaint, shows every connector, caps the site and lifts the cap, and says when the engine is gone.

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

const STATIONS = testStations(4);
const CAR = { phases: 3, maxA: 32, energyNeedWh: 60_000 } as const;
const PHONE = { width: 390, height: 844 };

const directory = mkdtempSync(join(tmpdir(), 'ampledger-page-'));
const artifacts = process.env.ARTIFACTS ?? join(directory, 'artifacts');

let engine: EngineProcess;
let live: LiveEvents;
let stations: readonly SimulatedStation[];
let browser: Browser;
let page: Page;
const complaints: string[] = [];

/** On a log that has just begun, the page asks how the site was before there was one: that is answered 404. */
const isBeforeTheBeginning = (url: string): boolean => /\/api\/v1\/sites\/yard\?at=/.test(url);

function listen(to: Page): void {
  to.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !isBeforeTheBeginning(message.location().url)) complaints.push(message.text());
  });
  to.on('pageerror', (error) => complaints.push(error.message));
  to.on('response', (response) => {
    const isRefused = response.status() >= 400 && !isBeforeTheBeginning(response.url());
    if (isRefused) complaints.push(`${response.status()} ${response.url()}`);
  });
}

beforeAll(async () => {
  mkdirSync(artifacts, { recursive: true });
  const site = join(directory, 'site.yaml');
  writeFileSync(site, siteFile(60, STATIONS));
  engine = await startEngineProcess(['--site', site, '--data', join(directory, 'data')]);
  live = followEvents(engine.apiUrl);
  stations = createStations(STATIONS, { ocppUrl: engine.ocppUrl, seed: 1 });
  for (const station of stations) station.plugIn(1, CAR);
  for (const { id } of STATIONS) await live.next(isEvent('SessionStarted', { station: id }));
  browser = await launchChromium();
  page = await browser.newPage();
  listen(page);
});

afterAll(async () => {
  await browser?.close();
  for (const station of stations) station.close();
  live.close();
  engine.signal('SIGKILL');
  await engine.ended;
  rmSync(directory, { recursive: true, force: true });
});

describe('the live page', () => {
  it('loads, goes live and shows every connector', async () => {
    await page.goto(`${engine.apiUrl}/`);
    await page.getByText('Live', { exact: true }).waitFor();
    const rows = page.locator('.connector');
    await rows.nth(STATIONS.length - 1).waitFor();
    expect(await rows.count()).toBe(STATIONS.length);
    const text = await page.locator('body').textContent();
    for (const { id } of STATIONS) expect(text).toContain(id);
    await page.screenshot({ path: join(artifacts, 'page.png'), fullPage: true });
    expect(complaints).toEqual([]);
  });

  it('caps the site, and stations follow', async () => {
    await page.locator('input[aria-label="Cap in A"][type="text"]').fill('30');
    await page.getByRole('button', { name: 'Apply cap' }).click();
    const set = await live.next(isEvent('EnvelopeSet', { source: 'operator' }));
    expect(set.data).toMatchObject({ node: 'main', limitA: [30, 30, 30] });
    await page.locator('.envelope').waitFor();
    expect(await page.locator('.envelope').textContent()).toContain('30 A');
    const answered = (event: Parameters<typeof isEvent>[1]) =>
      isEvent('CallAnswered', { status: 'Accepted', ...event });
    for (const { id } of STATIONS) await live.next(answered({ station: id }), set.position);
    await page.screenshot({ path: join(artifacts, 'page-capped.png'), fullPage: true });
  });

  it('lifts the cap', async () => {
    await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
    await live.next(isEvent('EnvelopeRemoved', { source: 'operator' }));
    await page.locator('.envelope').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  it('fits on a phone, in the dark', async () => {
    const phone = await browser.newPage({
      viewport: PHONE,
      colorScheme: 'dark',
      isMobile: true,
      hasTouch: true,
    });
    listen(phone);
    await phone.goto(`${engine.apiUrl}/`);
    await phone.locator('.connector').first().waitFor();
    const width = await phone.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.width);
    await phone.screenshot({ path: join(artifacts, 'page-phone-dark.png'), fullPage: true });
    await phone.close();
    expect(complaints).toEqual([]);
  });

  it('says when the engine is gone', async () => {
    engine.signal('SIGTERM');
    await engine.ended;
    await page.getByText('Connection lost').first().waitFor();
    await page.screenshot({ path: join(artifacts, 'page-lost.png'), fullPage: true });
  });
});
