// One append-only log in one directory: bus and event store at once, with snapshots beside it.
// What is acknowledged is on disk; one process at a time; damage is found, never passed over.

import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Bus, EventStore, SnapshotStore } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import { type Connection, openLogDatabase } from './database.js';
import { Feed, type FeedSource } from './feed.js';
import { IndexWriter } from './index-writer.js';
import { type DirectoryLock, lockDirectory } from './lock.js';
import { LogReader, type VerifyProgress } from './log-reader.js';
import { type LogStats, LogWriter } from './log-writer.js';
import { RecentEvents } from './recent-events.js';
import { judgeWriteAheadLog, readMark, recoverTail } from './recovery.js';
import { createSnapshotStore, openSnapshots } from './snapshots.js';
import { StreamIndex } from './stream-index.js';
import { startTransactions, type Transactions } from './transactions.js';

export interface EmbeddedLogOptions {
  /** Created when it does not exist. */
  readonly directory: string;
  /** Hears of what was repaired. */
  readonly onWarning: (message: string) => void;
  /** The log's file grows to at most this size, then writes are refused with FULL; default no bound. */
  readonly bytesMax?: number;
}

export interface EmbeddedLog {
  readonly bus: Bus;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  stats(): LogStats;
  /** Checks every page of the log; throws CORRUPT with the position of the first damage. */
  verifyPages(): AsyncIterable<VerifyProgress>;
  /** Finishes what was accepted, ends subscriptions after the batch in hand, releases the directory. */
  close(): Promise<void>;
}

interface Opened {
  readonly lock: DirectoryLock;
  readonly log: Connection;
  readonly snapshots: Connection;
  readonly index: StreamIndex;
  readonly transactions: Transactions;
  readonly writer: LogWriter;
  readonly recent: RecentEvents;
  readonly feeds: Set<Feed>;
  readonly onWarning: (message: string) => void;
}

/**
 * Opens the log of a directory. Rejects with a PortError: UNAVAILABLE when another process has it
 * open, CORRUPT when it is damaged, INVALID when its format is unknown.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  createDirectory(options.directory);
  const lock = lockDirectory(options.directory);
  try {
    return assemble(openFiles(options, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The directory's own name must be on disk too. Where directories cannot be synced, the system does without. */
function createDirectory(directory: string): void {
  const target = resolve(directory);
  const first = mkdirSync(target, { recursive: true });
  if (first === undefined || process.platform === 'win32') return;
  for (let made = target; made.length >= first.length; made = dirname(made)) {
    const parent = openSync(dirname(made), 'r');
    try {
      fsyncSync(parent);
    } finally {
      closeSync(parent);
    }
  }
}

function openFiles({ directory, onWarning, bytesMax }: EmbeddedLogOptions, lock: DirectoryLock): Opened {
  const paths = { log: join(directory, 'log.sqlite'), snapshots: join(directory, 'snapshots.sqlite') };
  judgeWriteAheadLog(paths.log, onWarning);
  const log = openLogDatabase(paths.log);
  try {
    const index = new StreamIndex(log);
    const mark = readMark(log);
    const end = recoverTail(log, index, mark);
    const snapshots = openSnapshots(paths.snapshots, onWarning);
    const recent = new RecentEvents(end.position);
    const feeds = new Set<Feed>();
    const transactions = startTransactions(paths, bytesMax ?? 0, (error) => {
      writer.refuse(error);
      for (const feed of feeds) feed.fail(error);
    });
    const writer = new LogWriter({
      index,
      indexWriter: new IndexWriter(index, mark),
      transactions,
      end,
      monotonicMs: () => performance.now(),
      onDurable(events) {
        let seen = Number.POSITIVE_INFINITY;
        for (const feed of feeds) seen = Math.min(seen, feed.position);
        recent.add(events, seen);
        for (const feed of feeds) feed.wake();
      },
    });
    return { lock, log, snapshots, index, transactions, writer, recent, feeds, onWarning };
  } catch (error) {
    log.close();
    throw error;
  }
}

function assemble(opened: Opened): EmbeddedLog {
  const { log, index, writer, recent, feeds } = opened;
  const reader = new LogReader(log, index, () => writer.lastPosition);
  const source: FeedSource = {
    lastPosition: () => writer.lastPosition,
    recent: (after, max) => recent.after(after, max),
    stored: (after, types) => reader.chunkAfter(after, types),
  };
  const state: { closing?: Promise<void> } = {};
  const assertOpen = (): void => {
    if (state.closing) throw new PortError('CLOSED', 'The log is closed');
  };
  return {
    bus: {
      publish: (events) => writer.publish(events),
      subscribe(options, handler) {
        assertOpen();
        const feed = new Feed(source, options, handler, (ended) => feeds.delete(ended));
        feeds.add(feed);
        return feed;
      },
    },
    store: {
      append: (stream, expected, events) => writer.append(stream, expected, events),
      readStream: (stream, options) => whileOpen(assertOpen, reader.readStream(stream, options)),
      readAll: (options) => whileOpen(assertOpen, reader.readAll(options)),
      lastPosition: async () => writer.lastPosition,
    },
    snapshots: guardSnapshots(
      createSnapshotStore(opened.snapshots, opened.transactions, opened.onWarning),
      assertOpen,
    ),
    stats: () => writer.stats(),
    verifyPages: () => whileOpen(assertOpen, reader.verifyPages()),
    close() {
      state.closing ??= shutDown(opened);
      return state.closing;
    },
  };
}

async function shutDown(opened: Opened): Promise<void> {
  const { writer, feeds, transactions, log, snapshots, lock } = opened;
  writer.refuse(new PortError('CLOSED', 'The log is closed'));
  try {
    await Promise.all([...feeds].map((feed) => feed.close()));
    // What cannot be written now is rebuilt on the next opening.
    await writer.drain().catch(() => {});
    await transactions.close();
  } finally {
    log.close();
    snapshots.close();
    lock.release();
  }
}

/** Reading ends with CLOSED when the log is closed under it. */
async function* whileOpen<T>(assertOpen: () => void, items: AsyncGenerator<T>): AsyncGenerator<T> {
  for (;;) {
    assertOpen();
    const next = await items.next().catch((error: unknown) => {
      assertOpen();
      throw error;
    });
    if (next.done) return;
    yield next.value;
  }
}

function guardSnapshots(store: SnapshotStore, assertOpen: () => void): SnapshotStore {
  return {
    async save(snapshot) {
      assertOpen();
      await store.save(snapshot);
    },
    async latest(query) {
      assertOpen();
      return store.latest(query);
    },
    async list() {
      assertOpen();
      return store.list();
    },
  };
}
