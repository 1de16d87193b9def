export * from './certify.js';
export * from './duality.js';
export { fill } from './fill.js';
export { carriedOf, lineCurrent, primaryCurrent } from './lines.js';
export * from './marginal.js';
export * from './network.js';
export { type Change, refill } from './refill.js';
export { addAlone, roomAlone } from './room.js';
export { createScratch, type Filling, type Scratch } from './scratch.js';
