// What the look-ahead answers: plain data, recorded as it is.

export type PlanStatus =
  /** No plan is better. */
  | 'optimal'
  /** Feasible, and the best that was found in time. */
  | 'deadline';

export interface Plan {
  readonly site: string;
  /** As in the problem: start of the first period (epoch milliseconds), length, count. */
  readonly from: number;
  readonly periodS: number;
  readonly periods: number;
  readonly status: PlanStatus;
  /** All that was minimised: money, what was not served, and the preference for early. Of use to compare plans only. */
  readonly objective: number;
  /** Money: energy with emissions and wear, and what the new peak costs. The unmanaged load's is in it. */
  readonly energyCost: number;
  readonly demandCost: number;
  readonly sessions: readonly PlannedSession[];
  readonly expected: readonly PlannedExpected[];
  /** Watts into the battery by period, at the grid; negative: out of it. null: there is none. */
  readonly batteryW: readonly number[] | null;
  readonly nodes: readonly PlannedNode[];
}

export interface PlannedSession {
  readonly id: string;
  readonly connector: string;
  /** The period of the first entry of `limitA`; outside of them it is 0. */
  readonly first: number;
  /** Amperes by period; negative: feeds back. */
  readonly limitA: readonly number[];
  /** Watt-hours in the car that it will be short of at its departure (or the plan's end). */
  readonly unservedWh: number;
}

export interface PlannedExpected {
  readonly id: string;
  readonly first: number;
  readonly limitA: readonly number[];
  readonly unservedWh: number;
}

export interface PlannedNode {
  readonly id: string;
  /**
   * Expected flow by period, watts: the unmanaged load, and what is planned below it (expected cars too),
   * less what is fed in by cars, battery and photovoltaics below it.
   */
  readonly loadW: readonly number[];
}
