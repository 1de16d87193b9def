// What the tests of an event store over the network share: servers in processes of their own, stores, and
// ways to write to them and follow them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KurrentStore, type KurrentStoreOptions, openKurrentStore } from '@ampledger/kurrent-store';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  type EventStoreProcess,
  type EventStoreProcesses,
  prepareEventStoreProcesses,
} from '../event-store-server/event-store-process.js';
import { newEvents } from './events.js';

export type Scheme = 'esdb' | 'kurrentdb';

export interface Bench {
  directory(): Promise<string>;
  server(directory: string, port?: number): Promise<EventStoreProcess>;
  open(options: KurrentStoreOptions): Promise<KurrentStore>;
  readonly processes: () => EventStoreProcesses;
}

/** Servers and stores of one file; all are gone after it. */
export function useBench(): Bench {
  let processes: EventStoreProcesses;
  let root: string;
  const stores: KurrentStore[] = [];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ampledger-event-store-'));
    processes = await prepareEventStoreProcesses();
  });
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  afterAll(async () => {
    await processes.close();
    await rm(root, { recursive: true, force: true });
  });
  return {
    processes: () => processes,
    directory: () => mkdtemp(join(root, 'store-')),
    server: (directory, port) => processes.start({ directory, ...(port === undefined ? {} : { port }) }),
    async open(options) {
      const store = await openKurrentStore(options);
      stores.push(store);
      return store;
    },
  };
}

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** One writer of one stream: always knows what it has been told is there. */
export async function writeStream(
  store: KurrentStore,
  stream: string,
  { appends, refused }: { readonly appends: number; refused(error: unknown): Promise<void> },
): Promise<readonly NewEvent[]> {
  const acked: NewEvent[] = [];
  for (let n = 0; n < appends; n++) {
    const events = newEvents(stream, 3, acked.length);
    const expected = acked.length === 0 ? 'none' : acked.length - 1;
    for (let tries = 0; ; tries++) {
      const result = await store.append(stream, expected, events).catch(async (error: unknown) => {
        if (tries > 5) throw error;
        await refused(error);
        return undefined;
      });
      if (!result) continue;
      // A repeat of what was committed before its answer was lost succeeds like any other.
      expect(result).toMatchObject({ ok: true, value: { nextExpectedRevision: acked.length + 2 } });
      break;
    }
    acked.push(...events);
  }
  return acked;
}

/** An event as it is in the store, of whatever kind. */
export interface RawEvent {
  readonly type: string;
  readonly position: number;
  readonly data: unknown;
  readonly metadata: unknown;
}

export async function raw(store: KurrentStore, stream: string): Promise<readonly RawEvent[]> {
  const records: RawEvent[] = [];
  const range = { direction: 'forwards', limit: Number.MAX_SAFE_INTEGER } as const;
  for await (const page of store.wire.readStream(stream, range)) records.push(...page);
  return records;
}

export interface Following {
  readonly seen: RecordedEvent[];
  readonly untils: number[];
  readonly subscription: ReturnType<KurrentStore['subscribeAll']>;
  until(count: number): Promise<void>;
}

export function follow(store: KurrentStore, streamPrefix: string): Following {
  const seen: RecordedEvent[] = [];
  const untils: number[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const subscription = store.subscribeAll({ after: 0, streamPrefix }, ({ events, until }) => {
    seen.push(...events);
    untils.push(until);
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
  });
  return {
    seen,
    untils,
    subscription,
    until: (count) =>
      new Promise((resolve) => {
        if (seen.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

/** Resolves when at least so many events of these streams are in the store. */
export async function collectUntil(store: KurrentStore, prefix: string, count: number): Promise<void> {
  const following = follow(store, prefix);
  await following.until(count);
  await following.subscription.close();
}
