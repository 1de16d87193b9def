// What the recorder's tests run in: a bus in partitions, a store whose calls can be held back, failed or
// lost, and a group that hands out partitions.

import { VirtualClock } from '@ampledger/kernel';
import { createMemoryLog, type MemoryLog } from '@ampledger/memory-log';
import {
  type EventStore,
  type NewEvent,
  type Ownership,
  type OwnershipListener,
  type PartitionedBus,
  type Place,
  PortError,
  placeOf,
  positionOf,
  type RecordedEvent,
  type Snapshot,
  type SnapshotStore,
} from '@ampledger/ports';
import type { Recorder, RecorderOptions } from './contract.js';
import { createRecorder } from './recorder.js';

export const T0 = Date.UTC(2026, 0, 5, 8);
export const TOPIC = 'events';

/** Partitions over memory logs, with a gap of `stride - 1` offsets between events. */
export function createPartitions(
  count: number,
  stride: number,
): Pick<PartitionedBus, 'topic' | 'partitions' | 'partition' | 'offsets'> & {
  readonly logs: readonly MemoryLog[];
} {
  const logs = Array.from({ length: count }, () => createMemoryLog());
  const logOf = (partition: number): MemoryLog => {
    const log = logs[partition];
    if (!log) throw new PortError('INVALID', `No partition ${partition}`);
    return log;
  };
  return {
    ...{ logs, topic: TOPIC, partitions: count },
    partition(partition) {
      const { bus } = logOf(partition);
      const outer = (position: number): number =>
        positionOf({ partition, offset: (position - 1) * stride }, count);
      return {
        async publish(events) {
          const published = await bus.publish(events);
          return published.map((one) => ({ ...one, position: outer(one.position) }));
        },
        subscribe(options, handler) {
          const { offset } = options.after === 0 ? { offset: -1 } : placeOf(options.after, count);
          const after = Math.floor(offset / stride) + 1;
          return bus.subscribe({ ...options, after }, (events) =>
            handler(events.map((event) => ({ ...event, position: outer(event.position) }))),
          );
        },
      };
    },
    async offsets(partition) {
      const last = await logOf(partition).store.lastPosition();
      return { first: 0, next: last === 0 ? 0 : (last - 1) * stride + 1 };
    },
  };
}

/** What becomes of a call. `lost`: it is carried out and the answer never comes. */
export type Outcome = 'answered' | 'refused-before' | 'refused-after' | 'stuck' | 'lost';

const unavailable = (): PortError => new PortError('UNAVAILABLE', 'The connection broke');
const never = new Promise<never>(() => {});

/** One process's way to the store and the snapshots: each call waits for `decide` to say what becomes of it. */
export class Line {
  readonly #decide: () => Promise<Outcome>;

  constructor(decide: () => Promise<Outcome>) {
    this.#decide = decide;
  }

  async call<T>(run: () => Promise<T>): Promise<T> {
    const outcome = await this.#decide();
    if (outcome === 'refused-before') throw unavailable();
    if (outcome === 'stuck') return never;
    const value = await run();
    if (outcome === 'refused-after') throw unavailable();
    return outcome === 'lost' ? never : value;
  }

  store(store: EventStore): EventStore {
    const call = this.call.bind(this);
    async function* pages(read: () => AsyncIterable<readonly RecordedEvent[]>) {
      yield* await call(async () => await all(read()));
    }
    return {
      append: (stream, expected, events) => call(() => store.append(stream, expected, events)),
      readStream: (stream, options) => pages(() => store.readStream(stream, options)),
      readAll: (options) => pages(() => store.readAll(options)),
      lastPosition: () => store.lastPosition(),
    };
  }

  snapshots(snapshots: SnapshotStore): SnapshotStore {
    return { ...snapshots, save: (snapshot) => this.call(() => snapshots.save(snapshot)) };
  }
}

export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const page of pages) list.push(page);
  return list;
}

/** Calls of several recorders, in whatever order the test lets them go. */
export class Held {
  #waiting: { readonly line: string; readonly go: (outcome: Outcome) => void }[] = [];
  #open = false;

  line(name: string): Line {
    return new Line(() => {
      if (this.#open) return Promise.resolve('answered');
      return new Promise((go) => this.#waiting.push({ line: name, go }));
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets one of those that wait go. */
  release(pick: number, outcome: Outcome): void {
    const [one] = this.#waiting.splice(pick % Math.max(1, this.#waiting.length), 1);
    one?.go(outcome);
  }

  /** Nothing is held any more. */
  open(): void {
    this.#open = true;
    for (const { go } of this.#waiting.splice(0)) go('answered');
  }
}

export interface Member {
  readonly recorder: Recorder;
  readonly listener: OwnershipListener;
  readonly committed: Place[];
}

/**
 * The memory log leaves out an id that the stream has; a server that is given the right revision writes it
 * again. So a recorder that relies on this is found out here.
 */
function strict(store: EventStore, writtenTwice: string[]): EventStore {
  return {
    ...store,
    async append(stream, expected, events) {
      const appended = await store.append(stream, expected, events);
      const before = typeof expected === 'number' ? expected : -1;
      const more = appended.ok ? appended.value.nextExpectedRevision - before : 0;
      if (more > 0 && more < events.length) writtenTwice.push(stream);
      return appended;
    },
  };
}

export interface World {
  readonly clock: VirtualClock;
  readonly bus: ReturnType<typeof createPartitions>;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  /** Streams to which a member appended what was there, together with what was not. */
  readonly writtenTwice: readonly string[];
  /** In the order in which they were kept. */
  readonly kept: Snapshot[];
  member(name: string, line: Line, options?: Partial<RecorderOptions>): Promise<Member>;
  publish(events: readonly NewEvent[], partition?: number): Promise<void>;
}

export function createWorld({ partitions = 1, stride = 1 } = {}): World {
  const clock = new VirtualClock(T0);
  const bus = createPartitions(partitions, stride);
  const log = createMemoryLog();
  const kept: Snapshot[] = [];
  const writtenTwice: string[] = [];
  const snapshots: SnapshotStore = {
    ...log.snapshots,
    async save(snapshot) {
      kept.push(snapshot);
      await log.snapshots.save(snapshot);
    },
  };
  return {
    ...{ clock, bus, store: log.store, snapshots, kept, writtenTwice },
    async member(name, line, options = {}) {
      let listener: OwnershipListener | undefined;
      const committed: Place[] = [];
      const recorder = await createRecorder({
        ...{ bus, clock, log: QUIET },
        store: line.store(strict(log.store, writtenTwice)),
        snapshots: line.snapshots(snapshots),
        async join(given) {
          listener = given;
          return ownershipOf(committed);
        },
        options: { instance: name, batchMs: 10, retakeMs: 1_000, ...options },
      });
      if (!listener) throw new Error('The recorder did not join');
      return { recorder, listener, committed };
    },
    async publish(events, partition = 0) {
      await bus.partition(partition).publish(events);
    },
  };
}

const ownershipOf = (committed: Place[]): Ownership => ({
  owned: () => new Set(),
  failed: never,
  async commit(place) {
    committed.push(place);
  },
  async close() {},
});

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** Runs the clock on until something is so; fails when it never is. */
export async function until(clock: VirtualClock, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await isSo()) return;
    await clock.advance(100);
  }
  throw new Error('It never came to be');
}
