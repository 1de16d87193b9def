export { sumsOf } from './interior.js';
export type { Needs } from './needs.js';
export { createShareMemory, type ShareMemory, shareAgain } from './remember.js';
export { POLICIES, type Policy, type Shared, share } from './share.js';
