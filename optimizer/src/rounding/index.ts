export { type Holding, holdSmallRaises } from './hold.js';
export { roundDown } from './round-down.js';
export { createRoundingScratch, type RoundingScratch } from './scratch.js';
export { type Steps, settableAbove, settableBelow, tenths } from './steps.js';
