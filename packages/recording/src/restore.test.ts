import { type DomainEvent, eventFor, FOLD_VERSION, type SiteConfig, type SiteState } from '@ampledger/domain';
import { at, configured, metered, SITE, siteOf } from '@ampledger/domain/testing';
import { type SiteId, siteId } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import type { SnapshotStore } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRebuilt, digestOf, rebuildPartition, type SiteDigest, seqsOf } from './rebuild.js';
import { restorePartition } from './restore.js';
import { takeSnapshots } from './snapshots.js';
import { stateAt } from './state-at.js';
import { canonicalJson, stateDigest } from './state-digest.js';
import { type BusEvent, OF, onBus, Writers } from './test-writers.js';

const OTHER = siteId('other');
const config: SiteConfig = siteOf({
  nodes: [{ id: 'grid', limitA: 80 }],
  stations: [{ id: 'A', node: 'grid' }],
});

function told(n: number, site: SiteId, event: DomainEvent): BusEvent {
  const made = eventFor({
    ...{ event, site, receivedAt: at(n), idParts: [n] },
  } as Parameters<typeof eventFor>[0]);
  return { offset: n * 2, event: made };
}

/** Two sites, meters in turn; the second is removed at `removedAt`. */
function busOf(count: number, removedAt = Number.POSITIVE_INFINITY): readonly BusEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const site = n % 2 === 0 ? SITE : OTHER;
    if (n < 2) return told(n, site, configured({ ...config, id: site }));
    if (n === removedAt) return told(n, site, { type: 'SiteRemoved', data: { site } });
    return told(n, site, metered('A', [n % 32, 0, 0]));
  });
}

function foldOf(events: readonly BusEvent[]): Fold {
  const fold = emptyFold();
  for (const event of events) foldEvent(fold, onBus(event));
  return fold;
}

const digests = (fold: Fold): readonly SiteDigest[] => [...fold.sites.values()].map(digestOf);

async function recorded(events: readonly BusEvent[]): Promise<Writers> {
  const writers = new Writers(events);
  while (writers.done < (events.at(-1)?.offset ?? -1)) {
    await writers.batch({ size: 3, order: [2, 1, 0], haltsAfter: undefined });
  }
  return writers;
}

async function keep(snapshots: SnapshotStore, fold: Fold, storePosition = 0): Promise<void> {
  const round = takeSnapshots(fold, { ...OF, storePosition, before: new Map() });
  for (const snapshot of round.snapshots) await snapshots.save(snapshot);
}

describe('restorePartition', () => {
  const events = busOf(20);

  it('reads only what is beyond the snapshots', async () => {
    const { log } = await recorded(events);
    const half = await restorePartition({ ...OF, store: log.store, toOffset: 23 });
    await keep(log.snapshots, half.fold, half.storePosition);
    const restored = await restorePartition({ ...OF, ...log });
    expect(restored).toMatchObject({ nextOffset: 39, eventsRead: 8, snapshotsUsed: 2 });
    expect(digests(restored.fold)).toEqual(digests(foldOf(events)));
  });

  it('reads everything when snapshots are of another fold, another topic, or not all there', async () => {
    const { log } = await recorded(events);
    const { fold } = await restorePartition({ ...OF, store: log.store, toOffset: 23 });
    const { snapshots } = takeSnapshots(fold, { ...OF, storePosition: 0, before: new Map() });
    const unusable = [
      snapshots.map((one) => ({ ...one, foldVersion: FOLD_VERSION - 1 })),
      takeSnapshots(fold, { ...OF, topic: 'x', storePosition: 0, before: new Map() }).snapshots,
      snapshots.map(({ storePosition: _none, ...one }) => one),
      snapshots.slice(1),
      snapshots.slice(0, -1),
    ];
    for (const kept of unusable) {
      const fresh = createMemoryLog();
      for (const snapshot of kept) await fresh.snapshots.save(snapshot);
      const restored = await restorePartition({ ...OF, store: log.store, snapshots: fresh.snapshots });
      expect(restored).toMatchObject({ eventsRead: 20, snapshotsUsed: 0 });
      expect(digests(restored.fold)).toEqual(digests(foldOf(events)));
    }
  });

  it('knows of sites that were removed since', async () => {
    const removed = busOf(20, 15);
    const { log } = await recorded(removed);
    const half = await restorePartition({ ...OF, store: log.store, toOffset: 23 });
    await keep(log.snapshots, half.fold, half.storePosition);
    const restored = await restorePartition({ ...OF, ...log });
    expect([...restored.fold.sites.keys()]).toEqual([SITE]);
  });

  it('goes no further than it is told, whatever snapshots there are', async () => {
    const { log } = await recorded(events);
    const whole = await restorePartition({ ...OF, store: log.store });
    await keep(log.snapshots, whole.fold, whole.storePosition);
    const { fold, nextOffset } = await restorePartition({ ...OF, ...log, toOffset: 11 });
    expect(nextOffset).toBe(12);
    expect(digests(fold)).toEqual(digests(foldOf(events.slice(0, 6))));
  });
});

describe('a rebuild', () => {
  const events = busOf(20);

  it('comes to what runs, where what runs is', async () => {
    const { log } = await recorded(events);
    const running = [...digests(foldOf(events.slice(0, 13)))];
    const progress: number[] = [];
    const onProgress = (done: { readonly events: number }): number => progress.push(done.events);
    const rebuilt = await rebuildPartition({ ...OF, store: log.store, at: seqsOf(running), onProgress });
    expect(compareRebuilt(running, rebuilt).map(({ comparison }) => comparison)).toEqual(['equal', 'equal']);
    expect(progress.at(-1)).toBe(20);
  });

  it('begins with the first event, whatever else the one who asks has at hand', async () => {
    const { log } = await recorded(events);
    const whole = await restorePartition({ ...OF, store: log.store });
    await keep(log.snapshots, whole.fold, whole.storePosition);
    const running = digests(foldOf(events));
    const asked = { ...OF, ...log, at: seqsOf(running) };
    const rebuilt = await rebuildPartition(asked);
    expect(rebuilt).toMatchObject({ eventsRead: 20, snapshotsUsed: 0 });
    expect(compareRebuilt(running, rebuilt).map(({ comparison }) => comparison)).toEqual(
      running.map(() => 'equal'),
    );
  });

  it('comes to each of two processes that are at different places', async () => {
    const { log } = await recorded(events);
    const running = [...digests(foldOf(events.slice(0, 13))), ...digests(foldOf(events.slice(0, 17)))];
    const rebuilt = await rebuildPartition({ ...OF, store: log.store, at: seqsOf(running) });
    expect(compareRebuilt(running, rebuilt).map(({ comparison }) => comparison)).toEqual(
      running.map(() => 'equal'),
    );
  });

  it('tells what differs, what is behind, and what it does not know', async () => {
    const { log } = await recorded(events);
    const wrong = digests(foldOf(events.slice(0, 13))).map((one) => ({ ...one, digest: 'x' }));
    const running = [
      ...wrong.filter(({ site }) => site === SITE),
      ...digests(foldOf(busOf(40))).filter(({ site }) => site === OTHER),
      { site: siteId('nowhere'), seq: 3, digest: 'x' },
    ];
    const rebuilt = await rebuildPartition({ ...OF, store: log.store, at: seqsOf(running) });
    const found = compareRebuilt(running, rebuilt).map(({ comparison }) => comparison);
    expect(found).toEqual(['different', 'behind', 'unknown']);
  });
});

describe('stateAt', () => {
  const events = busOf(20);
  it('is the state as it was at the moment, with and without snapshots', async () => {
    const { log } = await recorded(events);
    const half = await restorePartition({ ...OF, store: log.store, toOffset: 23 });
    await keep(log.snapshots, half.fold, half.storePosition);
    const none = createMemoryLog().snapshots;
    for (let n = -1; n < 21; n++) {
      const truth = foldOf(events.slice(0, n + 1)).sites.get(OTHER);
      for (const snapshots of [log.snapshots, none]) {
        const state = await stateAt({ ...OF, store: log.store, snapshots, site: OTHER, at: at(n) });
        expect(state && stateDigest(state)).toEqual(truth && stateDigest(truth));
      }
    }
  });
});

describe('a digest', () => {
  const stateOf = (): SiteState => {
    const state = foldOf(busOf(10)).sites.get(SITE);
    if (!state) throw new Error('no site');
    return state;
  };

  it('does not depend on where the log counted the state to be, and on all else', () => {
    const state = stateOf();
    expect(stateDigest({ ...state, position: 77 })).toBe(stateDigest(state));
    expect(stateDigest({ ...state, seq: 77 })).not.toBe(stateDigest(state));
    const [[key, connector] = []] = state.connectors;
    if (key === undefined || connector === undefined) throw new Error('no connector');
    const connectors = new Map([[key, { ...connector, meter: null }]]);
    expect(stateDigest({ ...state, connectors })).not.toBe(stateDigest(state));
  });

  it('does not depend on the order in which objects got their keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const);
    return Object.fromEntries(entries.reverse());
  }
});
