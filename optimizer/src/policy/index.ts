export type { Needs } from './needs.js';
export { POLICIES, type Policy, type Shared, share } from './share.js';
