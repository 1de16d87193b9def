// kill -9 at random moments, while stations charge: after each, the log verifies, and nothing that a
// station got an answer to is missing from it. KILLS says how often, KILL_SEED which moments.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventWire } from '@ampledger/api';
import { systemClock } from '@ampledger/kernel';
import { createArrivals, createRandom } from '@ampledger/simulator';
import { afterAll, expect, it } from 'vitest';
import { createAnsweredLedger, keysInLog } from './answered-ledger.js';
import { ampledger, launchEngine } from './engine-process.js';
import { createStations, siteFile, testStations } from './stations.js';

const KILLS = Number(process.env.KILLS ?? 3);
const SEED = process.env.KILL_SEED ?? String(Date.now());
/** Of the moments: most while it serves, some while it starts. */
const SERVES_MS_MAX = 2_000;
const STARTS_MS_MAX = 800;
const KILLED_AT_START = 0.2;
const KILL_MS_MAX = 30_000;

const directory = mkdtempSync(join(tmpdir(), 'ampledger-kill-'));
const site = join(directory, 'site.yaml');
const data = join(directory, 'data');
const STATIONS = testStations(10);

/** A log that fails is worth looking at: it stays, and the message names it. */
const isSound = { value: false };

afterAll(() => {
  if (isSound.value) rmSync(directory, { recursive: true, force: true });
});

interface Ports {
  readonly ocpp: string;
  readonly api: string;
}

const argsFor = (ports: Ports): readonly string[] => [
  ...['--site', site, '--data', data],
  ...['--ocpp-port', ports.ocpp, '--port', ports.api],
];

/** The first run finds the ports; the stations come back to them each time. */
async function firstRun() {
  const starting = launchEngine(['--site', site, '--data', data]);
  const { ocppUrl, apiUrl } = await starting.serving;
  return { starting, ocppUrl, ports: { ocpp: new URL(ocppUrl).port, api: new URL(apiUrl).port } };
}

async function eventsInLog(): Promise<readonly EventWire[]> {
  const { code, stdout, stderr } = await ampledger(['events', '--data', data, '--json']);
  expect(code, stderr).toBe(0);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as EventWire]));
}

async function expectSound(when: string): Promise<void> {
  const { code, stdout, stderr } = await ampledger(['verify', '--data', data, '--json']);
  expect(code, `${when}, log in ${data}: ${stdout}${stderr}`).toBe(0);
}

const KILLS_TIMEOUT_MS = 60_000 + KILLS * KILL_MS_MAX;

it(`keeps what it answered over ${KILLS} kills (KILL_SEED=${SEED})`, {
  timeout: KILLS_TIMEOUT_MS,
}, async () => {
  writeFileSync(site, siteFile(80, STATIONS));
  const random = createRandom(SEED);
  const ledger = createAnsweredLedger();
  const { starting, ocppUrl, ports } = await firstRun();
  const stations = createStations(STATIONS, { ocppUrl, seed: SEED, speed: 60, onFrame: ledger.onFrame });
  const arrivals = createArrivals({ seed: SEED, clock: systemClock, stations, profile: 'busy', speed: 300 });
  let running = starting;
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      const atStart = kill > 1 && random() < KILLED_AT_START;
      if (!atStart) await running.serving;
      // The moment is what is tested: there is nothing to wait for.
      await wait(random() * (atStart ? STARTS_MS_MAX : SERVES_MS_MAX));
      running.kill();
      await running.ended;
      await expectSound(`after kill ${kill}${atStart ? ', at the start' : ''}`);
      const kept = keysInLog(await eventsInLog());
      const lost = [...ledger.answered].filter((key) => !kept.has(key));
      expect(lost, `after kill ${kill}, log in ${data}`).toEqual([]);
      running = launchEngine(argsFor(ports));
    }
    await running.serving;
    // Kills that all came early leave little to have been answered: the last run goes on until there is some.
    while (ledger.answered.size <= KILLS) await wait(50);
  } finally {
    arrivals.close();
    for (const station of stations) station.close();
    running.kill();
    await running.ended;
  }
  expect(ledger.answered.size).toBeGreaterThan(KILLS);
  isSound.value = true;
});
