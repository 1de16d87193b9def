export * from './allocate.js';
export * from './certify/index.js';
export * from './decide.js';
export * from './next-change.js';
export * from './problem.js';
export * from './service.js';
