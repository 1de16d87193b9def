// @ts-check
// The only place that writes. Runs in a thread of its own, so that fsync never holds up the
// event loop; each message is one transaction, answered when it is on disk.
// Plain JavaScript, because a worker is loaded by path, from the sources as well as from the build.

import { parentPort, workerData } from 'node:worker_threads';
import Database from 'libsql';

/** @typedef {readonly (number | string | Uint8Array)[]} Params */
/** @typedef {{ readonly sql: string, readonly rows: readonly Params[] }} Change */
/** @typedef {{ readonly database: number, readonly changes: readonly Change[] }} Transaction */

/** So much in the write-ahead log, and it is copied into the database file. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

class Writer {
  /** @param {string} path @param {number} bytesMax */
  constructor(path, bytesMax) {
    this.connection = new Database(path);
    this.connection.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;');
    const [pageBytes] = /** @type {[number]} */ (this.connection.prepare('PRAGMA page_size').raw().get([]));
    if (bytesMax > 0) {
      this.connection
        .prepare(`PRAGMA max_page_count = ${Math.floor(bytesMax / pageBytes)}`)
        .raw()
        .get([]);
    }
    /** @type {Map<string, import('libsql').Statement<unknown[]>>} */
    this.statements = new Map();
    this.pageBytes = pageBytes;
    this.pendingBytes = 0;
  }

  /** @param {readonly Change[]} changes */
  commit(changes) {
    this.connection.exec('BEGIN IMMEDIATE');
    try {
      for (const { sql, rows } of changes) {
        const statement = this.prepared(sql);
        for (const row of rows) this.run(statement, row);
      }
      this.connection.exec('COMMIT');
    } catch (error) {
      if (this.connection.inTransaction) this.connection.exec('ROLLBACK');
      throw error;
    }
  }

  /** @param {import('libsql').Statement<unknown[]>} statement @param {Params} row */
  run(statement, row) {
    this.pendingBytes += this.pageBytes;
    for (const value of row) if (value instanceof Uint8Array) this.pendingBytes += value.byteLength;
    statement.run(row.map(bindable));
  }

  /** After the answer, so that no commit waits for its own checkpoint. */
  checkpointWhenDue() {
    if (this.pendingBytes < CHECKPOINT_BYTES) return;
    this.pendingBytes = 0;
    this.checkpoint('PASSIVE');
  }

  /** @param {'PASSIVE' | 'TRUNCATE'} mode */
  checkpoint(mode) {
    try {
      this.connection.prepare(`PRAGMA wal_checkpoint(${mode})`).raw().all([]);
    } catch (error) {
      // Without space the commits stay where they are, as durable as before.
      if (!failure(error).code.startsWith('SQLITE_FULL')) throw error;
    }
  }

  /** @param {string} sql */
  prepared(sql) {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.connection.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

/** @param {number | string | Uint8Array} value */
const bindable = (value) =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;

/** @param {unknown} error */
const failure = (error) => ({
  code: String(/** @type {{ code?: unknown }} */ (error).code ?? ''),
  message: error instanceof Error ? error.message : String(error),
});

const port = parentPort;
if (port === null) throw new Error('writer-worker.mjs runs as a worker thread');
/** @type {{ paths: readonly string[], bytesMax: number }} */
const { paths, bytesMax } = workerData;
const writers = paths.map((path) => new Writer(path, bytesMax));

port.on('message', (/** @type {Transaction | 'close'} */ message) => {
  if (message === 'close') {
    for (const writer of writers) {
      writer.checkpoint('TRUNCATE');
      writer.connection.close();
    }
    port.postMessage({ ok: true });
    port.close();
    return;
  }
  const writer = writers[message.database];
  try {
    if (writer === undefined) throw new Error(`No database ${message.database}`);
    writer.commit(message.changes);
  } catch (error) {
    port.postMessage({ ok: false, error: failure(error) });
    return;
  }
  port.postMessage({ ok: true });
  writer.checkpointWhenDue();
});
