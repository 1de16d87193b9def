export * from './clock.js';
export * from './coded-error.js';
export * from './deterministic-id.js';
export * from './ids.js';
export * from './phases.js';
export * from './result.js';
export * from './tracer.js';
export * from './virtual-clock.js';
