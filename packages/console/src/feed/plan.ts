// The plan as the API prints it, instants as epoch milliseconds. Amounts are in the unit of their names;
// null is: nobody knows, or there is none.

export interface PlanPeriod {
  readonly from: number;
  readonly to: number;
  /** What the grid connection lets through, less its reserve. */
  readonly limitW: number | null;
  readonly otherLoadW: number | null;
  readonly pvW: number | null;
  readonly carsW: number | null;
  /** Kept free for cars that the site's habits expect. */
  readonly expectedCarsW: number | null;
  /** Into the battery; negative: out of it. */
  readonly batteryW: number | null;
  /** Its level at the end of the period. */
  readonly batteryWh: number | null;
  /** Negative: fed back. */
  readonly gridW: number | null;
  readonly importPerKwh: number | null;
  readonly exportPerKwh: number | null;
  readonly co2KgPerKwh: number | null;
}

export interface PlannedCar {
  readonly connector: string;
  readonly session: string;
  readonly departsAt: number | null;
  /** false: it was guessed. */
  readonly departureKnown: boolean | null;
  readonly needWh: number | null;
  readonly plannedWh: number | null;
  /** What it will not have got by its departure, or by the plan's end. */
  readonly unservedWh: number;
  /** Amperes on each of its phases, by period; negative: it feeds back. */
  readonly limitA: readonly number[];
}

export interface SitePlan {
  readonly site: string;
  /** `deadline`: the best that was found in time. */
  readonly status: 'optimal' | 'deadline';
  readonly madeAt: number;
  readonly from: number;
  readonly to: number;
  readonly periodS: number;
  readonly currency: string | null;
  readonly cost: { readonly energy: number; readonly demand: number };
  readonly demandCharge: {
    readonly peakSoFarW: number | null;
    readonly plannedPeakW: number | null;
  } | null;
  readonly periods: readonly PlanPeriod[];
  readonly connectors: readonly PlannedCar[];
  readonly battery: {
    readonly capacityWh: number;
    readonly reserveWh: number;
    readonly storedWh: number;
    /** null: it was reckoned from the plans before. */
    readonly measuredAt: number | null;
  } | null;
}

/** The same product wrote it: its outline tells it from an error page. */
export function isSitePlan(value: unknown): value is SitePlan {
  if (typeof value !== 'object' || value === null) return false;
  const { madeAt, from, to, periods, connectors } = value as Partial<Record<keyof SitePlan, unknown>>;
  return (
    [madeAt, from, to].every((instant) => typeof instant === 'number') &&
    Array.isArray(periods) &&
    periods.length > 0 &&
    Array.isArray(connectors)
  );
}
