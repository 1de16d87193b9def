// Snapshots of a partition: one of each site that changed since its last, then one that lists them all.
// The list is kept last, so that a round of snapshots that was cut short changes nothing.

import { deserializeState, FOLD_VERSION, type SiteState, serializeState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import { placeOf, positionThrough, type Snapshot, type SnapshotStore } from '@ampledger/ports';
import { emptyFold, type Fold, indexStations } from '@ampledger/projection';
import type { RecordedPartition } from './marker.js';
import { partitionSnapshotName, siteSnapshotName } from './names.js';

/** Each site's newest snapshot, by the position that it goes up to. */
export type SnapshotPositions = ReadonlyMap<SiteId, number>;

interface SiteList {
  readonly topic: string;
  readonly partitions: number;
  readonly sites: readonly (readonly [SiteId, number])[];
}

export interface SnapshotRound {
  /** In the order in which they are to be kept. */
  readonly snapshots: readonly Snapshot[];
  readonly positions: SnapshotPositions;
}

/** Takes the snapshots of a fold as it is now; the states may change afterwards. */
export function takeSnapshots(
  fold: Fold,
  of: RecordedPartition & { readonly storePosition: number; readonly before: SnapshotPositions },
): SnapshotRound {
  const { position, receivedAt } = fold;
  const common = { position, receivedAt, foldVersion: FOLD_VERSION, storePosition: of.storePosition };
  const positions = new Map<SiteId, number>();
  const snapshots: Snapshot[] = [];
  for (const [site, state] of fold.sites) {
    const kept = of.before.get(site);
    if (kept !== undefined && kept >= state.position) {
      positions.set(site, kept);
      continue;
    }
    positions.set(site, position);
    const name = siteSnapshotName(of.partition, site);
    snapshots.push({ ...common, name, state: serializeState({ ...state, position }) });
  }
  const list: SiteList = { topic: of.topic, partitions: of.partitions, sites: [...positions] };
  snapshots.push({ ...common, name: partitionSnapshotName(of.partition), state: list });
  return { snapshots, positions };
}

export interface SnapshotFold {
  readonly fold: Fold;
  /** The fold has everything up to here; some sites may be further. */
  readonly offset: number;
  readonly storePosition: number;
  readonly positions: SnapshotPositions;
}

/** From the newest snapshots that reach no further than `notAfterOffset`; undefined when some are not there. */
export async function foldOfSnapshots(
  snapshots: SnapshotStore,
  of: RecordedPartition & { readonly notAfterOffset: number },
): Promise<SnapshotFold | undefined> {
  const { partition, partitions, notAfterOffset } = of;
  const notAfterPosition = positionThrough({ partition, offset: notAfterOffset }, partitions);
  const query = { foldVersion: FOLD_VERSION, notAfterPosition };
  const listed = await snapshots.latest({ ...query, name: partitionSnapshotName(partition) });
  const list = listed?.state as SiteList | undefined;
  if (listed?.storePosition === undefined || list?.topic !== of.topic || list.partitions !== partitions) {
    return undefined;
  }
  let { position, storePosition } = listed;
  const fold = emptyFold();
  const positions = new Map<SiteId, number>();
  for (const [site, at] of list.sites) {
    const snapshot = await snapshots.latest({ ...query, name: siteSnapshotName(partition, site) });
    if (snapshot?.storePosition === undefined) return undefined;
    fold.sites.set(site, stateOf(snapshot));
    positions.set(site, snapshot.position);
    // Of two recorders the one that was superseded may have kept an older snapshot last.
    if (snapshot.position < at) position = Math.min(position, snapshot.position);
    if (snapshot.position < at) storePosition = Math.min(storePosition, snapshot.storePosition);
  }
  fold.position = position;
  fold.receivedAt = listed.receivedAt;
  indexStations(fold);
  const offset = position === 0 ? -1 : placeOf(position, partitions).offset;
  return { fold, offset, storePosition, positions };
}

const stateOf = (snapshot: Snapshot): SiteState => deserializeState(snapshot.state);
