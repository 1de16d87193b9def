// Who is compared. Each run gets a scheduler of its own, because some remember.

import { createAmpledger } from './ampledger.js';
import { createMpc } from './mpc.js';
import { POLICIES } from './product.js';
import { createRoundRobin } from './round-robin.js';
import type { Scheduler } from './scheduler.js';
import { createSingleLp } from './single-lp.js';
import { createEarliestDeadlineFirst, createFirstComeFirstServed, createLeastLaxityFirst } from './sorted.js';

export interface Contender {
  readonly create: () => Scheduler | Promise<Scheduler>;
  /** Whether it knows of stations that offer only some currents. */
  readonly steps: boolean;
}

const OTHERS: Readonly<Record<string, Contender>> = {
  FCFS: { create: createFirstComeFirstServed, steps: true },
  EDF: { create: createEarliestDeadlineFirst, steps: true },
  LLF: { create: createLeastLaxityFirst, steps: true },
  // By one ampere, as the figures to compare with; by 0.1 A it is within 0.2 points of them.
  RR: { create: () => createRoundRobin(1), steps: true },
  LP: { create: createSingleLp, steps: false },
  MPC: { create: createMpc, steps: false },
};

/** The four of acnportal, two linear programmes of our own, and the product's policies by their names. */
export const CONTENDERS: Readonly<Record<string, Contender>> = {
  ...OTHERS,
  ...Object.fromEntries(
    POLICIES.map((policy) => [policy, { create: () => createAmpledger(policy), steps: true }]),
  ),
};
