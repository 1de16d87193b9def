// From a site's state and a moment to what the look-ahead is asked. Pure: `verify` asks it again.

import { outlookOf, type Periods, type PlanConfig, peakAt, type SiteState } from '@ampledger/domain';
import {
  DEFAULT_WEIGHTS,
  type DemandCharge,
  type PlanBattery,
  type PlanNode,
  type PlanProblem,
} from './plan/problem.js';
import { expectedCars, type PlannedCar, plannedCars, settable } from './plan-cars.js';
import { planNodes } from './plan-nodes.js';
import { periodOf } from './planned.js';

/** Currents that a plan may say, by session and period: an event has to stay below a megabyte. */
const CURRENTS_MAX = 32_000;
/** As many as a problem may have. */
const PERIODS_MAX = 2_000;
/** A demand charge is for the highest mean power of a quarter of an hour. */
const DEMAND_INTERVAL_S = 900;

/** null: the site asks for no plan, or there is no car whose need is known. */
export function planProblemOf(state: SiteState, now: number): PlanProblem | null {
  const { config } = state;
  const { plan } = config;
  if (plan === null) return null;
  const periodMs = plan.periodS * 1000;
  const from = Math.floor(now / periodMs) * periodMs;
  const cars = plannedCars(state, now, from + periodMs);
  if (!cars.some(({ needKnown }) => needKnown)) return null;
  const inPeriods = (at: number): number => (at - from) / periodMs;
  const count = periodCount(plan, cars, inPeriods);
  const periods = { from, periodS: plan.periodS, count };
  const nodes = planNodes(
    state,
    periods,
    settable(
      state,
      cars.map(({ key }) => key),
      now,
    ),
    now,
  );
  const unmanagedA = nodes[0]?.unmanagedA ?? [0, 0, 0];
  return {
    site: state.site,
    from,
    periodS: plan.periodS,
    periods: count,
    voltageV: config.voltageV,
    nodes,
    // They are in the limits of the nodes.
    envelopes: [],
    sessions: cars.map(({ session, doneAt }) => ({
      ...session,
      arrives: inPeriods(now),
      departs: inPeriods(doneAt),
    })),
    expected: expectedCars(state, { ...periods, now }),
    ...moneyOf(state, plan, periods, { now, unmanagedA }),
    battery: batteryOf(state, plan, now),
    weights: { ...DEFAULT_WEIGHTS, co2PerKg: plan.co2PerKg },
  };
}

/** As many as the site file says, or so few that the plan can be recorded. */
function periodCount(
  { horizonS, periodS }: PlanConfig,
  cars: readonly PlannedCar[],
  inPeriods: (at: number) => number,
): number {
  const stays = cars.map(({ doneAt }) => Math.ceil(inPeriods(doneAt)));
  const currents = (count: number): number => stays.reduce((sum, stay) => sum + Math.min(stay, count), 0);
  let count = Math.max(1, Math.min(PERIODS_MAX, Math.floor(horizonS / periodS)));
  while (count > 1 && currents(count) > CURRENTS_MAX) count = Math.max(1, Math.floor(count * 0.9));
  return count;
}

function moneyOf(
  state: SiteState,
  { demandPerKw, pv }: PlanConfig,
  periods: Periods,
  { now, unmanagedA }: Flowing,
): Pick<PlanProblem, 'prices' | 'demand' | 'pv'> {
  const { importPerKwh, exportPerKwh, co2KgPerKwh, pvW } = outlookOf(state, periods);
  return {
    prices: { importPerKwh, exportPerKwh, co2KgPerKwh: co2KgPerKwh.map((kg) => Math.max(0, kg)) },
    demand:
      demandPerKw === 0 ? null : { perKw: demandPerKw, ...demandOf(state, periods, { now, unmanagedA }) },
    pv: pv === null ? null : { node: pv.node, forecastW: pvW.map((w) => Math.min(pv.peakW, Math.max(0, w))) },
  };
}

interface Flowing {
  readonly now: number;
  /** At the root, as the plan counts it. */
  readonly unmanagedA: PlanNode['unmanagedA'];
}

/**
 * What was the month's peak up to now; and what flowed in the quarter-hour that runs, beside what its first period
 * counts for the load that nobody controls.
 */
function demandOf(
  state: SiteState,
  { from, periodS }: Periods,
  { now, unmanagedA }: Flowing,
): Omit<DemandCharge, 'perKw'> {
  const { peakW, wattMs } = peakAt(state, now);
  const peakSoFarW = Math.max(0, peakW);
  const intervalPeriods = Math.max(1, Math.round(DEMAND_INTERVAL_S / periodS));
  const intervalMs = intervalPeriods * periodS * 1000;
  // A period that is longer is taken as it stands: the plan knows nothing finer.
  if (intervalMs !== DEMAND_INTERVAL_S * 1000) return { peakSoFarW, intervalPeriods, flowedW: null };
  const firstA = unmanagedA.reduce<number>(
    (sum, of) => sum + (typeof of === 'number' ? of : (of[0] ?? 0)),
    0,
  );
  const countedWattMs = state.config.voltageV * firstA * (now - from);
  return { peakSoFarW, intervalPeriods, flowedW: Math.round((wattMs - countedWattMs) / intervalMs) };
}

function batteryOf(state: SiteState, { battery }: PlanConfig, now: number): PlanBattery | null {
  if (battery === null) return null;
  const { node, capacityWh, reserveWh, chargeW, dischargeW, efficiency } = battery;
  const startWh = storedWh(state, battery, now);
  return {
    node,
    capacityWh,
    reserveWh,
    chargeW,
    dischargeW,
    efficiency,
    startWh,
    finalWh: reserveWh,
    wearPerKwh: 0,
  };
}

/**
 * What the battery last told, and from then on as if it had followed the plans; one that never told anything had its
 * reserve at first. What a plan began with has what was told before it in it.
 */
function storedWh(
  { plan, battery }: SiteState,
  { reserveWh, capacityWh, efficiency }: NonNullable<PlanConfig['battery']>,
  now: number,
): number {
  const within = (wh: number): number => Math.min(capacityWh, Math.max(0, wh));
  if (plan === null || plan.battery === null) return within(battery?.storedWh ?? reserveWh);
  const told = battery !== null && battery.at >= plan.at ? battery : null;
  const oneWay = Math.sqrt(efficiency);
  const periodMs = plan.periodS * 1000;
  const last = periodOf(plan, now);
  let wh = told?.storedWh ?? plan.battery.storedWh;
  plan.battery.powerW.forEach((w, period) => {
    const start = Math.max(told?.at ?? plan.at, plan.from + period * periodMs);
    const ms = Math.min(now, plan.from + (period + 1) * periodMs) - start;
    if ((last >= 0 && period > last) || ms <= 0) return;
    wh += ((w > 0 ? w * oneWay : w / oneWay) * ms) / 3_600_000;
  });
  return within(wh);
}
