// The whole loop over real sockets: boot, session, allocation, profile, a cap through the API and its
// effect at the stations, the end in order, and the next start that goes on from the log.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteWire } from '@ampledger/api';
import type { SimulatedStation } from '@ampledger/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ampledger, type EngineProcess, launch, startEngineProcess } from './engine-process.js';
import { followEvents, isEvent, type LiveEvents } from './live-events.js';
import { createStations, siteFile, testStations } from './stations.js';

const CAR = { phases: 3, maxA: 32, energyNeedWh: 60_000 } as const;
const STATIONS = testStations(4);
const CLOSE_MS_MAX = 2_000;

const directory = mkdtempSync(join(tmpdir(), 'ampledger-loop-'));
const site = join(directory, 'site.yaml');
const data = join(directory, 'data');

let engine: EngineProcess;
let live: LiveEvents;
let stations: readonly SimulatedStation[] = [];

const start = async (...args: readonly string[]): Promise<void> => {
  engine = await startEngineProcess(['--site', site, '--data', data, ...args]);
  live = followEvents(engine.apiUrl);
};

const portOf = (url: string): string => new URL(url).port;

/** Ends it, and says how long that took. */
async function end(signal: NodeJS.Signals): Promise<number> {
  const from = performance.now();
  engine.signal(signal);
  expect(await engine.ended, engine.stderr()).toEqual({ code: 0, signal: null });
  live.close();
  return performance.now() - from;
}

const state = async (): Promise<SiteWire> =>
  (await (await fetch(`${engine.apiUrl}/api/v1/sites/yard`)).json()) as SiteWire;

/** The stations' own word for what their profiles allow together. */
const compositeSumA = (): number => stations.reduce((sum, station) => sum + station.compositeLimitA(1), 0);

/** Resolves when the stations' profiles allow as much as this is content with: asked after each of their answers. */
const whenAllowed = (isContent: (sumA: number) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!isContent(compositeSumA())) return;
      for (const stop of stops) stop();
      resolve();
    };
    const stops = stations.map((station) =>
      station.subscribe((event) => {
        // The profile is installed right after its answer.
        if (event.kind === 'profile-answered') setImmediate(look);
      }),
    );
    look();
  });

beforeAll(async () => {
  writeFileSync(site, siteFile(60, STATIONS));
  await start();
});

afterAll(async () => {
  for (const station of stations) station.close();
  live.close();
  engine.signal('SIGKILL');
  await engine.ended;
  rmSync(directory, { recursive: true, force: true });
});

describe('the loop', () => {
  it('takes stations and sessions, and shares the limit out', async () => {
    stations = createStations(STATIONS, { ocppUrl: engine.ocppUrl, seed: 1 });
    for (const station of stations) station.plugIn(1, CAR);
    for (const { id } of STATIONS) await live.next(isEvent('SessionStarted', { station: id }));
    await whenAllowed((sumA) => Math.abs(sumA - 60) < 0.5);
    expect(stations.map((station) => station.compositeLimitA(1))).toEqual([15, 15, 15, 15]);
  });

  it('cuts the stations when the site is capped, and says whose limit it is', async () => {
    const capped = whenAllowed((sumA) => sumA <= 30.01);
    const answer = await fetch(`${engine.apiUrl}/api/v1/sites/yard/envelopes/operator`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ limitA: 30 }),
    });
    expect(answer.status).toBe(200);
    await capped;
    const { nodes, connectors } = await state();
    expect(nodes[0]).toMatchObject({ limitA: [30, 30, 30], limitBy: 'operator' });
    expect(connectors.map(({ because }) => because)).toContainEqual(
      expect.objectContaining({ kind: 'link', node: 'main', envelope: 'operator' }),
    );
  });

  it('ends in order within two seconds when interrupted', async () => {
    expect(await end('SIGINT')).toBeLessThan(CLOSE_MS_MAX);
  });

  it('leaves a log that holds', async () => {
    const { code, stdout } = await ampledger(['verify', '--data', data, '--json']);
    expect(stdout).not.toBe('');
    const report = JSON.parse(stdout) as {
      holds: boolean;
      checks: readonly { check: string; checked: number }[];
    };
    expect(report, stdout).toMatchObject({ holds: true, violations: [] });
    // The site asks for no plan.
    for (const { check, checked } of report.checks) {
      if (check === 'plans') expect(checked).toBe(0);
      else expect(checked, check).toBeGreaterThan(0);
    }
    expect(code).toBe(0);
  });

  it('explains a limit back to the frames', async () => {
    const { code, stdout } = await ampledger(['explain', 'CP1/1', '--data', data, '--json']);
    expect(code).toBe(0);
    const chain = JSON.parse(stdout) as Record<string, unknown>;
    expect(chain).toMatchObject({
      connector: 'CP1/1',
      site: 'yard',
      session: {
        started: { event: { type: 'SessionStarted' }, frame: expect.stringContaining('"StartTransaction"') },
      },
      // At the start of a transaction, its message carries the first reading.
      meter: {
        event: { type: 'MeterSampled' },
        frame: expect.stringMatching(/"(?:MeterValues|StartTransaction)"/),
      },
      call: {
        event: { type: 'CallRequested', data: { action: 'SetChargingProfile' } },
        answer: { type: 'CallAnswered', frame: expect.stringContaining('Accepted') },
      },
    });
    const story = await ampledger(['explain', 'CP1/1', '--data', data]);
    expect(story.stdout).toContain('SetChargingProfile');
  });

  it('shows the past', async () => {
    const events = await ampledger(['events', '--data', data, '--json', '--type', 'EnvelopeSet']);
    const cap = JSON.parse(events.stdout.trim()) as { receivedAt: string };
    const before = new Date(Date.parse(cap.receivedAt) - 1).toISOString();
    const then = await ampledger(['state', '--data', data, '--json', '--at', before]);
    expect(JSON.parse(then.stdout)).toMatchObject({
      id: 'yard',
      nodes: [{ limitA: [60, 60, 60], limitBy: 'rating' }],
    });
    const table = await ampledger(['state', '--data', data]);
    expect(table.stdout).toMatch(/^main\s+30\s+operator/m);
  });

  it('goes on from the log when it is started again', async () => {
    const sessions = stations.map((station) => station.outlet(1).transaction);
    const { ocppUrl, apiUrl } = engine;
    await start('--port', portOf(apiUrl), '--ocpp-port', portOf(ocppUrl));
    const again = await live.next(
      isEvent('EngineStarted'),
      (await live.next(isEvent('EngineStarted'))).position,
    );
    for (const { id } of STATIONS)
      await live.next(isEvent('StationConnected', { station: id }), again.position);
    await live.next(isEvent('MeterSampled', { station: 'CP1' }), again.position);
    const { nodes, connectors } = await state();
    expect(nodes[0]).toMatchObject({ limitBy: 'operator' });
    expect(connectors.map(({ session }) => session?.transaction)).toEqual(sessions);
    expect(compositeSumA()).toBeLessThanOrEqual(30.01);
  });

  it('raises again when the cap is lifted', async () => {
    const raised = whenAllowed((sumA) => Math.abs(sumA - 60) < 0.5);
    await fetch(`${engine.apiUrl}/api/v1/sites/yard/envelopes/operator`, { method: 'DELETE' });
    await raised;
  });

  it('prints events as they happen', async () => {
    const args = ['events', '--url', engine.apiUrl, '--follow', '--json', '--type', 'SessionEnded'];
    const follow = launch(args);
    stations[0]?.unplug(1);
    expect(await follow.printed('"CP1"')).toContain('SessionEnded');
    stations[1]?.unplug(1);
    expect(await follow.printed('"CP2"')).toContain('SessionEnded');
    expect(await end('SIGTERM')).toBeLessThan(CLOSE_MS_MAX);
    // Without its engine, it ends with a word on why.
    expect((await follow.ended).code, follow.stderr()).toBe(3);
  });
});
