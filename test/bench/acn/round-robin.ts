// Round robin: one increment to each car in turn, in the order of arrival, until nobody can have another. Done
// as acnportal 0.3.3 does it: a car that does not fit once is out for the period; what is left below an
// increment is not given; with steps, the first increment is to the minimum.

import { addLoad, clearLoads, createLoads, fits, type Loads } from './network.js';
import type { Scheduler } from './scheduler.js';
import { isFinished, orderOf } from './sorted.js';

/** @param incrementA between two offers of a station that takes any current; the library's default is 0.1. */
export function createRoundRobin(incrementA = 0.1): Scheduler {
  let loads: Loads | undefined;
  return {
    name: 'RR',
    schedule(active, _period, network) {
      loads ??= createLoads(network);
      clearLoads(loads);
      const ratesA = new Float64Array(active.length);
      const level = new Int32Array(active.length);
      const rateAt = active.map(({ evse, maxA, remainingA }) => {
        const upperA = Math.min(maxA, remainingA);
        const stepsA = network.evses[evse]?.stepsA;
        // Multiples, not sums: 0.1 added up would drift off the public figures.
        return (i: number) => {
          const rate = stepsA ? (stepsA[i] ?? Number.POSITIVE_INFINITY) : i * incrementA;
          return rate <= upperA ? rate : -1;
        };
      });
      let queue = orderOf(active, ({ arrival }) => arrival).filter((at) => {
        const session = active[at];
        return session !== undefined && !isFinished(session);
      });
      while (queue.length > 0) {
        const again: number[] = [];
        for (const at of queue) {
          const evse = active[at]?.evse ?? 0;
          const next = rateAt[at]?.((level[at] ?? 0) + 1) ?? -1;
          const more = next - (ratesA[at] ?? 0);
          if (next < 0 || !fits(network, loads, evse, more)) continue;
          addLoad(network, loads, evse, more);
          ratesA[at] = next;
          level[at] = (level[at] ?? 0) + 1;
          again.push(at);
        }
        queue = again;
      }
      return ratesA;
    },
  };
}
