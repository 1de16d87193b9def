// A plan as it goes over HTTP: one row for each period, with everything that a chart of the site needs, and one
// series for each connector. Units are in the names.

import type { PlanConfig, PlanData, SiteState } from '@ampledger/domain';
import { iso, isoOrNull } from './site-wire.js';

/** End of the last period, epoch milliseconds. */
export const planEndsAt = ({ from, periodS, periods }: PlanData): number => from + periods * periodS * 1000;

type Site = Pick<SiteState, 'config'>;

/** Without what only the engine needs: the basis and epoch of the decision, and the plan before. */
export function planToWire({ config }: Site, plan: PlanData, now: number) {
  const { site, status, periodS, energyCost, demandCost, objective } = plan;
  const carsW = sumOf(
    plan,
    plan.sessions.map((s) => ({
      first: s.first,
      limitA: followedA(s),
      wattsPerA: s.assumed?.wattsPerA ?? null,
    })),
  );
  const expectedW = sumOf(plan, plan.expected);
  const levelsWh = levelsOf(plan, config.plan);
  const periods = Array.from({ length: plan.periods }, (_, t) =>
    periodToWire(plan, t, {
      carsW: carsW?.[t] ?? null,
      expectedW: expectedW?.[t] ?? null,
      levelWh: levelsWh?.[t] ?? null,
    }),
  );
  return {
    ...{ site, status, madeAt: iso(plan.at), from: iso(plan.from), to: iso(planEndsAt(plan)) },
    ...{
      timeZone: config.timeZone,
      periodS,
      currentPeriod: Math.floor((now - plan.from) / (periodS * 1000)),
    },
    currency: config.plan?.currency || null,
    cost: { energy: energyCost, demand: demandCost },
    objective,
    demandCharge: demandToWire(plan, config.plan),
    periods,
    connectors: plan.sessions.map((session) => sessionToWire(plan, session)),
    battery: batteryToWire(plan, config.plan),
  };
}

interface Sums {
  readonly carsW: number | null;
  readonly expectedW: number | null;
  readonly levelWh: number | null;
}

function periodToWire(
  { from, periodS, battery, outlook }: PlanData,
  t: number,
  { carsW, expectedW, levelWh }: Sums,
) {
  const otherLoadW = outlook?.otherW[t] ?? null;
  const pvW = outlook?.pvW[t] ?? null;
  const batteryW = watts(battery?.powerW[t] ?? null);
  const known = [otherLoadW, pvW, carsW, expectedW].every((value) => value !== null);
  return {
    ...{ from: iso(from + t * periodS * 1000), to: iso(from + (t + 1) * periodS * 1000) },
    ...{ limitW: outlook?.limitW[t] ?? null, otherLoadW, pvW, carsW, expectedCarsW: expectedW },
    ...{ batteryW, batteryWh: watts(levelWh) },
    gridW: known ? (otherLoadW ?? 0) + (carsW ?? 0) + (expectedW ?? 0) + (batteryW ?? 0) - (pvW ?? 0) : null,
    importPerKwh: outlook?.importPerKwh[t] ?? null,
    exportPerKwh: outlook?.exportPerKwh[t] ?? null,
    co2KgPerKwh: outlook?.co2KgPerKwh[t] ?? null,
  };
}

const watts = (value: number | null): number | null => (value === null ? null : Math.round(value));
const tenth = (value: number): number => Math.round(value * 10) / 10;

interface Series {
  readonly first: number;
  readonly limitA: readonly number[];
  readonly wattsPerA: number | null;
}

/** Watts by period; null where a plan of an earlier release does not say how many volts and phases there are. */
function sumOf({ periods }: PlanData, all: readonly Series[]): readonly number[] | null {
  if (all.some(({ wattsPerA }) => wattsPerA === null)) return null;
  const sums = new Float64Array(periods);
  for (const { first, limitA, wattsPerA } of all)
    limitA.forEach((a, k) => {
      sums[first + k] = (sums[first + k] ?? 0) + a * (wattsPerA ?? 0);
    });
  return Array.from(sums, Math.round);
}

/** What of a period lies after the plan was made. */
const hoursOf = ({ at, from, periodS }: PlanData, t: number): number => {
  const start = Math.max(at, from + t * periodS * 1000);
  return Math.max(0, from + (t + 1) * periodS * 1000 - start) / 3_600_000;
};

/** As it is followed: 0, or at least the connector's minimum. */
const followedA = ({ wholeA, limitA }: PlanData['sessions'][number]): readonly number[] => wholeA ?? limitA;

function sessionToWire(plan: PlanData, session: PlanData['sessions'][number]) {
  const { connector, first, assumed, unservedWh } = session;
  const followed = followedA(session);
  const limitA = Array.from({ length: plan.periods }, (_, t) => tenth(followed[t - first] ?? 0));
  return {
    ...{ connector, session: session.session },
    departsAt: isoOrNull(assumed?.departAt ?? null),
    departureKnown: assumed?.departKnown ?? null,
    needWh: watts(assumed?.energyWh ?? null),
    plannedWh: assumed === null ? null : Math.round(plannedWh(plan, session, assumed)),
    unservedWh: Math.round(unservedWh),
    limitA,
    powerW: assumed === null ? null : limitA.map((a) => Math.round(a * assumed.wattsPerA)),
  };
}

/** In the car. Nothing flows after it left. */
function plannedWh(
  plan: PlanData,
  { first, limitA }: PlanData['sessions'][number],
  { wattsPerA, efficiency, departAt }: NonNullable<PlanData['sessions'][number]['assumed']>,
): number {
  const present = (t: number): number => {
    const end = plan.from + (t + 1) * plan.periodS * 1000;
    return Math.max(0, hoursOf(plan, t) - Math.max(0, end - departAt) / 3_600_000);
  };
  return limitA.reduce((sum, a, k) => sum + a * wattsPerA * efficiency * present(first + k), 0);
}

/** What the battery holds at the end of each period. */
function levelsOf(plan: PlanData, config: PlanConfig | null): readonly number[] | null {
  if (plan.battery === null) return null;
  const oneWay = Math.sqrt(config?.battery?.efficiency ?? 1);
  let wh = plan.battery.storedWh;
  return plan.battery.powerW.map((w, t) => {
    wh += (w > 0 ? w * oneWay : w / oneWay) * hoursOf(plan, t);
    return wh;
  });
}

const batteryToWire = ({ battery }: PlanData, config: PlanConfig | null) =>
  battery === null
    ? null
    : {
        node: config?.battery?.node ?? null,
        capacityWh: config?.battery?.capacityWh ?? null,
        reserveWh: config?.battery?.reserveWh ?? null,
        storedWh: Math.round(battery.storedWh),
        measuredAt: isoOrNull(battery.measuredAt),
      };

function demandToWire({ outlook, demandCost }: PlanData, config: PlanConfig | null) {
  if (config === null || config.demandPerKw === 0) return null;
  const peakSoFarW = outlook?.peakSoFarW ?? null;
  const aboveW = (demandCost / config.demandPerKw) * 1000;
  return {
    perKw: config.demandPerKw,
    peakSoFarW,
    plannedPeakW: peakSoFarW === null ? null : Math.round(peakSoFarW + aboveW),
  };
}
