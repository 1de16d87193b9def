// A site's state as it was at a moment, from the event store.

import { deserializeState, FOLD_VERSION, type SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import { type EventStore, placeOf, type SnapshotStore } from '@ampledger/ports';
import { emptyFold, foldEvent } from '@ampledger/projection';
import type { RecordedPartition } from './marker.js';
import { siteSnapshotName } from './names.js';
import { readRecorded } from './read-recorded.js';

export interface StateAtOptions extends RecordedPartition {
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  readonly site: SiteId;
  /** Epoch milliseconds, as events were received. */
  readonly at: number;
}

/** undefined: not configured then. Goes up to the site's first event that was received later. */
export async function stateAt(options: StateAtOptions): Promise<SiteState | undefined> {
  const { store, topic, partition, partitions, site, at } = options;
  const snapshot = await options.snapshots.latest({
    name: siteSnapshotName(partition, site),
    foldVersion: FOLD_VERSION,
    notAfterReceivedAt: at,
  });
  const past = emptyFold();
  let range: { readonly afterOffset: number; readonly fromStorePosition: number } | undefined;
  if (snapshot?.storePosition !== undefined) {
    past.sites.set(site, deserializeState(snapshot.state));
    past.position = snapshot.position;
    const afterOffset = placeOf(snapshot.position, partitions).offset;
    range = { afterOffset, fromStorePosition: snapshot.storePosition };
  }
  const where = { store, topic, partition, partitions, ...(range ?? { afterOffset: -1 }) };
  for await (const page of readRecorded(where)) {
    for (const event of page) {
      if (event.key !== site) continue;
      if (event.meta.receivedAt > at) return past.sites.get(site);
      foldEvent(past, event);
    }
  }
  return past.sites.get(site);
}
