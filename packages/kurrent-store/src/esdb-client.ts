// @eventstore/db-client 6.2.1. It cannot filter a counted read: the caller subscribes instead.

import type { JSONEventData } from '@eventstore/db-client';
import type { Credentials } from './address.js';
import {
  clientEventOf,
  closeConnection,
  commitOfPosition,
  type DbClient,
  feedItemOf,
  feedOf,
  markInto,
  positionOfCommit,
  recordOf,
} from './db-client.js';

export interface EsdbClientOptions {
  readonly connectionString: string;
  /** With them an append is a call of its own, without them it shares one stream with all others. */
  readonly appendCredentials?: Credentials;
}

const CHECKPOINT_WINDOW_EVENTS = 1_000;

export async function createEsdbClient(options: EsdbClientOptions): Promise<DbClient> {
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  const client = EventStoreDBClient.connectionString(options.connectionString);
  const credentials = options.appendCredentials;
  return {
    filtersReads: false,
    async append(stream, expected, events) {
      const { nextExpectedRevision, position } = await client.appendToStream(
        stream,
        events.map(clientEventOf) as JSONEventData[],
        { expectedRevision: expected, ...(credentials ? { credentials } : {}) },
      );
      const revision = Number(nextExpectedRevision);
      return position ? { revision, position: positionOfCommit(position.commit) } : { revision };
    },
    readStream(stream, { direction, from, limit }) {
      const read = client.readStream(stream, {
        direction,
        maxCount: limit,
        fromRevision: from === undefined ? nearEnd(direction) : BigInt(from),
      });
      return feedOf(read, () => read.cancel(), recordOf);
    },
    readAll({ direction, from, limit }) {
      const read = client.readAll({
        direction,
        maxCount: limit,
        fromPosition: from === undefined ? nearEnd(direction) : commitOfPosition(from),
      });
      return feedOf(read, () => read.cancel(), recordOf);
    },
    subscribeAll(after, { on, prefixes, regex }) {
      const subscription = client.subscribeToAll({
        fromPosition: after === 0 ? 'start' : commitOfPosition(after),
        filter: {
          filterOn: on,
          ...(prefixes ? { prefixes } : { regex: regex ?? '' }),
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
