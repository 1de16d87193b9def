export * from './fold.js';
export * from './projection.js';
