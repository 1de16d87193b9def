// What must be true in the end: the store holds the bus exactly, and every snapshot restores to its fold.

import {
  placeOf,
  positionThrough,
  type RecordedEvent,
  type Snapshot,
  type SnapshotStore,
} from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import {
  digestOf,
  markerStream,
  newestMarker,
  readRecorded,
  restorePartition,
  type SiteDigest,
} from '@ampledger/recording';
import { expect } from 'vitest';
import { all, TOPIC, type World } from './test-world.js';

export async function busEvents(world: World, partition = 0): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  const log = world.bus.logs[partition];
  if (!log) return [];
  const subscription = world.bus.partition(partition).subscribe({ after: 0 }, (page) => {
    events.push(...page);
  });
  await subscription.caughtUp;
  await subscription.close();
  return events;
}

/** The harshest reading of "newest": what was kept last, also where a superseded recorder kept it. */
function lastKept(kept: readonly Snapshot[]): SnapshotStore {
  return {
    async save() {},
    async latest({ name, foldVersion, notAfterPosition = Number.POSITIVE_INFINITY }) {
      return kept.findLast(
        (one) => one.name === name && one.foldVersion === foldVersion && one.position <= notAfterPosition,
      );
    },
    async list() {
      return kept;
    },
  };
}

const digestsOf = (fold: Fold): readonly SiteDigest[] =>
  [...fold.sites.values()].map(digestOf).sort((a, b) => (a.site < b.site ? -1 : 1));

/** Everything of the bus is in the store exactly once and in order, and is read and restored as it was. */
export async function expectExact(world: World, partition = 0): Promise<void> {
  const { bus, store } = world;
  expect(world.writtenTwice).toEqual([]);
  const events = await busEvents(world, partition);
  const where = { topic: TOPIC, partition, partitions: bus.partitions };
  await expectStreams(world, events, partition);
  const read = (await all(readRecorded({ ...where, store, afterOffset: -1 }))).flat();
  expect(read.map(({ position, id, stream, data }) => ({ position, id, stream, data }))).toEqual(
    events.map(({ position, id, stream, data }) => ({ position, id, stream, data })),
  );
  const truth = emptyFold();
  for (const event of events) foldEvent(truth, event);
  for (let count = 0; count <= world.kept.length; count++) {
    const snapshots = lastKept(world.kept.slice(0, count));
    const restored = await restorePartition({ ...where, store, snapshots });
    expect(digestsOf(restored.fold), `from the first ${count} snapshots`).toEqual(digestsOf(truth));
    expect([...restored.fold.siteOfStation].sort()).toEqual([...truth.siteOfStation].sort());
    const offset = restored.nextOffset - 1;
    expect(restored.fold.position).toBe(positionThrough({ partition, offset }, bus.partitions));
  }
}

async function expectStreams(
  { bus, store }: World,
  events: readonly RecordedEvent[],
  partition: number,
): Promise<void> {
  const streams = new Map<string, number[]>();
  for await (const page of store.readAll({ streamPrefix: `p${partition}.` })) {
    for (const { stream, meta } of page) {
      if (stream === markerStream(partition)) continue;
      const offsets = streams.get(stream) ?? [];
      offsets.push(meta.source?.offset ?? Number.NaN);
      streams.set(stream, offsets);
    }
  }
  const expected = new Map<string, number[]>();
  for (const { stream, position } of events) {
    const offsets = expected.get(`p${partition}.${stream}`) ?? [];
    offsets.push(placeOf(position, bus.partitions).offset);
    expected.set(`p${partition}.${stream}`, offsets);
  }
  expect(Object.fromEntries([...streams].sort())).toEqual(Object.fromEntries([...expected].sort()));
}

/** The newest marker is at the last event of the bus. */
export async function isRecorded(world: World, partition = 0): Promise<boolean> {
  const { next } = await world.bus.offsets(partition);
  const { topic, partitions } = world.bus;
  const marker = await newestMarker(world.store, { topic, partition, partitions });
  return marker !== undefined && marker.to >= next - 1;
}
