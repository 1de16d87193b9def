// Snapshots in memory. A log that retains nothing keeps the newest of each name.

import type { Snapshot, SnapshotStore } from '@ampledger/ports';
import type { Retain } from './sequence.js';

export function createSnapshots(retain: Retain): SnapshotStore {
  let kept: Snapshot[] = [];
  const same = (a: Snapshot, b: Snapshot): boolean => a.name === b.name && a.foldVersion === b.foldVersion;
  return {
    async save(snapshot) {
      kept = kept.filter(
        (old) => !(same(old, snapshot) && (retain === 'none' || old.position === snapshot.position)),
      );
      kept.push(snapshot);
      kept.sort((a, b) => a.position - b.position);
    },
    async latest({ name, foldVersion, notAfterPosition, notAfterReceivedAt }) {
      return kept.findLast(
        (snapshot) =>
          snapshot.name === name &&
          snapshot.foldVersion === foldVersion &&
          snapshot.position <= (notAfterPosition ?? Number.POSITIVE_INFINITY) &&
          snapshot.receivedAt <= (notAfterReceivedAt ?? Number.POSITIVE_INFINITY),
      );
    },
    async list() {
      return kept.map(({ state: _state, ...rest }) => rest);
    },
  };
}
