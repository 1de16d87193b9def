export * from './certify.js';
export { fill } from './fill.js';
export * from './marginal.js';
export * from './network.js';
export { type Change, refill } from './refill.js';
export { createScratch, type Filling, type Scratch } from './scratch.js';
