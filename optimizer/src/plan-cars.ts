// The cars that a plan is for: who is here, with what it needs, and who is expected by the site's own habits. Pure.

import {
  carPerAmpere,
  expected,
  hasSteps,
  ledgerInput,
  type PlacedConnector,
  perAmpere,
  type SiteState,
  topologyOf,
  wattsPerAmpere,
} from '@ampledger/domain';
import type { ConnectorKey, SessionId } from '@ampledger/kernel';
import { isServed } from './car-bounds.js';
import type { ExpectedArrivals, PlanSession } from './plan/problem.js';
import { fixedOf } from './problem.js';
import { type Stay, stayOf } from './stay.js';

const HOUR_MS = 3_600_000;

/** A session with its stay in epoch milliseconds, before the plan's periods are known. */
export interface PlannedCar {
  readonly key: ConnectorKey;
  readonly session: Omit<PlanSession, 'arrives' | 'departs'>;
  /** The plan is to be done by then: a little earlier than the car leaves, as far as there is time for that. */
  readonly doneAt: number;
  /** It surely needs something: by what was said, written in the site file, or learned. */
  readonly needKnown: boolean;
}

/** Names a session in a plan: unique, and the same in the next one. */
export const planSessionId = (connector: ConnectorKey, session: SessionId): string =>
  `${session} ${connector}`;

/**
 * For a car of which nothing is known, against the weight that its connector has: who has a need is served before. It
 * may take all that it can in the period that runs, and is planned no further: of several such cars each then has its
 * share at any time, where a longer look would serve one after the other.
 */
const UNKNOWN_WEIGHT_SHARE = 1e-3;
const WEIGHT_MIN = 1e-6;
/** Beside the random delay: what a plan leaves at the end of a stay for what does not come as planned. */
const MARGIN_MS = 300_000;

/** Every car that takes limits at present and is not full. `periodEndsAt`: of the period that `now` is in. */
export function plannedCars(state: SiteState, now: number, periodEndsAt: number): readonly PlannedCar[] {
  return topologyOf(state.config).connectors.flatMap((placed) => {
    const input = ledgerInput(state, placed);
    if (
      input.connector.session === null ||
      fixedOf(placed, input, { site: state.config, now, planned: { kind: 'none' } })
    )
      return [];
    const stay = stayOf(state, placed, input, now);
    return stay === null ? [] : [carOf(state, placed, stay, { now, periodEndsAt })];
  });
}

/** Connectors that hold nothing which a plan cannot have: those it sets itself, and those whose cars are full. */
export const settable = (
  state: SiteState,
  planned: readonly ConnectorKey[],
  now: number,
): ReadonlySet<ConnectorKey> => new Set([...planned, ...yieldingConnectors(state, now)]);

/** A full car keeps a minimum only as long as nobody else has use for it. */
const yieldingConnectors = (state: SiteState, now: number): readonly ConnectorKey[] =>
  topologyOf(state.config).connectors.flatMap((placed) => {
    const input = ledgerInput(state, placed);
    const yields =
      input.connector.session !== null &&
      isServed(input, now) &&
      fixedOf(placed, input, { site: state.config, now, planned: { kind: 'none' } }) === null;
    return yields ? [placed.key] : [];
  });

function carOf(
  state: SiteState,
  placed: PlacedConnector,
  stay: Stay,
  { now, periodEndsAt }: { readonly now: number; readonly periodEndsAt: number },
): PlannedCar {
  const { config } = state;
  const input = ledgerInput(state, placed);
  const { needs, bounds, gridWPerA, carWPerA, leavesAt, laxityMs } = stay;
  const needKnown = needs.energyWh !== null;
  const staysH = (Math.min(leavesAt, periodEndsAt) - now) / HOUR_MS;
  const marginMs = MARGIN_MS + 1000 * (config.plan?.randomDelayS ?? 0);
  const { weight, priority, current, efficiency } = placed.config;
  return {
    key: placed.key,
    needKnown: needs.energyWh !== null && needs.energyWh > 0,
    doneAt: needKnown
      ? leavesAt - Math.min(marginMs, Math.max(0, laxityMs ?? 0))
      : Math.min(leavesAt, periodEndsAt),
    session: {
      id: planSessionId(placed.key, input.connector.session?.id ?? ('' as SessionId)),
      connector: placed.key,
      node: placed.node,
      perA: carPerAmpere(input, now),
      wattsPerA: gridWPerA,
      efficiency: current === 'dc' ? efficiency : 1,
      energyWh: needs.energyWh ?? carWPerA * bounds.takesA * staysH,
      minA: bounds.minA,
      ...(hasSteps(placed.config) ? { settable: bounds.settable } : {}),
      maxA: bounds.takesA,
      priority,
      weight: Math.max(WEIGHT_MIN, needKnown ? weight : weight * UNKNOWN_WEIGHT_SHARE),
      // What is in a car's battery is not known, and nothing follows a plan to feed back yet.
      v2x: null,
    },
  };
}

/** Below this an hour is not worth columns of its own; a shorter stay leaves no time to charge. */
const CARS_MIN = 0.05;
const STAY_MS_MIN = 1_800_000;

/**
 * Cars to come, those of an hour together, at the root and like the first connector that is free. No more than
 * there are connectors free.
 */
export function expectedCars(
  state: SiteState,
  { from, periodS, count, now }: { from: number; periodS: number; count: number; now: number },
): readonly ExpectedArrivals[] {
  const { config, habits } = state;
  const free = topologyOf(config).connectors.filter(({ key }) => state.connectors.get(key)?.session == null);
  const [like] = free;
  const root = config.nodes[0];
  if (!config.needs.learn || like === undefined || root === undefined) return [];
  const periodMs = periodS * 1000;
  const ahead = expected(habits, from, periodS, count);
  const hours = new Map<number, { cars: number; arrives: number; energyWh: number; stayMs: number }>();
  ahead.arrivals.forEach((arrivals, t) => {
    const [energyWh = null, stayS = null] = [ahead.energyWh[t], ahead.stayS[t]];
    const middle = from + (t + 0.5) * periodMs;
    if (arrivals <= 0 || energyWh === null || stayS === null || middle < now) return;
    const hour = Math.floor(middle / HOUR_MS);
    const all = hours.get(hour) ?? { cars: 0, arrives: 0, energyWh, stayMs: stayS * 1000 };
    hours.set(hour, {
      ...all,
      cars: all.cars + arrivals,
      arrives: all.arrives + arrivals * (t + 0.5),
    });
  });
  let places = free.length;
  const groups: ExpectedArrivals[] = [];
  for (const [hour, all] of hours) {
    const cars = Math.min(all.cars, places);
    if (cars < CARS_MIN) continue;
    places -= cars;
    const arrives = all.arrives / all.cars;
    groups.push({
      id: `hour-${hour}`,
      node: root.id,
      perA: perAmpere(config.wiring, like.config.phases),
      wattsPerA: wattsPerAmpere(config, like.config.phases),
      arrives,
      departs: arrives + Math.max(STAY_MS_MIN, all.stayMs) / periodMs,
      energyWh: cars * all.energyWh,
      maxA: cars * like.config.maxA,
    });
  }
  return groups;
}
