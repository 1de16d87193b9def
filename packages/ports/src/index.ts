export * from './bus.js';
export * from './event.js';
export * from './event-store.js';
export * from './partitioned-bus.js';
export * from './port-error.js';
export * from './snapshot-store.js';
