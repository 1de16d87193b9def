// Takes snapshots of what was recorded, and keeps them while the recording goes on.

import type { Clock } from '@ampledger/kernel';
import type { Snapshot, SnapshotStore } from '@ampledger/ports';
import type { Fold } from '@ampledger/projection';
import {
  OFFSETS_AHEAD_MAX,
  type RecordedPartition,
  type SnapshotPositions,
  takeSnapshots,
} from '@ampledger/recording';
import type { RecorderOptions } from './contract.js';

export interface SnapshotKeeper {
  /** After a batch: `events` more are folded, up to offset `to`, whose marker stands at `markerPosition`. */
  recorded(fold: Fold, progress: { events: number; to: number; markerPosition: number }): void;
  /** When the newest snapshots were taken; undefined before the first of this tenure. */
  takenAt(): number | undefined;
  /** Resolves when nothing is being kept any more. */
  settled(): Promise<void>;
}

export function createSnapshotKeeper(deps: {
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly of: RecordedPartition;
  readonly options: Pick<RecorderOptions, 'snapshotEvery' | 'snapshotMs'>;
  /** Where the tenure began: up to `takenAt` everything was recorded, and what is beyond stands after `storePosition`. */
  readonly start: {
    readonly takenAt: number;
    readonly storePosition: number;
    readonly positions: SnapshotPositions;
  };
  readonly onFailed: (error: unknown) => void;
}): SnapshotKeeper {
  const { clock, options, start } = deps;
  let positions = start.positions;
  let eventsSince = 0;
  let lastAt = clock.now();
  let takenAt: number | undefined;
  let keeping: Promise<void> | undefined;

  const isDue = (): boolean =>
    eventsSince >= options.snapshotEvery || (eventsSince > 0 && clock.now() - lastAt >= options.snapshotMs);
  // A recorder that we superseded may have written up to OFFSETS_AHEAD_MAX beyond where we took over,
  // before our markers as well as after. What is further can only stand after our own marker.
  const storePositionFor = (to: number, markerPosition: number): number =>
    to >= start.takenAt + OFFSETS_AHEAD_MAX ? markerPosition : start.storePosition;
  async function keep(snapshots: readonly Snapshot[], next: SnapshotPositions, now: number): Promise<void> {
    try {
      for (const snapshot of snapshots) await deps.snapshots.save(snapshot);
      positions = next;
      takenAt = now;
    } catch (error) {
      deps.onFailed(error);
    } finally {
      keeping = undefined;
    }
  }
  return {
    recorded(fold, { events, to, markerPosition }) {
      eventsSince += events;
      if (keeping !== undefined || !isDue()) return;
      eventsSince = 0;
      lastAt = clock.now();
      const storePosition = storePositionFor(to, markerPosition);
      const round = takeSnapshots(fold, { ...deps.of, storePosition, before: positions });
      keeping = keep(round.snapshots, round.positions, lastAt);
    },
    takenAt: () => takenAt,
    settled: () => keeping ?? Promise.resolve(),
  };
}
