// The event store port over KurrentDB or EventStoreDB. Its position is the server's commit position and
// one more. Events of others on the same server are passed over.

import { deterministicId, err, ok } from '@ampledger/kernel';
import type { EventStore, ExpectedRevision, NewEvent, Subscription } from '@ampledger/ports';
import { type AddressOptions, addressOf } from './address.js';
import type { WireExpected } from './db-client.js';
import { recordedEventOf, wireEventsOf } from './envelope.js';
import { createKnownStreams, KNOWN_IDS_OF_STREAM, type KnownStreams } from './known-streams.js';
import { readAllOf } from './reading.js';
import { type StoreHandler, subscribeToStore } from './subscription.js';
import { openWire, type Wire, type WireAppend } from './wire.js';

/** What the server may forget of a stream. */
export interface Retention {
  readonly maxAgeS?: number;
  readonly maxCount?: number;
}

export interface KurrentStoreOptions extends AddressOptions {
  /** Asked when a stream is created by an append that expects none; null keeps everything. */
  readonly retention?: (stream: string) => Retention | null;
  readonly onWarning?: (message: string) => void;
}

export interface SubscribeAllOptions {
  /** Position after which events are handed over; 0 is from the beginning. */
  readonly after: number;
  readonly streamPrefix?: string;
}

export interface KurrentStore extends EventStore {
  /** Everything after a position and then what comes, by the server's catch-up subscription. */
  subscribeAll(options: SubscribeAllOptions, handler: StoreHandler): Subscription;
  /** Ends what is under way; everything after it is refused with CLOSED. */
  close(): Promise<void>;
  /** What stands below the port, for the snapshots. */
  readonly wire: Wire;
}

/**
 * Opens a store. Nothing is asked of the server yet. Rejects with INVALID for an address that cannot be
 * read, and when this process uses the other client already.
 */
export async function openKurrentStore(options: KurrentStoreOptions): Promise<KurrentStore> {
  const address = addressOf(options);
  const wire = await openWire(address);
  const known = createKnownStreams();
  const onWarning = options.onWarning ?? (() => undefined);
  const subscriptions = new Set<Subscription>();
  return {
    wire,
    async append(stream, expected, events) {
      wire.assertOpen();
      const wireEvents = wireEventsOf(stream, events);
      if (expected === 'none') await setRetention(wire, stream, options.retention?.(stream) ?? null, known);
      else if (!known.has(stream)) await learn(wire, known, stream);
      const repeated = known.repeated(stream, events);
      if (repeated !== undefined) return placeOf(wire, stream, repeated);
      const appended = await wire.append(stream, wireExpectedOf(expected), wireEvents);
      if (appended.ok) {
        const ids = events.map(({ id }) => id);
        known.add(stream, appended.revision - events.length + 1, ids);
        return placeOf(wire, stream, appended.revision, appended.position);
      }
      return refused(wire, known, { stream, events, appended });
    },
    async *readStream(stream, { from, direction = 'forwards', limit = Number.MAX_SAFE_INTEGER } = {}) {
      const range = { direction, limit, ...(from === undefined ? {} : { from }) };
      for await (const records of wire.readStream(stream, range)) {
        const events = records.map(recordedEventOf).filter((event) => event !== undefined);
        if (events.length > 0) yield events;
      }
    },
    readAll: (readOptions = {}) => readAllOf(wire, readOptions),
    async lastPosition() {
      for await (const [last] of wire.readAll({ direction: 'backwards', limit: 1 }))
        return last?.position ?? 0;
      return 0;
    },
    subscribeAll(subscribeOptions, handler) {
      wire.assertOpen();
      const subscription = subscribeToStore(wire, { ...subscribeOptions, onWarning }, handler);
      subscriptions.add(subscription);
      const forget = (): unknown => subscriptions.delete(subscription);
      // Observed aside: a failure that nobody else listens to still ends the process.
      subscription.caughtUp.catch(forget);
      return subscription;
    },
    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      await wire.close();
    },
  };
}

const wireExpectedOf = (expected: ExpectedRevision): WireExpected => {
  if (expected === 'none') return 'no_stream';
  return expected === 'any' ? 'any' : BigInt(expected);
};

/** Before the first event, so that no event is ever kept for longer. A stream that has metadata keeps them. */
async function setRetention(
  wire: Wire,
  stream: string,
  retention: Retention | null,
  known: KnownStreams,
): Promise<void> {
  if (!retention || known.has(stream)) return;
  await setStreamMetadata(wire, stream, {
    expected: 'no_stream',
    id: deterministicId('stream metadata', stream),
    retention,
  });
}

export async function setStreamMetadata(
  wire: Wire,
  stream: string,
  given: { readonly expected: 'any' | 'no_stream'; readonly id: string; readonly retention: Retention },
): Promise<void> {
  const { maxAgeS, maxCount } = given.retention;
  const data = {
    ...(maxAgeS === undefined ? {} : { $maxAge: maxAgeS }),
    ...(maxCount === undefined ? {} : { $maxCount: maxCount }),
  };
  const event = { id: given.id, type: '$metadata', data, metadata: new Uint8Array() };
  await wire.append(`$$${stream}`, given.expected, [event]);
}

/** The newest ids of a stream that this process has not written to before. */
async function learn(wire: Wire, known: KnownStreams, stream: string): Promise<void> {
  const newestFirst = [];
  const range = { direction: 'backwards', limit: KNOWN_IDS_OF_STREAM } as const;
  for await (const records of wire.readStream(stream, range)) newestFirst.push(...records);
  const records = newestFirst.reverse();
  known.forget(stream);
  known.add(
    stream,
    records[0]?.revision ?? 0,
    records.map(({ id }) => id),
  );
}

/** Where an append ends. A server that recognises a repeat says the revision, but not always the position. */
async function placeOf(wire: Wire, stream: string, revision: number, position?: number) {
  if (position !== undefined) return ok({ nextExpectedRevision: revision, position });
  for await (const [record] of wire.readStream(stream, { direction: 'forwards', from: revision, limit: 1 })) {
    if (record?.revision === revision)
      return ok({ nextExpectedRevision: revision, position: record.position });
  }
  // Retention has removed the event meanwhile: it was there, and the log goes on after it.
  return ok({ nextExpectedRevision: revision, position: 0 });
}

interface Refused {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly appended: WireAppend & { readonly ok: false };
}

/** A repeat at another place than it expects is refused by the server; all of the stream tells. */
async function refused(wire: Wire, known: KnownStreams, { stream, events, appended }: Refused) {
  known.forget(stream);
  const { actualRevision } = appended;
  const wanted = new Map(events.map(({ id }, i) => [id, i]));
  const revisions: number[] = [];
  let found = 0;
  for await (const records of wire.readStream(stream, {
    direction: 'backwards',
    limit: Number.MAX_SAFE_INTEGER,
  })) {
    for (const { id, revision } of records) {
      const place = wanted.get(id);
      if (place === undefined || revisions[place] !== undefined) continue;
      revisions[place] = revision;
      found += 1;
    }
    if (found === events.length) break;
  }
  const isWhole =
    found === events.length && revisions.every((at, i) => i === 0 || at > (revisions[i - 1] ?? -1));
  const last = revisions.at(-1);
  if (isWhole && last !== undefined) return placeOf(wire, stream, last);
  return err({ code: 'WRONG_EXPECTED_REVISION', actualRevision } as const);
}
