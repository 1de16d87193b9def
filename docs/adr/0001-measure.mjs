// The figures of ADR 0001. In an empty folder:
//   npm init -y && npm install libsql@0.5 lmdb@3 msgpackr@2 && node PATH/TO/docs/adr/0001-measure.mjs
// Libraries are taken from, and files are written to, the folder it is started in.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';

const require = createRequire(join(process.cwd(), 'package.json'));
const Database = require('libsql');
const { open: openLmdb } = require('lmdb');
const { Packr } = require('msgpackr');
const SPAN_MS = 2000;
const packer = new Packr({ useRecords: true });

const frame = (i) =>
  `[2,"${i}","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-11-01T00:00:00Z","sampledValue":[{"value":"16.1","measurand":"Current.Import","phase":"L1","unit":"A"},{"value":"11040","measurand":"Power.Active.Import","unit":"W"}]}]}]`;
const tuple = (i) => [
  `6f1e1c6e-0f0d-5a58-9d39-${String(i).padStart(12, '0')}`,
  'depot',
  `session-depot-${i % 500}`,
  'MeterSampled',
  1,
  i,
  {
    station: `depot-${i % 500}`,
    evseId: 1,
    currentA: [16.1 + (i % 10) / 10, 16, 15.9],
    powerW: 11040 + (i % 100),
    energyWh: 123456 + i,
    socPct: null,
    remarks: [],
  },
  { receivedAt: 1.79e12 + i, stationAt: 1.79e12 + i - 100, correlationId: `c${i}`, frame: frame(i) },
];
const tuples = (from, count) => Array.from({ length: count }, (_, i) => tuple(from + i));
const rate = (count, startMs) =>
  Math.round((count * 1000) / (performance.now() - startMs)).toLocaleString('en-US');
const copy = (buffer) => Buffer.from(new Uint8Array(buffer).buffer);

function openSqlite(path, pageBytes) {
  const database = new Database(path);
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS pages (first INTEGER PRIMARY KEY, payload BLOB)`);
  return database;
}

function measureSqlite(root, pageBytes, batch) {
  const database = openSqlite(join(root, `${pageBytes}-${batch}.sqlite`), pageBytes);
  const insert = database.prepare('INSERT INTO pages VALUES (?, ?)');
  let events = 0;
  let start = performance.now();
  for (; performance.now() - start < SPAN_MS; events += batch)
    insert.run([events + 1, copy(packer.pack(tuples(events, batch)))]);
  const appended = rate(events, start);
  start = performance.now();
  for (const [payload] of database.prepare('SELECT payload FROM pages ORDER BY first').raw().iterate([])) {
    crc32(payload);
    packer.unpack(payload);
  }
  console.log(
    `libsql, ${pageBytes / 1024} KiB pages, ${batch} a commit: ${appended} appended/s, ${rate(events, start)} replayed/s`,
  );
  database.close();
}

async function measureLmdb(root, batch) {
  const database = openLmdb({ path: join(root, `${batch}.mdb`), encoding: 'binary', noSubdir: true });
  let events = 0;
  let start = performance.now();
  for (; performance.now() - start < SPAN_MS; events += batch) {
    await database.put(events + 1, copy(packer.pack(tuples(events, batch))));
    await database.flushed;
  }
  const appended = rate(events, start);
  start = performance.now();
  for (const { value } of database.getRange()) {
    crc32(value);
    packer.unpack(value);
  }
  console.log(`lmdb, ${batch} a commit: ${appended} appended/s, ${rate(events, start)} replayed/s`);
  await database.close();
}

function measureCodec(count) {
  const page = tuples(0, count);
  const variants = {
    'JSON text': [(value) => Buffer.from(JSON.stringify(value)), (bytes) => JSON.parse(bytes.toString())],
    'msgpackr records': [(value) => packer.pack(value), (bytes) => packer.unpack(bytes)],
  };
  for (const [name, [encode, decode]] of Object.entries(variants)) {
    const bytes = copy(encode(page));
    const timed = (action) => {
      let done = 0;
      const start = performance.now();
      for (; performance.now() - start < SPAN_MS / 4; done += count) action();
      return rate(done, start);
    };
    console.log(
      `${name}, ${count} a page: ${Math.round(bytes.length / count)} bytes, ${timed(() => encode(page))} encoded/s, ${timed(() => decode(bytes))} decoded/s`,
    );
  }
}

const WORKER = `
  const { workerData, parentPort } = require('node:worker_threads');
  const Database = require(workerData.library);
  const database = new Database(workerData.path);
  database.exec('PRAGMA synchronous = FULL');
  const insert = database.prepare('INSERT INTO pages VALUES (?, ?)');
  parentPort.on('message', ([first, payload]) => {
    insert.run([first, Buffer.from(payload)]);
    parentPort.postMessage(0);
  });`;

/** 64 publishers, group commit, on the main thread or behind a worker; how late is the event loop? */
async function measureThread(root, where, batch) {
  const path = join(root, `${where}-${batch}.sqlite`);
  const database = openSqlite(path, 16384);
  const insert = database.prepare('INSERT INTO pages VALUES (?, ?)');
  const worker =
    where === 'worker' &&
    new Worker(WORKER, { eval: true, workerData: { path, library: require.resolve('libsql') } });
  const commit = (first, payload) =>
    worker
      ? new Promise((resolve) =>
          worker.once('message', resolve).postMessage([first, payload], [payload.buffer]),
        )
      : insert.run([first, payload]);
  let events = 0;
  let waiting = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const publishers = Array.from({ length: 64 }, async () => {
    while (performance.now() - start < SPAN_MS) await new Promise((resolve) => waiting.push(resolve));
  });
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await commit(events + 1, copy(packer.pack(tuples(events, group.length * batch))));
    events += group.length * batch;
    for (const resolve of group) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(publishers);
  console.log(
    `${where}, 64 publishers of ${batch}: ${rate(events, start)} appended/s, event loop late p50 ${(delay.percentile(50) / 1e6).toFixed(1)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
  );
  await worker?.terminate?.();
  database.close();
}

/** What a file cut to half its length does to a process that reads it. */
function measureTruncation(root) {
  const files = { libsql: join(root, '16384-100.sqlite'), lmdb: join(root, '100.mdb') };
  const scripts = {
    libsql: `const d = new (require('libsql'))(process.argv[1]); d.prepare('SELECT sum(length(payload)) FROM pages').raw().all([])`,
    lmdb: `const d = require('lmdb').open({ path: process.argv[1], encoding: 'binary', noSubdir: true }); for (const { value } of d.getRange()) value[0]`,
  };
  for (const [name, path] of Object.entries(files)) {
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const { status, signal, stderr } = spawnSync(process.execPath, ['-e', scripts[name], path], {
      encoding: 'utf8',
    });
    const said = stderr.split('\n').find((line) => line.includes('Error')) ?? '';
    console.log(`${name}, file cut to half: ${signal ?? `exit ${status}`} ${said.trim()}`);
  }
}

const root = mkdtempSync(join(process.cwd(), 'measure-'));
for (const pageBytes of [4096, 16384])
  for (const batch of [1, 10, 100, 1000]) measureSqlite(root, pageBytes, batch);
for (const batch of [1, 10, 100, 1000]) await measureLmdb(root, batch);
for (const count of [1, 10, 100, 1000]) measureCodec(count);
for (const batch of [1, 10, 100])
  for (const where of ['main', 'worker']) await measureThread(root, where, batch);
measureTruncation(root);
rmSync(root, { recursive: true, force: true });
