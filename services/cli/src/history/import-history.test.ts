// An import that is stopped in the middle goes on where it was; what does not fit is refused before the
// first event is published.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type DomainEvent,
  eventFor,
  siteConfigSchema,
} from '@ampledger/domain';
import { headerOf, historyOf, WHOLE, writeHistory } from '@ampledger/history';
import { siteId } from '@ampledger/kernel';
import { createMemoryLog, type MemoryLog } from '@ampledger/memory-log';
import type { NewEvent } from '@ampledger/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImportReport, importHistory } from './import-history.js';
import type { HistoryTarget } from './target.js';

const SITES = ['yard', 'depot'].map(siteId);
const START = Date.parse('2026-03-01T12:00:00Z');
const unmanaged = { kind: 'none' };

const configOf = (id: string) =>
  siteConfigSchema.parse({
    ...DEFAULT_SITE,
    id,
    timeZone: 'Europe/Berlin',
    voltageV: 230,
    nodes: [
      {
        id: 'main',
        parent: null,
        limitA: [32, 32, 32],
        limitW: null,
        reserveA: 0,
        unmanaged,
        ...DEFAULT_NODE,
      },
    ],
    stations: [],
    control: DEFAULT_CONTROL,
  });

const loads = (n: number): DomainEvent => ({
  type: 'NodeLoadMeasured',
  data: {
    site: SITES[n % 2] ?? siteId('yard'),
    node: configOf('x').nodes[0]?.id ?? ('' as never),
    loadA: [n, 0, 0],
  },
});

const eventOf = (event: DomainEvent, n: number): NewEvent =>
  eventFor({ event, site: SITES[n % 2] ?? siteId('yard'), receivedAt: START + n * 1_000, idParts: [n] });

/** Two sites, event by event in turn; enough for several pages. */
const events: readonly NewEvent[] = [
  ...SITES.map((id, n) =>
    eventOf({ type: 'SiteConfigured', data: { site: configOf(id), origin: 'file' } }, n),
  ),
  ...Array.from({ length: 2_500 }, (_, i) => eventOf(loads(i), i + 2)),
];

let directory: string;
let path: string;
let log: MemoryLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ampledger-import-'));
  path = join(directory, 'history.ndjson');
  log = createMemoryLog();
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

async function file(list: readonly NewEvent[]): Promise<void> {
  const from = createMemoryLog();
  await from.bus.publish(list);
  await writeHistory({
    path,
    format: 'ndjson',
    header: headerOf({ madeAt: START, madeBy: 'test', selection: WHOLE }),
    pages: historyOf(from.store.readAll()),
    overwrite: true,
  });
  await from.close();
}

const target = (publish: HistoryTarget['publish'] = log.bus.publish): HistoryTarget => ({
  existing: () => log.store.readAll(),
  publish,
  close: async () => undefined,
});

const run = (to = target()): Promise<ImportReport> => importHistory({ path, openTarget: async () => to });

async function ids(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of log.store.readAll()) found.push(...page.map(({ id }) => id));
  return found;
}

const counts = ({ events: all, published, present }: ImportReport): readonly number[] => [
  all,
  published,
  present,
];

describe('importHistory', () => {
  it('publishes everything in order, and nothing a second time', async () => {
    await file(events);
    expect(counts(await run())).toEqual([2_502, 2_502, 0]);
    expect(counts(await run())).toEqual([2_502, 0, 2_502]);
    expect(await ids()).toEqual(events.map(({ id }) => id));
  });

  it('goes on where it was stopped, and says how much was there', async () => {
    await file(events);
    let calls = 0;
    const failing = target(async (batch) => {
      calls += 1;
      if (calls > 2) throw new Error('stopped');
      return log.bus.publish(batch);
    });
    await expect(run(failing)).rejects.toThrow('stopped');
    const before = (await ids()).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(events.length);
    const report = await run();
    expect(counts(report)).toEqual([2_502, 2_502 - before, before]);
    expect(report.sites.map(({ site, present }) => [site, present])).toEqual([
      ['yard', before / 2],
      ['depot', before / 2],
    ]);
    expect(await ids()).toEqual(events.map(({ id }) => id));
  });

  it('takes what a longer history has more', async () => {
    await file(events.slice(0, 100));
    await run();
    await file(events);
    expect(counts(await run())).toEqual([2_502, 2_402, 100]);
  });

  it('leaves a log alone that has gone on', async () => {
    await log.bus.publish(events);
    await file(events.slice(0, 100));
    expect(counts(await run())).toEqual([100, 0, 100]);
    expect(await ids()).toHaveLength(events.length);
  });

  it('puts a site beside those of the log', async () => {
    const [yard, depot] = SITES.map((site) => events.filter(({ key }) => key === site));
    await log.bus.publish(yard ?? []);
    await file(depot ?? []);
    expect(counts(await run())).toEqual([1_251, 1_251, 0]);
  });

  it.each([
    ['another first event', 0],
    ['another event in the middle', 501],
  ])('refuses a site that has %s, before anything is published', async (_what, index) => {
    const other = { ...(events[index] as NewEvent), id: 'another' };
    await log.bus.publish(events.slice(0, 1_000).with(index, other));
    await file(events);
    await expect(run()).rejects.toThrow(/another history of "(yard|depot)"/);
    expect(await ids()).toHaveLength(1_000);
  });

  it.each([
    ['a type', { type: 'NoSuchThing' }, /line 4: NoSuchThing of version 1 is nothing/],
    ['a version', { version: 99 }, /line 4: NodeLoadMeasured of version 99 is nothing/],
    ['data', { data: { site: 'yard', node: 'main', loadA: [1] } }, /line 4: NodeLoadMeasured: loadA/],
  ])('refuses %s that this release does not know', async (_what, wrong, message) => {
    await file(events.slice(0, 5).with(2, { ...(events[2] as NewEvent), ...wrong }));
    await expect(run()).rejects.toThrow(message);
    expect(await ids()).toEqual([]);
  });
});
