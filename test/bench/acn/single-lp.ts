// The linear programme of one period: the most energy now, cars that can wait least weighing up to three
// times the others. One model for the whole run: only bounds and weights change, so that each solution starts
// at the last one's basis. Cars of the same weight are as good as each other to it: which of them is served
// is the simplex method's whim, and with it the demands met and the fairness, but not the energy.

import type { Highs, Model } from 'highs';
import { createLp, highs, optimum } from './highs.js';
import { addLoad, createLoads, type Loads, type Network, scaleToFit } from './network.js';
import type { ActiveSession, Scheduler } from './scheduler.js';
import { tangentsOf } from './tangents.js';

/**
 * From 3, for a car that cannot wait, down to 1, with a time constant of an hour. What is late already weighs
 * no more than what just cannot wait: else a hopeless car would take the energy of several others.
 */
function urgency({ estimatedDeparture, remainingA, carMaxA }: ActiveSession, period: number): number {
  const laxityPeriods = estimatedDeparture - period - remainingA / carMaxA;
  return 1 + 2 * Math.exp(-Math.max(0, laxityPeriods) / 12);
}

/** Loads HiGHS. The stations must take any current. */
export async function createSingleLp(): Promise<Scheduler> {
  const solver = await highs();
  let model: Model | undefined;
  return {
    name: 'LP',
    schedule(active, period, network) {
      const most = active.map(
        ({ evse, carMaxA, remainingA }) => [evse, Math.min(carMaxA, remainingA)] as const,
      );
      // Weights are above 0: where everything fits nothing is better.
      if (allFit(network, most)) return most.map(([, rateA]) => rateA);
      const count = network.evses.length;
      const upper = new Float64Array(count);
      const weight = new Float64Array(count);
      for (const [evse, rateA] of most) upper[evse] = rateA;
      for (const session of active) weight[session.evse] = urgency(session, period);
      model ??= modelOf(solver, network);
      const evses = { kind: 'range', from: 0, to: count - 1 } as const;
      model.changeColsBounds(evses, new Float64Array(count), upper);
      model.changeColsCost(evses, weight);
      const rates = optimum(solver, model);
      return toExact(
        network,
        active.map(({ evse }) => [evse, rates[evse] ?? 0] as const),
      );
    },
    close: () => model?.dispose(),
  };
}

/** A column per EVSE, then one per group with the sum of its EVSEs, which is all that the tangents are about. */
function modelOf(solver: Highs, network: Network): Model {
  const lp = createLp(solver);
  const members = Array.from({ length: network.groups }, (): number[] => []);
  for (const group of network.groupOf) members[group]?.push(lp.column(0, 0, 0));
  const sums = members.map((evses) => {
    const sum = lp.column(0, 0, solver.infinity);
    lp.row(0, 0, [...evses, sum], [...evses.map(() => 1), -1]);
    return sum;
  });
  for (const { groups, along, limitA } of tangentsOf(network)) {
    lp.row(
      -solver.infinity,
      limitA,
      [...groups].map((g) => sums[g] ?? 0),
      along,
    );
  }
  return lp.build();
}

type Rates = readonly (readonly [evse: number, rateA: number])[];

function loadsOf(network: Network, rates: Rates): Loads {
  const loads = createLoads(network);
  for (const [evse, rateA] of rates) addLoad(network, loads, evse, Math.max(0, rateA));
  return loads;
}

const allFit = (network: Network, rates: Rates): boolean =>
  scaleToFit(network, loadsOf(network, rates)) === 1;

/** From the tangents to the circles: all rates by one factor; what rounding left below 0 is 0. */
export function toExact(network: Network, rates: Rates): Float64Array {
  const factor = scaleToFit(network, loadsOf(network, rates));
  return Float64Array.from(rates, ([, rateA]) => Math.max(0, rateA) * factor);
}
