export type { AddressOptions, Credentials } from './address.js';
export {
  type KurrentStore,
  type KurrentStoreOptions,
  openKurrentStore,
  type Retention,
  type SubscribeAllOptions,
} from './kurrent-store.js';
export { createKurrentSnapshots, type KurrentSnapshotsOptions } from './snapshots.js';
export type { StoreBatch, StoreHandler } from './subscription.js';
