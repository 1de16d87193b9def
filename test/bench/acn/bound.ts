// What foresight could deliver: one linear programme over all sessions and periods. Between two arrivals or
// departures nothing changes, so that a current averaged over that time is as good as any: intervals between
// them stand for the periods without loss. Spans with nobody there cut the programme into independent ones.

import { highs } from './highs.js';
import { compileNetwork, type Network } from './network.js';
import { type PlanCar, solvePlan } from './plan-lp.js';
import type { Session } from './sessions.js';
import { PERIOD_MIN, type Topology } from './topology.js';

export interface Bound {
  /** No scheduler delivers more; tangents let it be at most 0.095 % too high. */
  readonly energyPct: number;
  readonly parts: number;
}

export async function offlineBound(
  sessions: readonly Session[],
  topology: Topology,
  capKw: number | readonly number[],
): Promise<Bound> {
  const solver = await highs();
  const network = compileNetwork(topology, capKw, 'ideal');
  const parts = partsOf(sessions);
  let deliveredA = 0;
  for (const part of parts) {
    const { lengths, cars } = intervalsOf(part, network);
    deliveredA += solvePlan(solver, { network, lengths, weights: lengths.map(() => 1), cars }).deliveredA;
  }
  const requestedA = sessions.reduce((sum, session) => sum + amperePeriods(session, network), 0);
  return { energyPct: (100 * deliveredA) / requestedA, parts: parts.length };
}

const amperePeriods = ({ requestedKwh }: Session, { voltageV }: Network): number =>
  (((requestedKwh * 1000) / voltageV) * 60) / PERIOD_MIN;

/** Sessions that no empty moment separates stay together. */
export function partsOf(sessions: readonly Session[]): readonly (readonly Session[])[] {
  const parts: Session[][] = [];
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const session of sessions.toSorted((a, b) => a.arrival - b.arrival)) {
    if (session.arrival >= busyUntil) parts.push([]);
    parts.at(-1)?.push(session);
    busyUntil = Math.max(busyUntil, session.departure);
  }
  return parts;
}

function intervalsOf(
  sessions: readonly Session[],
  network: Network,
): { readonly lengths: Float64Array; readonly cars: readonly PlanCar[] } {
  const edges = [...new Set(sessions.flatMap((s) => [s.arrival, s.departure]))].sort((a, b) => a - b);
  const indexOf = new Map(edges.map((edge, k) => [edge, k]));
  const lengths = Float64Array.from(edges.slice(1), (edge, k) => edge - (edges[k] ?? 0));
  const cars = sessions.map((session) => {
    const evse = network.indexOf.get(session.evse);
    if (evse === undefined) throw new Error(`${session.id}: no EVSE is called ${session.evse}`);
    return {
      evse,
      from: indexOf.get(session.arrival) ?? 0,
      to: indexOf.get(session.departure) ?? 0,
      needA: amperePeriods(session, network),
      maxA: Math.min(network.evses[evse]?.maxA ?? 0, (session.carMaxKw * 1000) / network.voltageV),
    };
  });
  return { lengths, cars };
}
