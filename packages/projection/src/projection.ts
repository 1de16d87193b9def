// Every site's state, live: newest snapshot, then the events since, then whatever the bus brings.
// It owns its fold; nobody else changes a state.

import { deserializeState, FOLD_VERSION, type SiteState, serializeState } from '@ampledger/domain';
import type { SiteId, StationId } from '@ampledger/kernel';
import type { Bus, EventStore, RecordedEvent, Snapshot, SnapshotStore, Subscription } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent, indexStations } from './fold.js';

export interface ProjectionDeps {
  readonly bus: Bus;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  /** A snapshot of every site is kept after this many events; 0 is never. */
  readonly snapshotEvery?: number;
  /** What has been restored already; default: from the snapshots. Owned by the projection from then on. */
  readonly fold?: Fold;
  /** Only events of these types are folded: for those who need a part of the state. */
  readonly types?: readonly string[];
  /** A snapshot could not be kept: nothing is lost, but the next start takes longer. */
  readonly onSnapshotFailed?: (error: unknown) => void;
}

export interface Projection {
  /** Last event folded. */
  readonly position: number;
  /** Latest time of receipt folded, epoch milliseconds. */
  readonly receivedAt: number;
  /** Rejects when folding or the bus fails: the process should then end. */
  readonly failed: Promise<never>;
  siteIds(): readonly SiteId[];
  state(site: SiteId): SiteState | undefined;
  siteOf(station: StationId): SiteId | undefined;
  /** Called after each folded batch with its events. Returns how to stop. */
  onBatch(listener: (events: readonly RecordedEvent[]) => void): () => void;
  /** Resolves when everything up to `position` is folded. */
  reached(position: number): Promise<void>;
  /** The site's state as it was at a moment, by replay; undefined before it was configured. */
  stateAt(site: SiteId, at: number): Promise<SiteState | undefined>;
  /** Keeps a snapshot of every site as it is now. */
  snapshot(): Promise<void>;
  close(): Promise<void>;
}

const SNAPSHOT_EVERY = 20_000;

/** Rebuilds the state and resolves when it has caught up with the bus. */
export async function startProjection(deps: ProjectionDeps): Promise<Projection> {
  const fold = deps.fold ?? (await restore(deps.snapshots));
  const running = new RunningProjection(deps, fold);
  await running.caughtUp();
  return running;
}

/** All sites from their newest snapshots; reading goes on after the oldest of these. */
async function restore(snapshots: SnapshotStore): Promise<Fold> {
  const fold = emptyFold();
  const names = new Set((await snapshots.list()).map((snapshot) => snapshot.name));
  let after = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const snapshot = await snapshots.latest({ name, foldVersion: FOLD_VERSION });
    if (snapshot === undefined) return emptyFold();
    fold.sites.set(name as SiteId, stateOf(snapshot));
    fold.receivedAt = Math.max(fold.receivedAt, snapshot.receivedAt);
    after = Math.min(after, snapshot.position);
  }
  fold.position = names.size === 0 ? 0 : after;
  indexStations(fold);
  return fold;
}

function stateOf(snapshot: Snapshot): SiteState {
  const state = deserializeState(snapshot.state);
  return state;
}

class RunningProjection implements Projection {
  readonly #deps: ProjectionDeps;
  readonly #fold: Fold;
  readonly #subscription: Subscription;
  readonly #listeners = new Set<(events: readonly RecordedEvent[]) => void>();
  readonly failed: Promise<never>;
  #waiting: { position: number; resolve: () => void }[] = [];
  #snapshotAt: number;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: ProjectionDeps, fold: Fold) {
    this.#deps = deps;
    this.#fold = fold;
    this.#snapshotAt = fold.position;
    this.#subscription = deps.bus.subscribe(
      {
        after: fold.position,
        onPassed: (position) => this.#passed(position),
        ...(deps.types === undefined ? {} : { types: deps.types }),
      },
      (events) => this.#onEvents(events),
    );
    this.failed = this.#subscription.failed;
    this.failed.catch(() => undefined);
  }

  get position(): number {
    return this.#fold.position;
  }

  get receivedAt(): number {
    return this.#fold.receivedAt;
  }

  caughtUp(): Promise<void> {
    return Promise.race([this.#subscription.caughtUp, this.failed]);
  }

  siteIds(): readonly SiteId[] {
    return [...this.#fold.sites.keys()];
  }

  state(site: SiteId): SiteState | undefined {
    return this.#fold.sites.get(site);
  }

  siteOf(station: StationId): SiteId | undefined {
    return this.#fold.siteOfStation.get(station);
  }

  onBatch(listener: (events: readonly RecordedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  reached(position: number): Promise<void> {
    if (this.#fold.position >= position) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ position, resolve }));
  }

  async stateAt(site: SiteId, at: number): Promise<SiteState | undefined> {
    const found = await this.#deps.snapshots.latest({
      name: site,
      foldVersion: FOLD_VERSION,
      notAfterReceivedAt: at,
    });
    const past = emptyFold();
    if (found !== undefined) {
      past.sites.set(site, stateOf(found));
      past.position = found.position;
    }
    for await (const page of this.#deps.store.readAll({ after: past.position })) {
      for (const event of page) {
        if (event.meta.receivedAt > at) return past.sites.get(site);
        if (event.key === site) foldEvent(past, event);
      }
    }
    return past.sites.get(site);
  }

  async snapshot(): Promise<void> {
    this.#snapshotAt = this.#fold.position;
    const taken = [...this.#fold.sites].map(([name, state]) => ({
      name,
      position: this.#fold.position,
      receivedAt: this.#fold.receivedAt,
      foldVersion: FOLD_VERSION,
      state: serializeState({ ...state, position: this.#fold.position }),
    }));
    for (const one of taken) await this.#deps.snapshots.save(one);
  }

  async close(): Promise<void> {
    await this.#subscription.close();
    await this.#saving;
  }

  #onEvents(events: readonly RecordedEvent[]): void {
    for (const event of events) foldEvent(this.#fold, event);
    for (const listener of this.#listeners) listener(events);
    if (this.#waiting.length > 0) this.#wake();
    const every = this.#deps.snapshotEvery ?? SNAPSHOT_EVERY;
    if (every > 0 && this.#fold.position - this.#snapshotAt >= every) {
      this.#saving = this.#saving
        .then(() => this.snapshot())
        .catch((error: unknown) => this.#deps.onSnapshotFailed?.(error));
      this.#snapshotAt = this.#fold.position;
    }
  }

  #passed(position: number): void {
    if (position <= this.#fold.position) return;
    this.#fold.position = position;
    if (this.#waiting.length > 0) this.#wake();
  }

  #wake(): void {
    const { position } = this.#fold;
    const due = this.#waiting.filter((w) => w.position <= position);
    this.#waiting = this.#waiting.filter((w) => w.position > position);
    for (const { resolve } of due) resolve();
  }
}
