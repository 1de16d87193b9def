// Earliest deadline, least laxity, first come: cars in an order, each given the most that still fits. Done as
// acnportal 0.3.3 does it: ties in the order of the EVSEs; an upper bound that fits is taken; else bisection
// from 0 until 0.01 A, keeping the lower end; with steps, the highest that fits.

import { addLoad, clearLoads, createLoads, fits, type Loads, type Network } from './network.js';
import { type ActiveSession, laxity, type Scheduler } from './scheduler.js';

export const createFirstComeFirstServed = (): Scheduler => createSorted('FCFS', ({ arrival }) => arrival);

export const createEarliestDeadlineFirst = (): Scheduler =>
  createSorted('EDF', ({ estimatedDeparture }) => estimatedDeparture);

export const createLeastLaxityFirst = (): Scheduler => createSorted('LLF', laxity);

type Key = (session: ActiveSession, period: number) => number;

function createSorted(name: string, key: Key): Scheduler {
  let loads: Loads | undefined;
  return {
    name,
    schedule(active, period, network) {
      loads ??= createLoads(network);
      clearLoads(loads);
      const ratesA = new Float64Array(active.length);
      for (const at of orderOf(active, (session) => key(session, period))) {
        const session = active[at];
        if (!session || isFinished(session)) continue;
        const rateA = mostThatFits(session, network, loads);
        addLoad(network, loads, session.evse, rateA);
        ratesA[at] = rateA;
      }
      return ratesA;
    },
  };
}

/** Indices by ascending key; equal keys keep the order of the EVSEs. */
export function orderOf(
  active: readonly ActiveSession[],
  key: (s: ActiveSession) => number,
): readonly number[] {
  const keys = active.map(key);
  return active.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
}

/** Less is left than a period at the station's minimum: the public algorithms leave it undelivered. */
export const isFinished = ({ remainingA, minA }: ActiveSession): boolean => remainingA <= minA;

const BISECTION_END_A = 0.01;

function mostThatFits({ evse, maxA, remainingA }: ActiveSession, network: Network, loads: Loads): number {
  const upperA = Math.min(maxA, remainingA);
  const stepsA = network.evses[evse]?.stepsA;
  if (stepsA) return stepsA.findLast((step) => step <= upperA && fits(network, loads, evse, step)) ?? 0;
  if (fits(network, loads, evse, upperA)) return upperA;
  let low = 0;
  let high = upperA;
  while (high - low > BISECTION_END_A) {
    const mid = (high + low) / 2;
    if (fits(network, loads, evse, mid)) low = mid;
    else high = mid;
  }
  return low;
}
