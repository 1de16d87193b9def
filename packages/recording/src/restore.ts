// The states of a partition's sites, from its newest snapshots and what was recorded since.

import {
  type EventStore,
  type PartitionedBus,
  positionThrough,
  type RecordedEvent,
  type SnapshotStore,
} from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import type { RecordedPartition } from './marker.js';
import { openReading, type ReadRecordedOptions } from './read-recorded.js';
import { foldOfSnapshots, type SnapshotPositions } from './snapshots.js';

export interface RestoreOptions extends RecordedPartition {
  readonly store: EventStore;
  /** Absent: everything is folded from the first event. */
  readonly snapshots?: SnapshotStore;
  /** Default, and never more than, what the newest marker says. */
  readonly toOffset?: number;
  /** Called with every page that was folded. */
  readonly onPage?: (page: readonly RecordedEvent[]) => void;
  /** Called after every event. */
  readonly onEvent?: (event: RecordedEvent, fold: Fold) => void;
}

export interface Restored {
  /** The fold of the partition up to `nextOffset`: go on with the bus after `fold.position`. */
  readonly fold: Fold;
  readonly nextOffset: number;
  /** Every event from `nextOffset` on has, or will have, a later place in the store than this. */
  readonly storePosition: number;
  readonly eventsRead: number;
  /** Sites that began with a snapshot. */
  readonly snapshotsUsed: number;
  readonly snapshotPositions: SnapshotPositions;
}

export async function restorePartition(options: RestoreOptions): Promise<Restored> {
  const { store, topic, partition, partitions } = options;
  const first = await openReading(readingOptions(options));
  const found =
    options.snapshots &&
    (await foldOfSnapshots(options.snapshots, { topic, partition, partitions, notAfterOffset: first.to }));
  const fold = found?.fold ?? emptyFold();
  // What the reading reaches is settled before the snapshots are chosen; a marker since then changes nothing.
  const reading = await openReading({
    ...readingOptions(options),
    store,
    toOffset: first.to,
    afterOffset: found?.offset ?? -1,
    fromStorePosition: found?.storePosition ?? 0,
  });
  let eventsRead = 0;
  for await (const page of reading.pages()) {
    for (const event of page) {
      foldEvent(fold, event);
      options.onEvent?.(event, fold);
    }
    eventsRead += page.length;
    options.onPage?.(page);
  }
  const offset = reading.to;
  fold.position = Math.max(fold.position, positionThrough({ partition, offset }, partitions));
  return {
    fold,
    nextOffset: offset + 1,
    storePosition: reading.storePosition(),
    eventsRead,
    snapshotsUsed: found?.positions.size ?? 0,
    snapshotPositions: found?.positions ?? new Map(),
  };
}

function readingOptions(options: RestoreOptions): ReadRecordedOptions {
  const { store, topic, partition, partitions, toOffset } = options;
  const range = { afterOffset: -1, ...(toOffset === undefined ? {} : { toOffset }) };
  return { store, topic, partition, partitions, ...range };
}

/**
 * Whether the bus still has what comes after the record. When not, events were lost: the bus kept them for
 * a shorter time than the recorder was behind.
 */
export async function offsetsLost(
  bus: Pick<PartitionedBus, 'offsets'>,
  partition: number,
  nextOffset: number,
): Promise<number> {
  const { first } = await bus.offsets(partition);
  return Math.max(0, first - nextOffset);
}
