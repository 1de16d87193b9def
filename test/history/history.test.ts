// A log that real services wrote, taken elsewhere through a file by the commands themselves: the copy
// verifies, folds to the same states, and its own export has the same checksums.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, main, type VerifyReport, verifyLog } from '@ampledger/cli';
import { type SiteConfig, serializeState } from '@ampledger/domain';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { readHistory } from '@ampledger/history';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { emptyFold, foldEvent } from '@ampledger/projection';
import { createRandom } from '@ampledger/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { depotConfig, depotStations } from '../simulation/depot.js';
import { createWorld } from '../simulation/world.js';

const root = mkdtempSync(join(tmpdir(), 'ampledger-history-'));
const at = (name: string): string => join(root, name);
const STATIONS = 6;
const HALF_AN_HOUR = 1_800_000;
const STEP_MS = 10_000;

/** Two sites that live side by side, as one log. */
let events: readonly NewEvent[];
/** The events of the first half of the time, when stations are connected. */
let whileConnected: readonly NewEvent[];

beforeAll(async () => {
  const worlds = await Promise.all([oneSite('east', 3), oneSite('west', 4)]);
  const merged = worlds.flat().sort((a, b) => a.meta.receivedAt - b.meta.receivedAt);
  events = merged;
  const end = merged.at(-1)?.meta.receivedAt ?? 0;
  whileConnected = merged.filter(({ meta }) => meta.receivedAt < end - HALF_AN_HOUR / 2);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function oneSite(id: string, seed: number): Promise<readonly NewEvent[]> {
  const depot = depotConfig();
  const renamed = <T extends { readonly id: string }>(one: T): T => ({ ...one, id: `${id}-${one.id}` });
  const config = {
    ...depot,
    id,
    stations: depot.stations.slice(0, STATIONS).map(renamed),
  } as unknown as SiteConfig;
  const stations = depotStations(createRandom(`history/${seed}`))
    .slice(0, STATIONS)
    .map(renamed);
  const world = await createWorld({ seed, config, stations, meterIntervalS: 60, arrivals: 'busy' });
  const until = world.clock.now() + 2 * HALF_AN_HOUR;
  while (world.clock.now() < until) await world.clock.runUntil(world.clock.now() + STEP_MS);
  await world.close();
  return read(world.log);
}

async function read(log: Pick<EmbeddedLog, 'store'>): Promise<readonly RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for await (const page of log.store.readAll()) found.push(...page);
  return found;
}

async function inLog<T>(directory: string, use: (log: EmbeddedLog) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog({ directory, onWarning: () => undefined });
  try {
    return await use(log);
  } finally {
    await log.close();
  }
}

async function recorded(name: string, list: readonly NewEvent[]): Promise<string> {
  const directory = at(name);
  await inLog(directory, async ({ bus }) => void (await bus.publish(list)));
  return directory;
}

/** All sites, but for the place of the last event, which is the log's own. */
const statesOf = (directory: string): Promise<unknown> =>
  inLog(directory, async (log) => {
    const fold = emptyFold();
    for (const event of await read(log)) foldEvent(fold, event);
    return [...fold.sites].map(([site, state]) => [site, { ...serializeState(state), position: 0 }]);
  });

const idsOf = (directory: string): Promise<readonly string[]> =>
  inLog(directory, async (log) => (await read(log)).map(({ id }) => id));

const verified = (directory: string): Promise<VerifyReport> => inLog(directory, (log) => verifyLog(log));

async function exported(directory: string, name: string, ...more: readonly string[]): Promise<string> {
  const out = at(name);
  expect(await main(['export', '--data', directory, '--out', out, ...more])).toBe(EXIT.ok);
  return out;
}

describe.each(['ndjson', 'ndjson.gz', 'parquet'])('a history as %s', (format) => {
  it('is the same history in another log', async () => {
    const original = await recorded(`original-${format}`, events);
    const file = await exported(original, `history.${format}`);
    const copy = at(`copy-${format}`);
    expect(await main(['import', file, '--data', copy])).toBe(EXIT.ok);

    const report = await verified(copy);
    expect(report).toMatchObject({ holds: true, violations: [], events: events.length, sites: 2 });
    expect(report.checks).toEqual(
      (await verified(original)).checks.map((check) =>
        check.check === 'pages' ? expect.objectContaining({ check: 'pages', failed: 0 }) : check,
      ),
    );
    for (const check of ['decisions', 'raises'] as const) {
      const { checked, skipped } = report.checks.find((one) => one.check === check) ?? {
        checked: 0,
        skipped: 0,
      };
      expect(checked - skipped, check).toBeGreaterThan(0);
    }
    expect(await statesOf(copy)).toEqual(await statesOf(original));

    const again = await exported(copy, `again.${format}`);
    expect((await readHistory(again)).summary).toEqual((await readHistory(file)).summary);

    expect(await main(['import', file, '--data', copy])).toBe(EXIT.ok);
    expect(await idsOf(copy)).toEqual(events.map(({ id }) => id));
  });
});

it('ends with nobody connected', async () => {
  const original = await recorded('connected', whileConnected);
  const file = await exported(original, 'connected.ndjson');
  const copies = [at('ended-1'), at('ended-2')] as const;
  for (const copy of copies) expect(await main(['import', file, '--data', copy])).toBe(EXIT.ok);
  expect(await main(['import', file, '--data', copies[0]])).toBe(EXIT.ok);
  const [first, second] = await Promise.all(copies.map(idsOf));
  expect(first).toEqual(second);
  expect(first?.slice(0, -2)).toEqual(whileConnected.map(({ id }) => id));
  expect(JSON.stringify(await statesOf(original))).toContain('"online":true');
  expect(JSON.stringify(await statesOf(copies[0]))).not.toContain('"online":true');
  expect(await verified(copies[0])).toMatchObject({ holds: true });
});

it('is of one site and up to a moment, where asked for', async () => {
  const original = await recorded('part', events);
  const to = new Date(whileConnected.at(-1)?.meta.receivedAt ?? 0).toISOString();
  const file = await exported(original, 'part.parquet', '--site', 'west', '--to', to);
  const { summary } = await readHistory(file);
  expect(summary.sites.map(({ site }) => site)).toEqual(['west']);
  expect(await main(['import', file, '--data', at('west')])).toBe(EXIT.ok);
  expect(await verified(at('west'))).toMatchObject({ holds: true, sites: 1 });
});

describe('what is refused', () => {
  it('a file that is damaged, of which nothing is imported', async () => {
    const original = await recorded('sound', events);
    const file = await exported(original, 'damaged.ndjson');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      lines.with(-5, lines.at(-5)?.replace('yard', 'cart').replace('1', '2') ?? '').join('\n'),
    );
    expect(await main(['import', file, '--data', at('nothing')])).toBe(EXIT.badInput);
    expect(existsSync(at('nothing'))).toBe(false);
  });

  it('a site that has another history in the log', async () => {
    const original = await recorded('one', events);
    const file = await exported(original, 'one.ndjson');
    const east = events.filter(({ key }) => key === 'east');
    const other = await recorded('other', [...east.slice(0, 10), ...east.slice(11, 20)]);
    expect(await main(['import', file, '--data', other])).toBe(EXIT.badInput);
    expect(await idsOf(other)).toHaveLength(19);
  });

  it('a history without its beginning', async () => {
    const original = await recorded('whole', events);
    const from = new Date(whileConnected.at(-1)?.meta.receivedAt ?? 0).toISOString();
    const file = await exported(original, 'late.ndjson', '--from', from);
    expect(await main(['import', file, '--data', at('late')])).toBe(EXIT.badInput);
    expect(existsSync(at('late'))).toBe(false);
  });

  it('to replace a file unasked, to export nothing, to guess a format', async () => {
    const original = await recorded('replaced', events);
    const file = await exported(original, 'once.ndjson');
    const tries = [
      ['--out', file],
      ['--out', at('no.ndjson'), '--site', 'nowhere'],
      ['--out', at('no.txt')],
      ['--out', at('no/such/directory.ndjson')],
    ];
    for (const more of tries) {
      expect(await main(['export', '--data', original, ...more]), more.join(' ')).toBe(EXIT.badInput);
    }
    expect(existsSync(at('no.ndjson'))).toBe(false);
    await exported(original, 'once.ndjson', '--force');
    expect(await main(['import', at('not there'), '--data', at('none')])).toBe(EXIT.badInput);
  });
});
