// The SQLite files: their schema, their settings, and what their errors mean.
// libsql takes a lone object for named parameters and aborts on a Buffer: bind arrays, always.

import { PortError } from '@ampledger/ports';
import Database from 'libsql';

export type Connection = Database.Database;
export type BindValue = number | string | Buffer;

/** Measured: 16 KiB pages read packed events about twice as fast as 4 KiB pages do. */
const SETTINGS = `
  PRAGMA page_size = 16384;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;`;

const LOG_FORMAT = 1;
const LOG_SCHEMA = `
  CREATE TABLE IF NOT EXISTS pages (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, prev INTEGER NOT NULL, crc INTEGER NOT NULL,
    payload BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS runs (
    stream TEXT NOT NULL, first_revision INTEGER NOT NULL, crc INTEGER NOT NULL,
    entries TEXT NOT NULL,
    PRIMARY KEY (stream, first_revision)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS indexed (
    one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL, crc INTEGER NOT NULL);`;
const SNAPSHOT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS snapshots (
    name TEXT NOT NULL, fold_version INTEGER NOT NULL, position INTEGER NOT NULL,
    received_at REAL NOT NULL, crc INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (name, fold_version, position)) WITHOUT ROWID;`;

export function openLogDatabase(path: string): Connection {
  const connection = new Database(path);
  return guard('opening the log', () => {
    refuseOthers(connection, path);
    connection.exec(SETTINGS);
    connection.exec(`${LOG_SCHEMA} PRAGMA user_version = ${LOG_FORMAT};`);
    return connection;
  });
}

const LOG_TABLES = new Set(['pages', 'runs', 'indexed']);

/** Before anything is written: a file of another program or version stays as it is. */
function refuseOthers(connection: Connection, path: string): void {
  const format = Number((connection.prepare('PRAGMA user_version').raw().get() as [number])[0]);
  const tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").raw().all([]);
  const isOurs = (tables as [string][]).every(([name]) => LOG_TABLES.has(name));
  if (!isOurs) throw new PortError('INVALID', `${path} is no log of Ampledger's: choose another directory`);
  if (format !== 0 && format !== LOG_FORMAT)
    throw new PortError('INVALID', `${path} has format ${format}; this version reads format ${LOG_FORMAT}`);
}

export function openSnapshotDatabase(path: string): Connection {
  const connection = new Database(path);
  return guard('opening the snapshots', () => {
    connection.exec(SETTINGS);
    connection.exec(SNAPSHOT_SCHEMA);
    return connection;
  });
}

/** Runs `action`; what SQLite throws becomes a PortError. `doing` ends up in its message. */
export function guard<T>(doing: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw portError(doing, error);
  }
}

export function portError(doing: string, error: unknown): PortError {
  if (error instanceof PortError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const text = `${doing}: ${error instanceof Error ? error.message : String(error)} (${code})`;
  if (code.startsWith('SQLITE_FULL')) return new PortError('FULL', `No space left while ${text}`, error);
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return corrupt(`Damaged file while ${text}`, error);
  }
  return new PortError('IO', `The disk failed while ${text}`, error);
}

export const corrupt = (what: string, cause?: unknown): PortError =>
  new PortError(
    'CORRUPT',
    `${what}. Nothing was changed. Keep a copy of the directory and restore it from a backup.`,
    cause,
  );
