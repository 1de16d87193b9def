// @kurrent/kurrentdb-client 1.3.1. Reads go through its native part, which filters at the server.

import type { JSONEventData } from '@kurrent/kurrentdb-client';
import type { Credentials } from './address.js';
import {
  type ClientResolved,
  clientEventOf,
  closeConnection,
  commitOfPosition,
  type DbClient,
  type Feed,
  feedItemOf,
  feedOf,
  markInto,
  positionOfCommit,
  recordOf,
  type WireFilter,
  type WireRecord,
} from './db-client.js';

const CHECKPOINT_WINDOW_EVENTS = 1_000;

export interface KurrentdbClientOptions {
  readonly connectionString: string;
  readonly credentials?: Credentials;
}

export async function createKurrentdbClient(options: KurrentdbClientOptions): Promise<DbClient> {
  const { connectionString } = options;
  // Given to each read: the native part takes those in the address as they are written there, encoded.
  const login = options.credentials ? { credentials: options.credentials } : {};
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  const client = KurrentDBClient.connectionString(connectionString);
  return {
    filtersReads: true,
    async append(stream, expected, events) {
      const { nextExpectedRevision, position } = await client.appendToStream(
        stream,
        events.map(clientEventOf) as JSONEventData[],
        { streamState: expected },
      );
      const revision = Number(nextExpectedRevision);
      return position ? { revision, position: positionOfCommit(position.commit) } : { revision };
    },
    readStream: (stream, { direction, from, limit }) =>
      feedOfNative(
        client.readStream(stream, {
          ...login,
          direction,
          maxCount: limit,
          fromRevision: from === undefined ? nearEnd(direction) : BigInt(from),
        }),
      ),
    readAll: ({ direction, from, limit, filter }) =>
      feedOfNative(
        client.readAll({
          ...login,
          direction,
          maxCount: limit,
          fromPosition: from === undefined ? nearEnd(direction) : commitOfPosition(from),
          ...(filter ? { filter: nativeFilterOf(filter) } : {}),
        }),
      ),
    subscribeAll(after, filter) {
      const subscription = client.subscribeToAll({
        fromPosition: after === 0 ? 'start' : commitOfPosition(after),
        filter: {
          ...nativeFilterOf(filter),
          maxSearchWindow: CHECKPOINT_WINDOW_EVENTS,
          checkpointInterval: 1,
          checkpointReached: (_subscription, { commit }) =>
            markInto(subscription, { kind: 'checkpoint', position: positionOfCommit(commit) }),
        },
      });
      subscription.on('caughtUp', () => markInto(subscription, { kind: 'caught-up' }));
      return feedOf(subscription, () => subscription.unsubscribe(), feedItemOf);
    },
    async dispose() {
      await client.dispose();
      await closeConnection(client);
    },
  };
}

const nearEnd = (direction: 'forwards' | 'backwards'): 'start' | 'end' =>
  direction === 'forwards' ? 'start' : 'end';

const nativeFilterOf = ({ on, prefixes, regex }: WireFilter) => ({
  filterOn: on,
  checkpointInterval: 1,
  ...(prefixes ? { prefixes } : { regex: regex ?? '' }),
});

/** The native part reads on demand; what nobody asks for any more is dropped with its iterator. */
function feedOfNative(items: AsyncIterable<ClientResolved>): Feed<WireRecord> {
  let cancelled = false;
  return {
    hasMore: () => false,
    cancel() {
      cancelled = true;
    },
    async *[Symbol.asyncIterator]() {
      for await (const item of items) {
        if (cancelled) return;
        const record = recordOf(item);
        if (record) yield record;
      }
    },
  };
}
