export * from './event-types.js';
export * from './site-config.js';
export * from './view.js';
