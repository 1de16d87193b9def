export * from './claims.js';
export * from './fold.js';
export * from './projection.js';
export * from './stations.js';
