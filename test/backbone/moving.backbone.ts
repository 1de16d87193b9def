// A history on its way: from a cluster to a data directory, from there to another cluster, and the same
// checksums everywhere.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ampledger } from '../e2e/engine-process.js';
import { startBroker } from '../kafka/broker.js';
import { stablePort } from './ports.js';
import { testSites } from './sites.js';
import { startStore } from './store.js';
import { type Supervised, supervise } from './supervisor.js';
import { type RunningTrial, startTrial } from './trial.js';
import { until } from './until.js';

const PARTITIONS = '3';
const sites = testSites(2, 3);
const ending: (() => Promise<unknown>)[] = [];

let trial: RunningTrial;
let recorder: Supervised;
/** How the second cluster is reached; it has other partitions than the first. */
let second: readonly string[];

beforeAll(async () => {
  trial = await startTrial({ name: 'moving', sites });
  ending.push(() => trial.close());
  for (const station of trial.fleet.stations)
    station.plugIn(1, { phases: 3, maxA: 32, energyNeedWh: 60_000 });
  await until('cars charge', () => trial.fleet.drawA()[0] > 10);
  await until('it was looked at for a while', () => trial.overloads.looks() > 10);
  await trial.judge();
  const { directory } = trial.cluster;
  const broker = await startBroker({ directory: join(directory, 'kafka-2'), port: await stablePort() });
  ending.push(() => broker.stop());
  const store = await startStore(join(directory, 'store-2'));
  ending.push(() => store.close());
  const adminPort = await stablePort();
  recorder = supervise({
    name: 'recorder-of-2',
    command: 'recorder',
    adminPort,
    logFile: join(directory, 'recorder-of-2.log'),
    env: {
      AMPLEDGER_KAFKA_BROKERS: broker.bootstrap,
      AMPLEDGER_PARTITIONS: PARTITIONS,
      AMPLEDGER_EVENT_STORE_URL: store.url,
      AMPLEDGER_ADMIN_PORT: String(adminPort),
      AMPLEDGER_LOG_FORMAT: 'json',
    },
  });
  ending.push(() => recorder.destroy());
  await recorder.ready();
  second = ['--kafka-brokers', broker.bootstrap, '--partitions', PARTITIONS, '--event-store-url', store.url];
});
afterAll(async () => {
  for (const end of ending.reverse()) await end();
});

interface Moved {
  readonly events: number;
  readonly published: number;
  readonly present: number;
  readonly sites: readonly { site: string; sha256: string; disconnected: boolean }[];
}

const run = async (...argv: string[]): Promise<string> => {
  const { code, stdout, stderr } = await ampledger(argv);
  expect(code, `${argv.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
};
const importFile = async (...argv: string[]): Promise<Moved> =>
  JSON.parse(await run('import', ...argv, '--json')) as Moved;
const sumsOf = async (...argv: string[]): Promise<Readonly<Record<string, string>>> => {
  const { summary } = JSON.parse(await run('export', ...argv, '--force', '--json')) as {
    summary: { sites: { site: string; sha256: string }[] };
  };
  return Object.fromEntries(summary.sites.map(({ site, sha256 }) => [site, sha256]));
};

it('goes from a cluster to a directory, to a cluster of other partitions, and back', async () => {
  const { cluster } = trial;
  const file = (name: string): string => join(cluster.directory, name);
  const ofFirst = ['--event-store-url', cluster.store.url, '--partitions', '12'];
  const sums = await sumsOf(...ofFirst, '--out', file('first.ndjson.gz'));
  expect(Object.keys(sums).sort()).toEqual(sites.map(({ id }) => id).sort());

  const alone = file('alone');
  const imported = await importFile(file('first.ndjson.gz'), '--data', alone);
  expect(imported.published).toBe(imported.events);
  await run('verify', '--data', alone);
  const grown = await sumsOf('--data', alone, '--out', file('alone.parquet'));

  const up = await importFile(file('alone.parquet'), ...second);
  expect(up.present).toBe(0);
  const again = await importFile(file('alone.parquet'), ...second);
  expect(again).toMatchObject({ published: 0, present: up.events });
  expect(await sumsOf(...second.slice(2), '--out', file('second.ndjson'))).toEqual(grown);
  expect(readFileSync(file('second.ndjson'), 'utf8').split('\n').length).toBeGreaterThan(imported.events);
  await run('rebuild', ...second);
});

it('is not imported under the eyes of those who decide', async () => {
  const adminPort = await stablePort();
  const { directory } = trial.cluster;
  const optimizer = supervise({
    name: 'optimizer-of-2',
    command: 'optimizer',
    adminPort,
    logFile: join(directory, 'optimizer-of-2.log'),
    env: {
      AMPLEDGER_KAFKA_BROKERS: second[1] ?? '',
      AMPLEDGER_PARTITIONS: PARTITIONS,
      AMPLEDGER_EVENT_STORE_URL: second[5] ?? '',
      AMPLEDGER_ADMIN_PORT: String(adminPort),
    },
  });
  try {
    await optimizer.ready();
    const { code, stderr } = await ampledger(['import', join(directory, 'alone.parquet'), ...second]);
    expect(code).toBe(3);
    expect(stderr).toContain('Stop them, import, and start them again');
  } finally {
    await optimizer.destroy();
  }
});
