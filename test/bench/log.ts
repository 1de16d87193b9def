// The embedded log against what it stands on: bare inserts with the same library and the same
// durability, and JSON.parse alone. All in one run, on the same events.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openEmbeddedLog } from '@ampledger/embedded-log';
import { deterministicId } from '@ampledger/kernel';
import type { NewEvent } from '@ampledger/ports';
import Database from 'libsql';
import { amountOf, existingDirectory } from './arguments.js';

const HELP = `Usage: npm run bench -- log [--seconds N] [--dir DIRECTORY]

Prints durable appends per second (calls of 1, 10, 100 and 1,000 events from 64 publishers) and replayed
events per second, with ratios to bare inserts and reads of the same library and to JSON.parse.

  --seconds N   how long each append figure is measured (default 3)
  --dir DIR     where the files are written and removed again (default the system's temporary directory)
`;

const BATCHES = [1, 10, 100, 1000] as const;
const PUBLISHERS = 64;
const STATIONS = 500;
const REPLAY_EVENTS_MAX = 300_000;

interface Measured {
  readonly what: string;
  readonly logPerS: number;
  readonly rawPerS: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '3' },
      dir: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const durationMs = amountOf(values.seconds, { option: 'seconds' }) * 1000;
  const root = await mkdtemp(join(existingDirectory(values.dir, { option: 'dir' }), 'ampledger-bench-'));
  try {
    const parsePerS = parseRate(durationMs);
    const rows: Measured[] = [];
    for (const batch of BATCHES) rows.push(await appends(root, batch, durationMs));
    for (const batch of BATCHES) rows.push(await replay(root, batch));
    print(rows, parsePerS);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** A meter reading as the ingress records it, with its raw frame. */
function meterEvent(i: number): NewEvent {
  const station = `depot-${i % STATIONS}`;
  const session = `${station}:${Math.floor(i / (STATIONS * 200))}`;
  const value = (16 + (i % 50) / 10).toFixed(1);
  const sampled = `[{"value":"${value}","measurand":"Current.Import","phase":"L1","unit":"A"},{"value":"${11_000 + (i % 90)}","measurand":"Power.Active.Import","unit":"W"}]`;
  return {
    id: deterministicId(station, i),
    key: 'depot',
    stream: `session-${session}`,
    type: 'MeterSampled',
    version: 1,
    data: {
      station,
      evseId: 1,
      session,
      currentA: [Number(value), 16, 15.9],
      powerW: 11_000 + (i % 90),
      energyWh: 120_000 + i,
      socPct: null,
      remarks: [],
    },
    meta: {
      receivedAt: 1_790_000_000_000 + i,
      stationAt: 1_789_999_999_900 + i,
      correlationId: `${station}-${i}`,
      frame: `[2,"${i}","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-11-01T00:00:00Z","sampledValue":${sampled}}]}]`,
    },
  };
}

function meterEvents(from: number, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, i) => meterEvent(from + i));
}

/** Making an event costs about as much as storing it: made before the clock runs, in a circle of ids. */
function supply(batch: number): () => NewEvent[] {
  const made = meterEvents(0, 200_000);
  let next = 0;
  return () => {
    const start = next;
    next += batch;
    if (next <= made.length) return made.slice(start, next);
    const lap = Math.floor(start / made.length);
    return made
      .slice(start % made.length, (start % made.length) + batch)
      .map((event) => ({ ...event, id: `${event.id}-${lap}` }));
  };
}

async function appends(root: string, batch: number, durationMs: number): Promise<Measured> {
  const rawPerS = rawAppends(join(root, `raw-${batch}.sqlite`), batch, durationMs);
  const log = await openEmbeddedLog({
    directory: join(root, `log-${batch}`),
    onWarning: process.emitWarning,
  });
  const next = supply(batch);
  const latenciesMs: number[] = [];
  let events = 0;
  const start = performance.now();
  const publisher = async (): Promise<void> => {
    while (performance.now() - start < durationMs) {
      const given = next();
      const startedMs = performance.now();
      await log.bus.publish(given);
      latenciesMs.push(performance.now() - startedMs);
      events += given.length;
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
  const logPerS = perSecond(events, start);
  await log.close();
  latenciesMs.sort((a, b) => a - b);
  const quantile = (q: number): number => latenciesMs[Math.floor(q * (latenciesMs.length - 1))] ?? 0;
  return { what: `append, ${batch} a call`, logPerS, rawPerS, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

function rawAppends(path: string, batch: number, durationMs: number): number {
  const database = new Database(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (position INTEGER PRIMARY KEY, event TEXT)',
  );
  const insert = database.prepare('INSERT INTO events VALUES (NULL, ?)');
  const next = supply(batch);
  let events = 0;
  const start = performance.now();
  while (performance.now() - start < durationMs) {
    const given = next();
    database.exec('BEGIN');
    for (const event of given) insert.run([JSON.stringify(event)]);
    database.exec('COMMIT');
    events += given.length;
  }
  const rate = perSecond(events, start);
  database.close();
  return rate;
}

/** Replays what `appends` left behind. */
async function replay(root: string, batch: number): Promise<Measured> {
  const log = await openEmbeddedLog({
    directory: join(root, `log-${batch}`),
    onWarning: process.emitWarning,
  });
  let events = 0;
  const start = performance.now();
  for await (const page of log.store.readAll({ limit: REPLAY_EVENTS_MAX })) events += page.length;
  const logPerS = perSecond(events, start);
  await log.close();
  return { what: `replay, ${batch} a call`, logPerS, rawPerS: rawReplay(join(root, `raw-${batch}.sqlite`)) };
}

function rawReplay(path: string): number {
  const database = new Database(path);
  const select = database
    .prepare('SELECT position, event FROM events WHERE position > ? ORDER BY position LIMIT 2000')
    .raw();
  let events = 0;
  let last = 0;
  const start = performance.now();
  while (events < REPLAY_EVENTS_MAX) {
    const rows = select.all([last]) as [number, string][];
    for (const [position, text] of rows) {
      JSON.parse(text);
      last = position;
    }
    if (rows.length === 0) break;
    events += rows.length;
  }
  const rate = perSecond(events, start);
  database.close();
  return rate;
}

function parseRate(durationMs: number): number {
  const texts = meterEvents(0, 20_000).map((event, i) =>
    JSON.stringify({ ...event, position: i + 1, revision: i }),
  );
  let events = 0;
  const start = performance.now();
  while (performance.now() - start < durationMs) {
    for (const text of texts) JSON.parse(text);
    events += texts.length;
  }
  return perSecond(events, start);
}

const perSecond = (events: number, startMs: number): number =>
  (events * 1000) / (performance.now() - startMs);

function print(rows: readonly Measured[], parsePerS: number): void {
  const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
  const header = ['', 'events/s', 'bare library', 'ratio', 'of JSON.parse', 'p50 ms', 'p99 ms'];
  const lines = rows.map(({ what, logPerS, rawPerS, p50Ms, p99Ms }) => [
    what,
    whole(logPerS),
    whole(rawPerS),
    (logPerS / rawPerS).toFixed(2),
    (logPerS / parsePerS).toFixed(2),
    p50Ms?.toFixed(2) ?? '',
    p99Ms?.toFixed(2) ?? '',
  ]);
  const table = [header, ...lines, ['JSON.parse alone', whole(parsePerS), '', '', '1.00', '', '']];
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table) {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}
