import { createMemoryLog } from '@ampledger/memory-log';
import { busContract } from './bus-contract.js';
import { eventStoreContract } from './event-store-contract.js';
import { snapshotStoreContract } from './snapshot-store-contract.js';

const open = async () => createMemoryLog();
const forgets = { survivesRestart: false };

busContract(
  'memory',
  async () => {
    const log = await open();
    return { port: log.bus, close: log.close };
  },
  forgets,
);
eventStoreContract(
  'memory',
  async () => {
    const log = await open();
    return { port: log.store, close: log.close };
  },
  forgets,
);
snapshotStoreContract(
  'memory',
  async () => {
    const log = await open();
    return { port: log.snapshots, close: log.close };
  },
  forgets,
);
