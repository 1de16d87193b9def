// Snapshots in a file of their own: what happens to it cannot harm the log. They are disposable,
// so a damaged one is passed over with a warning and a damaged file is begun anew.

import { rmSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Snapshot, SnapshotStore } from '@ampledger/ports';
import { type Connection, guard, openSnapshotDatabase } from './database.js';
import { type SnapshotRetention, surplusSnapshots } from './snapshot-retention.js';
import type { Transactions } from './transactions.js';

const KEEP: SnapshotRetention = { newest: 4, days: 400 };
/** Snapshots of other fold versions serve only a return to that version. */
const KEEP_OF_OTHER_VERSIONS: SnapshotRetention = { newest: 1, days: 0 };
const PUT = 'INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?)';
const DELETE = 'DELETE FROM snapshots WHERE name = ? AND fold_version = ? AND position = ?';

type PlaceRow = readonly [name: string, foldVersion: number, position: number, receivedAt: number];
type StateRow = readonly [...PlaceRow, crc: number, state: Buffer];

export function openSnapshots(path: string, onWarning: (message: string) => void): Connection {
  try {
    const connection = openSnapshotDatabase(path);
    const [found] = connection.prepare('PRAGMA quick_check(1)').raw().all([]) as [string][];
    if (found?.[0] === 'ok') return connection;
    connection.close();
  } catch {
    // Begun anew below.
  }
  onWarning(`${path} is damaged. It is disposable and was begun anew; the next start takes longer.`);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  return openSnapshotDatabase(path);
}

export function createSnapshotStore(
  connection: Connection,
  transactions: Transactions,
  onWarning: (message: string) => void,
): SnapshotStore {
  const list = connection
    .prepare('SELECT name, fold_version, position, received_at FROM snapshots ORDER BY position, name')
    .raw();
  const ofName = connection
    .prepare('SELECT name, fold_version, position, received_at FROM snapshots WHERE name = ?')
    .raw();
  const latest = connection
    .prepare(
      `SELECT name, fold_version, position, received_at, crc, state FROM snapshots
       WHERE name = ? AND fold_version = ? AND position <= ? AND received_at <= ? AND position < ?
       ORDER BY position DESC LIMIT 1`,
    )
    .raw();
  const read = <T>(action: () => unknown): T => guard('reading snapshots', action) as T;

  return {
    async save(snapshot) {
      const { name, foldVersion, position, receivedAt } = snapshot;
      const state = Buffer.from(new Uint8Array(Buffer.from(JSON.stringify(snapshot.state))).buffer);
      const kept = read<PlaceRow[]>(() => ofName.all([name]));
      await transactions.run('snapshots', [
        { sql: PUT, rows: [[name, foldVersion, position, receivedAt, crc32(state), state]] },
        { sql: DELETE, rows: surplusRows([...kept, [name, foldVersion, position, receivedAt]], snapshot) },
      ]);
    },
    async latest({ name, foldVersion, notAfterPosition, notAfterReceivedAt }) {
      const bounds = [
        notAfterPosition ?? Number.MAX_SAFE_INTEGER,
        notAfterReceivedAt ?? Number.MAX_SAFE_INTEGER,
      ];
      let below = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const [row] = read<StateRow[]>(() => latest.all([name, foldVersion, ...bounds, below]));
        if (!row) return undefined;
        const snapshot = decode(row);
        if (snapshot) return snapshot;
        below = row[2];
        onWarning(`The snapshot of ${name} at position ${below} is damaged; an older one is used.`);
      }
    },
    async list() {
      return read<PlaceRow[]>(() => list.all([])).map(([name, foldVersion, position, receivedAt]) => ({
        name,
        foldVersion,
        position,
        receivedAt,
      }));
    },
  };
}

function decode([name, foldVersion, position, receivedAt, crc, state]: StateRow): Snapshot | undefined {
  if (crc32(state) !== crc) return undefined;
  return { name, foldVersion, position, receivedAt, state: JSON.parse(state.toString()) as object };
}

function surplusRows(rows: readonly PlaceRow[], saved: Snapshot): [string, number, number][] {
  const byVersion = new Map<number, { position: number; receivedAt: number }[]>();
  for (const [, foldVersion, position, receivedAt] of rows) {
    const places = byVersion.get(foldVersion) ?? [];
    if (!places.some((place) => place.position === position)) places.push({ position, receivedAt });
    byVersion.set(foldVersion, places);
  }
  return [...byVersion].flatMap(([foldVersion, places]) => {
    const keep = foldVersion === saved.foldVersion ? KEEP : KEEP_OF_OTHER_VERSIONS;
    return surplusSnapshots(places, keep).map((place): [string, number, number] => [
      saved.name,
      foldVersion,
      place.position,
    ]);
  });
}
