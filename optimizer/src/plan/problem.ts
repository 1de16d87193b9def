// What the look-ahead is asked: plain data, so that it can be recorded and solved again. Amperes are
// per phase, power is watts, energy watt-hours, money whatever the prices are in. Power drawn from the
// grid is positive. Behind a delta the three "phases" are the legs AB, BC, CA.

import type { Settable } from '@ampledger/domain';
import type { PerPhase } from '@ampledger/kernel';

/** One value for each period, or one that holds in all of them. */
export type ByPeriod<T = number> = T | readonly T[];

/** A limit; null: there is none. */
export type Limit = ByPeriod<number | null>;
export type PhaseLimits = readonly [Limit, Limit, Limit];

export interface PlanProblem {
  /** Whose problem it is: a planner keeps one model per site. */
  readonly site: string;
  /** Start of the first period, epoch milliseconds. A multiple of `periodS` lets the next solve start from this one. */
  readonly from: number;
  readonly periodS: number;
  readonly periods: number;
  /** Volts that a current on one phase is under (line to line where the phases are a delta's legs). */
  readonly voltageV: number;
  /** The root first, every other after its parent. */
  readonly nodes: readonly PlanNode[];
  readonly envelopes: readonly PlanEnvelope[];
  readonly sessions: readonly PlanSession[];
  readonly expected: readonly ExpectedArrivals[];
  readonly prices: PlanPrices;
  readonly demand: DemandCharge | null;
  readonly battery: PlanBattery | null;
  readonly pv: PlanPv | null;
  readonly weights: PlanWeights;
}

export interface PlanNode {
  readonly id: string;
  /** null for the root. */
  readonly parent: string | null;
  /** Amperes on each phase. */
  readonly limitA: PhaseLimits | null;
  readonly limitW: Limit;
  /**
   * Load behind this node that is nobody's to control, amperes on each phase. It counts at this node
   * alone: a node above says its own, which includes it. The root's is what the money reckons with.
   */
  readonly unmanagedA: readonly [ByPeriod, ByPeriod, ByPeriod];
  /** What may flow back through the node. */
  readonly exportA: PhaseLimits | null;
  readonly exportW: Limit;
  /** Further linear limits on the managed currents, such as those of a transformer's lines (`lineCuts`) or on unbalance. */
  readonly cuts: readonly PlanCut[];
}

/** `Σ onPhase[p] · (managed current on p) <= maxA`, which is at least 0: nothing may always be planned. */
export interface PlanCut {
  readonly onPhase: PerPhase;
  readonly maxA: Limit;
}

/** An announced envelope: it tightens its node's limits in the periods where it says something. */
export interface PlanEnvelope {
  readonly node: string;
  readonly limitA: PhaseLimits | null;
  readonly limitW: Limit;
  readonly exportW: Limit;
}

export interface PlanSession {
  /** Unique in the problem, and the same for the same session in the next problem. */
  readonly id: string;
  readonly connector: string;
  readonly node: string;
  /** What one ampere of its limit loads each phase with: 0 or 1; 1/√3 on each for three phases behind a delta. */
  readonly perA: PerPhase;
  /** Grid watts per ampere of its limit. */
  readonly wattsPerA: number;
  /** Share of the grid's energy that arrives in the car; 1 where needs are in grid energy. */
  readonly efficiency: number;
  /** When it can charge, in periods from `from`; fractions count in part, departures beyond the last are cut. */
  readonly arrives: number;
  readonly departs: number;
  /** What the car still needs by its departure, watt-hours in the car. */
  readonly energyWh: number;
  /** Least current that is any use. The plan may say less (6 A or nothing is no linear rule): it is kept by whoever follows it. */
  readonly minA: number;
  /** Where its connector is set in steps: what to. The plan knows nothing of them either. Default: any current. */
  readonly settable?: Settable;
  readonly maxA: ByPeriod;
  /** A higher class is served before a lower one; strictly so between the three highest. */
  readonly priority: number;
  /** Within a class: who falls short, falls short by shares of its need in inverse ratio to this. Above 0. */
  readonly weight: number;
  /** Where the car may feed back. */
  readonly v2x: PlanV2x | null;
}

/**
 * Under a limit on unbalance drawing and feeding back at once could pay, for the sake of another phase, and no plan
 * says that: the two do not go together.
 */
export interface PlanV2x {
  readonly dischargeA: ByPeriod;
  /** Share of the car's energy that arrives in the grid. */
  readonly efficiency: number;
  /** In the car now (as stated), never below (unless it is below now), and what it holds: watt-hours. */
  readonly storedWh: number;
  readonly minWh: number;
  readonly capacityWh: number;
  /** Wear, money per kWh that is fed back. */
  readonly wearPerKwh: number;
}

/** Cars that the site's history expects (`expected` of the domain): soft reservations, all of a group together. */
export interface ExpectedArrivals {
  readonly id: string;
  readonly node: string;
  readonly perA: PerPhase;
  readonly wattsPerA: number;
  readonly arrives: number;
  readonly departs: number;
  readonly energyWh: number;
  readonly maxA: number;
}

export interface PlanPrices {
  /** Money per kWh. Where feeding back earns more than drawing costs, it is taken to earn as much as drawing costs. */
  readonly importPerKwh: ByPeriod;
  readonly exportPerKwh: ByPeriod;
  /** Kilograms of CO2 per kWh drawn. */
  readonly co2KgPerKwh: ByPeriod;
}

/** For the highest mean power over `intervalPeriods` periods of the billing month. */
export interface DemandCharge {
  readonly perKw: number;
  /** The month's peak up to now: only what goes beyond it costs. */
  readonly peakSoFarW: number;
  readonly intervalPeriods: number;
  /**
   * Of the interval that runs: what flowed before now and is in none of the periods, as a mean over the whole
   * interval. A period's unmanaged load counts for all of it. null: nothing is known, and the interval begins anew.
   */
  readonly flowedW: number | null;
}

export interface PlanBattery {
  readonly node: string;
  readonly capacityWh: number;
  /** Never below (unless it is below now), watt-hours. */
  readonly reserveWh: number;
  readonly chargeW: number;
  readonly dischargeW: number;
  /** Both ways together, above 0. */
  readonly efficiency: number;
  readonly startWh: number;
  /** At the end at least this, as far as it can be reached. */
  readonly finalWh: number;
  /** Money per kWh that is fed out. */
  readonly wearPerKwh: number;
}

export interface PlanPv {
  readonly node: string;
  /** Watts. It lowers what is drawn and paid for; it never makes room under an import limit. */
  readonly forecastW: ByPeriod;
}

export interface PlanWeights {
  /** Money that a kilogram of CO2 is taken to cost. */
  readonly co2PerKg: number;
  /** Money that a kWh not served is taken to cost, at least; null: far above all prices (`unservedPerKwh`). */
  readonly unservedPerKwh: number | null;
  /** What a kWh for an expected car counts against one for a car that is here; 0 to 1. */
  readonly expected: number;
}

export const DEFAULT_WEIGHTS: PlanWeights = { co2PerKg: 0, unservedPerKwh: null, expected: 0.1 };

/** A node with nothing on it and no limits. */
export const BARE_NODE = {
  limitA: null,
  limitW: null,
  unmanagedA: [0, 0, 0],
  exportA: null,
  exportW: null,
  cuts: [],
} as const satisfies Partial<PlanNode>;
