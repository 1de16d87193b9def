// The contracts of the event store and of the snapshots, over one of the two clients. Both clients in one
// process break each other, so each has a test file of its own, and the server a process of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKurrentSnapshots, openKurrentStore } from '@ampledger/kurrent-store';
import { afterAll, beforeAll } from 'vitest';
import {
  type EventStoreProcesses,
  prepareEventStoreProcesses,
} from '../event-store-server/event-store-process.js';
import { eventStoreContract } from './event-store-contract.js';
import { snapshotStoreContract } from './snapshot-store-contract.js';

/** A server to test against instead of our own, in the scheme of either client. It may be in use. */
export const REAL_URL = process.env.EVENTSTORE_URL;

const onWarning = (message: string): void => {
  throw new Error(`unexpected warning: ${message}`);
};

export interface Server {
  url(): string;
}

/** The server that all tests of a file share. */
export function useServer(scheme: 'esdb' | 'kurrentdb'): Server {
  if (REAL_URL !== undefined) return { url: () => REAL_URL.replace(/^(esdb|kurrentdb)/, scheme) };
  let processes: EventStoreProcesses;
  let directory: string;
  let url = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ampledger-event-store-'));
    processes = await prepareEventStoreProcesses();
    url = (await processes.start({ directory })).url(scheme);
  });
  afterAll(async () => {
    await processes.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { url: () => url };
}

export function kurrentContracts(scheme: 'esdb' | 'kurrentdb'): void {
  const server = useServer(scheme);
  const name = `${scheme}:// against ${REAL_URL === undefined ? 'our own server' : 'EVENTSTORE_URL'}`;
  const openStore = async () => {
    const store = await openKurrentStore({ url: server.url(), onWarning });
    return { port: store, reopen: openStore, close: store.close };
  };
  const openSnapshots = async () => {
    const store = await openKurrentStore({ url: server.url(), onWarning });
    return { port: createKurrentSnapshots(store, { onWarning }), reopen: openSnapshots, close: store.close };
  };
  eventStoreContract(name, openStore, { survivesRestart: true });
  snapshotStoreContract(name, openSnapshots, { survivesRestart: true });
}
