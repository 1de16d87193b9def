export * from './decide.js';
export * from './obedience.js';
export * from './room.js';
export * from './service.js';
export * from './wishes.js';
