// The event store of a cluster: a server process of our own that can be killed, or, with EVENTSTORE_URL, a
// real one, which is expected to be empty, and lives on.

import { openKurrentStore } from '@ampledger/kurrent-store';
import { prepareEventStoreProcesses } from '../event-store-server/event-store-process.js';
import { stablePort } from './ports.js';
import { until } from './until.js';

export interface StoreUnderTest {
  readonly url: string;
  readonly canBeKilled: boolean;
  /** As a crash would, and starts it again on its port and files; resolves when it answers. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export async function startStore(directory: string): Promise<StoreUnderTest> {
  const { EVENTSTORE_URL: url } = process.env;
  return url === undefined ? startOwn(directory) : takeReal(url);
}

async function takeReal(url: string): Promise<StoreUnderTest> {
  await answers(url);
  return {
    url,
    canBeKilled: false,
    crash: () => Promise.reject(new Error('The server of EVENTSTORE_URL is not ours to kill')),
    close: async () => undefined,
  };
}

async function startOwn(directory: string): Promise<StoreUnderTest> {
  const processes = await prepareEventStoreProcesses();
  const port = await stablePort();
  let running = await processes.start({ directory, port });
  const url = running.url('esdb');
  return {
    url,
    canBeKilled: true,
    async crash() {
      await running.end('SIGKILL');
      running = await processes.start({ directory, port });
      await answers(url);
    },
    close: () => processes.close(),
  };
}

async function answers(url: string): Promise<void> {
  const store = await openKurrentStore({ url });
  try {
    await until('the event store answers', async () => (await store.lastPosition()) >= 0);
  } finally {
    await store.close();
  }
}
