import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { afterAll, beforeAll } from 'vitest';
import { busContract } from './bus-contract.js';
import { eventStoreContract } from './event-store-contract.js';
import { snapshotStoreContract } from './snapshot-store-contract.js';

let root: string;
let directories = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ampledger-log-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const onWarning = (message: string): void => {
  throw new Error(`unexpected warning: ${message}`);
};

interface Under<Port> {
  readonly port: Port;
  reopen(): Promise<Under<Port>>;
  close(): Promise<void>;
}

function factory<Port>(portOf: (log: EmbeddedLog) => Port): () => Promise<Under<Port>> {
  const open = async (directory: string): Promise<Under<Port>> => {
    const log = await openEmbeddedLog({ directory, onWarning });
    return { port: portOf(log), reopen: () => open(directory), close: log.close };
  };
  return () => open(join(root, String(directories++)));
}

busContract(
  'embedded',
  factory((log) => log.bus),
  { survivesRestart: true },
);
eventStoreContract(
  'embedded',
  factory((log) => log.store),
  { survivesRestart: true },
);
snapshotStoreContract(
  'embedded',
  factory((log) => log.snapshots),
  { survivesRestart: true },
);
