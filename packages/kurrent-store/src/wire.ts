// The connection to the server, with a deadline on every wait and a guard against what breaks the clients:
// after a failure of the connection its client is given up and another one made.

import { PortError } from '@ampledger/ports';
import type { Address } from './address.js';
import { batchesOf } from './batches.js';
import type {
  DbClient,
  Feed,
  FeedItem,
  ReadAllRange,
  ReadStreamRange,
  WireAppended,
  WireEvent,
  WireExpected,
  WireFilter,
  WireRecord,
} from './db-client.js';
import { createEsdbClient } from './esdb-client.js';
import { actualRevisionOf, isBroken, isMissingStream, portErrorOf } from './failure.js';
import { createKurrentdbClient } from './kurrentdb-client.js';
import { type AppendLease, claimClient, leaseAppends } from './process-clients.js';
import { createSlots, type Slots } from './slots.js';

/**
 * Both clients lose a rejection, which ends the process, when a connection fails while appends wait for
 * room in a stream that takes 16. One fewer never wait there.
 */
const APPENDS_IN_FLIGHT_MAX = 15;
const DISPOSE_MS_MAX = 2_000;

export type WireAppend =
  | ({ readonly ok: true } & WireAppended)
  | { readonly ok: false; readonly actualRevision: number };

export interface Wire {
  readonly deadlineMs: number;
  readonly filtersReads: boolean;
  append(stream: string, expected: WireExpected, events: readonly WireEvent[]): Promise<WireAppend>;
  readStream(stream: string, range: ReadStreamRange): AsyncGenerator<readonly WireRecord[]>;
  readAll(range: ReadAllRange): AsyncGenerator<readonly WireRecord[]>;
  /** Without end, and without a deadline once it has caught up. */
  subscribeAll(after: number, filter: WireFilter): Promise<Feed<FeedItem>>;
  assertOpen(): void;
  close(): Promise<void>;
}

interface Connection {
  readonly client: DbClient;
  readonly slots: Slots;
}

export async function openWire(address: Address): Promise<Wire> {
  claimClient(address);
  const lease = leaseAppends(address);
  let connection: Promise<Connection> = connect(address, lease);
  let closing: Promise<void> | undefined;
  const { filtersReads } = await connection
    .then(({ client }) => client)
    .catch((error: unknown) => {
      lease.release();
      throw new PortError('INVALID', `${address.shown}: ${String(error)}`, error);
    });

  const assertOpen = (): void => {
    if (closing) throw closed();
  };
  const failed = (doing: string, error: unknown): PortError =>
    closing ? closed(error) : portErrorOf(doing, error);
  /** What still waits on the old client is told before a new one begins: 6.2.1 has one table for both. */
  const giveUp = (current: Promise<Connection>): void => {
    if (closing || connection !== current) return;
    connection = current
      .then((broken) => dispose(broken, new PortError('UNAVAILABLE', 'The connection was lost')))
      .catch(() => undefined)
      .then(() => connect(address, lease));
    connection.catch(() => undefined);
  };
  const appendOver = async (
    { client, slots }: Connection,
    append: readonly [string, WireExpected, readonly WireEvent[]],
  ): Promise<WireAppended> => {
    const askedMs = performance.now();
    await slots.take();
    try {
      assertOpen();
      if (performance.now() - askedMs > address.deadlineMs) throw late(address.deadlineMs);
      return await inTime(client.append(...append), address.deadlineMs);
    } finally {
      slots.give();
    }
  };

  return {
    deadlineMs: address.deadlineMs,
    filtersReads,
    assertOpen,
    async append(stream, expected, events) {
      assertOpen();
      const current = connection;
      try {
        return { ok: true, ...(await appendOver(await current, [stream, expected, events])) };
      } catch (error) {
        const actualRevision = actualRevisionOf(error);
        if (actualRevision !== undefined) return { ok: false, actualRevision };
        if (isBroken(error)) giveUp(current);
        throw failed(`appending to ${stream}`, error);
      }
    },
    async *readStream(stream, range) {
      assertOpen();
      if (range.limit <= 0) return;
      try {
        const { client } = await connection;
        for await (const batch of batchesOf(client.readStream(stream, range), address.deadlineMs)) {
          assertOpen();
          yield batch;
        }
      } catch (error) {
        if (!isMissingStream(error)) throw failed(`reading ${stream}`, error);
      }
    },
    async *readAll(range) {
      assertOpen();
      if (range.limit <= 0) return;
      try {
        const { client } = await connection;
        for await (const batch of batchesOf(client.readAll(range), address.deadlineMs)) {
          assertOpen();
          yield batch;
        }
      } catch (error) {
        throw failed('reading the log', error);
      }
    },
    async subscribeAll(after, filter) {
      assertOpen();
      return (await connection).client.subscribeAll(after, filter);
    },
    close() {
      closing ??= connection
        .then((used) => dispose(used, closed()))
        .catch(() => undefined)
        .finally(() => lease.release());
      return closing;
    },
  };
}

async function connect(address: Address, lease: AppendLease): Promise<Connection> {
  const client = address.client === 'esdb' ? createEsdbClient : createKurrentdbClient;
  return {
    client: await client({ ...address, ...lease }),
    slots: createSlots(APPENDS_IN_FLIGHT_MAX),
  };
}

const closed = (cause?: unknown): PortError => new PortError('CLOSED', 'The event store was closed', cause);
const late = (deadlineMs: number): PortError =>
  new PortError('UNAVAILABLE', `The event store did not answer within ${deadlineMs} ms`);

async function dispose({ client, slots }: Connection, why: PortError): Promise<void> {
  slots.fail(why);
  // The calls end at once; only a connection that is still being looked for can take longer.
  await inTime(client.dispose(), DISPOSE_MS_MAX).catch(() => undefined);
}

function inTime<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late(deadlineMs)), deadlineMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
