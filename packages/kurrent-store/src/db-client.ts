// What the adapter needs of a client, in one shape for both: they differ in names, in what they can
// filter, and in how they end a stream.

import type { Readable } from 'node:stream';

export type WireExpected = 'any' | 'no_stream' | bigint;

export interface WireEvent {
  readonly id: string;
  readonly type: string;
  /** JSON when it is an object, else bytes. */
  readonly data: object | Uint8Array;
  readonly metadata: Uint8Array;
}

export interface WireRecord {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly revision: number;
  /** The server's commit position and one more, so that no event is at 0. */
  readonly position: number;
  readonly isJson: boolean;
  readonly data: unknown;
  readonly metadata: unknown;
}

export interface WireAppended {
  readonly revision: number;
  /** A server that recognises a repeat may not say where the events are. */
  readonly position?: number;
}

export type Direction = 'forwards' | 'backwards';

/** Either names that begin with one of these, or names of a pattern. */
export interface WireFilter {
  readonly on: 'streamName' | 'eventType';
  readonly prefixes?: string[];
  readonly regex?: string;
}

export interface ReadAllRange {
  readonly direction: Direction;
  /** Inclusive forwards, exclusive backwards; default the near end. */
  readonly from?: number;
  readonly limit: number;
  readonly filter?: WireFilter;
}

export interface ReadStreamRange {
  readonly direction: Direction;
  /** A revision, inclusive; default the near end. */
  readonly from?: number;
  readonly limit: number;
}

export type FeedItem =
  | { readonly kind: 'event'; readonly record: WireRecord }
  /** Nothing that the filter wants stands up to here that has not come. */
  | { readonly kind: 'checkpoint'; readonly position: number }
  | { readonly kind: 'caught-up' };

export interface Feed<T> extends AsyncIterable<T> {
  /** Whether the next item is here already. */
  hasMore(): boolean;
  /** Lets go of the call; iterating ends. */
  cancel(): void;
}

export interface DbClient {
  /** Whether `readAll` filters at the server; otherwise its filter is ignored. */
  readonly filtersReads: boolean;
  /** Rejects with the client's own errors, WrongExpectedVersion among them. */
  append(stream: string, expected: WireExpected, events: readonly WireEvent[]): Promise<WireAppended>;
  readStream(stream: string, range: ReadStreamRange): Feed<WireRecord>;
  readAll(range: ReadAllRange): Feed<WireRecord>;
  /** Events after a position, 0 for all, without end. */
  subscribeAll(after: number, filter: WireFilter): Feed<FeedItem>;
  /** Ends every call of this client; resolves when they have ended. */
  dispose(): Promise<void>;
}

/** An event as both clients give it. */
export interface ClientEvent {
  readonly id: string;
  readonly streamId: string;
  readonly type: string;
  readonly revision: bigint;
  readonly isJson: boolean;
  readonly data: unknown;
  readonly metadata?: unknown;
  readonly position?: { readonly commit: bigint };
}

export interface ClientResolved {
  readonly event?: ClientEvent;
  readonly commitPosition?: bigint;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const positionOfCommit = (commit: bigint): number => Number(commit) + 1;
export const commitOfPosition = (position: number): { commit: bigint; prepare: bigint } => {
  const commit = BigInt(position - 1);
  return { commit, prepare: commit };
};

/** Undefined for what has no event: a link to one that is gone. */
export function recordOf({ event, commitPosition }: ClientResolved): WireRecord | undefined {
  if (!event) return undefined;
  // Servers before 22.6 say a position that no log reaches when they read a stream.
  const commit = [event.position?.commit, commitPosition].find((at) => at !== undefined && at <= SAFE);
  if (commit === undefined) throw new Error('the server does not tell positions; it must be 22.6 or later');
  return {
    id: event.id,
    stream: event.streamId,
    type: event.type,
    revision: Number(event.revision),
    position: positionOfCommit(commit),
    isJson: event.isJson,
    data: event.data,
    metadata: event.metadata,
  };
}

type Json = Record<string, unknown>;

/** The two forms of events that both clients take. */
export const clientEventOf = ({ id, type, data, metadata }: WireEvent) =>
  data instanceof Uint8Array
    ? ({ id, type, contentType: 'application/octet-stream', data, metadata } as const)
    : ({ id, type, contentType: 'application/json', data: data as Json, metadata } as const);

/** A stream of the clients' own making, and how to end its call. */
export function feedOf<In, Out>(
  readable: Readable,
  end: () => Promise<void>,
  convert: (item: In) => Out | undefined,
): Feed<Out> {
  // They may report one failure twice, the second time to nobody, which would end the process.
  readable.on('error', () => undefined);
  const cancel = (): void => {
    end().catch(() => undefined);
    readable.destroy();
  };
  return {
    hasMore: () => readable.readableLength > 0,
    cancel,
    async *[Symbol.asyncIterator]() {
      try {
        for await (const item of readable as AsyncIterable<In>) {
          const converted = convert(item);
          if (converted !== undefined) yield converted;
        }
      } finally {
        cancel();
      }
    },
  };
}

/** What a subscription says beside its events, put in line with them by `markInto`. */
export type Marked = ClientResolved | Exclude<FeedItem, { kind: 'event' }>;

export function feedItemOf(item: Marked): FeedItem | undefined {
  if ('kind' in item) return item;
  const record = recordOf(item);
  return record && { kind: 'event', record };
}

/**
 * The clients tell checkpoints and the end of catching up beside the stream, when events before them may
 * still wait in it. Pushed into it, they come in their place.
 */
export function markInto(readable: Readable, item: Exclude<FeedItem, { kind: 'event' }>): void {
  if (!readable.destroyed && !readable.readableEnded) readable.push(item);
}

/** Neither client closes its connection when it is disposed of; both have this below their types. */
export async function closeConnection(client: object): Promise<void> {
  const getChannel: unknown = Reflect.get(client, 'getChannel');
  if (typeof getChannel !== 'function') return;
  const channel: unknown = await getChannel.call(client);
  if (typeof channel !== 'object' || channel === null || !('close' in channel)) return;
  if (typeof channel.close === 'function') channel.close();
}
