// A cabinet of power modules and a DC station that is set by the kilowatt, over real sockets: what they are told is
// whole modules and whole kilowatts to the last digit, and they draw it; a watt less, and a module would stay off.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SiteConfig, wattsPerAmpere } from '@ampledger/domain';
import { systemClock } from '@ampledger/kernel';
import {
  createRandom,
  createSimulatedStation,
  type SimulatedStation,
  webSocketDial,
} from '@ampledger/simulator';
import { parseSiteFile } from '@ampledger/site-file';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stationsOfSite } from '../../services/cli/src/simulated-site.js';
import { ampledger, type EngineProcess, startEngineProcess } from './engine-process.js';
import { followEvents, type LiveEvents } from './live-events.js';

const FILE = `
id: yard
timeZone: America/Chicago
wiring: delta
grid:
  id: main
  limit: { current: 300 A, power: 50 kW }
  transformer: { power: 112.5 kVA, primary: 480 V, secondary: 208 V }
  stations:
    - { id: HPC1, limit: 60 kW, module: 10 kW, current: dc, max: 60 kW, connectors: [{ id: 1 }, { id: 2 }] }
    - { id: DC1, current: dc, max: 24 kW, step: 1 kW }
control: { raiseInterval: 0 s, minDwell: 0 s, unseen: absent }
`;
const EFFICIENCY = 0.94;
const CAR = { phases: 3, maxA: 150, energyNeedWh: 60_000 } as const;
const OUTLETS = [
  ['HPC1', 1, 10_000],
  ['HPC1', 2, 10_000],
  ['DC1', 1, 1_000],
] as const;

const directory = mkdtempSync(join(tmpdir(), 'ampledger-dc-'));
const data = join(directory, 'data');
let site: SiteConfig;
let engine: EngineProcess;
let live: LiveEvents;
let stations: ReadonlyMap<string, SimulatedStation>;

beforeAll(async () => {
  const path = join(directory, 'site.yaml');
  writeFileSync(path, FILE);
  const parsed = parseSiteFile(FILE);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  site = parsed.value;
  engine = await startEngineProcess(['--site', path, '--data', data]);
  live = followEvents(engine.apiUrl);
  stations = new Map(
    stationsOfSite(site, 'both').map((spec) => [
      spec.id,
      createSimulatedStation({
        voltageV: site.voltageV,
        ...spec,
        clock: systemClock,
        random: createRandom(spec.id),
        dial: webSocketDial({ url: engine.ocppUrl }),
        meterIntervalS: 1,
      }),
    ]),
  );
});

afterAll(async () => {
  for (const station of stations.values()) station.close();
  live.close();
  engine.signal('SIGKILL');
  await engine.ended;
  rmSync(directory, { recursive: true, force: true });
});

/** What the car gets, watts. */
function drawnW(id: string, evseId: number): number {
  const [eachA] = stations.get(id)?.drawA(evseId) ?? [0];
  return eachA * wattsPerAmpere(site, [0, 1, 2]) * EFFICIENCY;
}

/** Resolves when this is content, which is asked after each answer to a profile and each change of a draw. */
const when = (isContent: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!isContent()) return;
      for (const stop of stops) stop();
      resolve();
    };
    const stops = [...stations.values()].map((one) =>
      one.subscribe(({ kind }) => {
        // The profile is installed right after its answer.
        if (kind === 'draw-changed' || kind === 'profile-answered') setImmediate(look);
      }),
    );
    look();
  });

it('tells whole modules and whole kilowatts, which are drawn', async () => {
  // Nobody charges before its default profile is there.
  await when(() => OUTLETS.every(([id, evseId]) => stations.get(id)?.compositeLimitA(evseId) === 0));
  for (const [id, evseId] of OUTLETS) stations.get(id)?.plugIn(evseId, CAR);
  // There are 47 kW for the cars, of which modules and kilowatts leave three at most.
  await when(() => OUTLETS.reduce((sum, [id, evseId]) => sum + drawnW(id, evseId), 0) > 43_990);
  for (const [id, evseId, stepW] of OUTLETS) {
    const drawn = drawnW(id, evseId);
    expect(drawn, `${id}/${evseId}`).toBeGreaterThan(stepW - 1);
    expect(Math.abs(drawn - Math.round(drawn / stepW) * stepW), `${id}/${evseId}: ${drawn}`).toBeLessThan(
      0.1,
    );
  }
  const sent = live.seen.flatMap(({ type, data: { station, payload } }): readonly [string, number][] =>
    type === 'CallRequested' && JSON.stringify(payload).includes('TxProfile')
      ? [...JSON.stringify(payload).matchAll(/"limit":([\d.]+)/g)].map(([, limit]) => [
          String(station),
          Number(limit),
        ])
      : [],
  );
  expect(sent.length).toBeGreaterThanOrEqual(3);
  for (const [station, limitW] of sent)
    expect(limitW % (station === 'DC1' ? 1_000 : 10_000), station).toBe(0);
});

it('leaves a log that holds', async () => {
  engine.signal('SIGINT');
  expect(await engine.ended, engine.stderr()).toEqual({ code: 0, signal: null });
  const { stdout } = await ampledger(['verify', '--data', data, '--json']);
  expect(JSON.parse(stdout), stdout).toMatchObject({ holds: true, violations: [] });
});
