// A topology compiled for speed: which row each EVSE's current enters, and as which phasor. A row's current
// is the magnitude of the sum of A·i·e^(jφ); everything here is in amperes.

import type { Topology } from './topology.js';

export interface Evse {
  readonly id: string;
  /** The least that it offers beside nothing: 0 when any current will do. */
  readonly minA: number;
  readonly maxA: number;
  /** What it can offer, ascending from 0; null when any current up to maxA will do. */
  readonly stepsA: Float64Array | null;
}

export interface Network {
  readonly evses: readonly Evse[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly voltageV: number;
  readonly rowNames: readonly string[];
  /** Per row. */
  readonly limitA: Float64Array;
  /** Entries start[e] to start[e + 1] belong to EVSE e: rows[k], with the phasor re[k] + j·im[k] per ampere. */
  readonly start: Int32Array;
  readonly rows: Int32Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** EVSEs that enter the same rows as the same phasors: only their sum meets a limit. */
  readonly groupOf: Int32Array;
  readonly groups: number;
  /** One EVSE of each group. */
  readonly representative: Int32Array;
}

/** `real`: the stations' own minima and steps; `ideal`: any current from 0 to the maximum. */
export type Stations = 'ideal' | 'real';

/** @param capKw one capacity for each of the topology's transformers, in their order; a number is for one. */
export function compileNetwork(
  topology: Topology,
  capKw: number | readonly number[],
  stations: Stations,
): Network {
  const limitA = limitsOf(topology, typeof capKw === 'number' ? [capKw] : capKw);
  const evses = topology.evses.map(({ id, minA, maxA, stepsA }) =>
    stations === 'ideal'
      ? { id, minA: 0, maxA, stepsA: null }
      : { id, minA, maxA, stepsA: Float64Array.from(stepsA) },
  );
  return {
    evses,
    indexOf: new Map(evses.map(({ id }, i) => [id, i])),
    voltageV: topology.voltageV,
    rowNames: topology.rows.map(({ name }) => name),
    limitA,
    ...entriesOf(topology),
    ...groupsOf(topology),
  };
}

function limitsOf({ rows, transformers }: Topology, capsKw: readonly number[]): Float64Array {
  if (capsKw.length !== transformers.length) {
    throw new Error(
      `${transformers.length} capacities are needed: ${transformers.map((t) => t.name).join(', ')}`,
    );
  }
  const limitA = Float64Array.from(rows, (row) => row.limitA);
  transformers.forEach(({ ratedKw, rows: scaled }, i) => {
    const factor = (capsKw[i] ?? Number.NaN) / ratedKw;
    for (const row of scaled) limitA[row] = (limitA[row] ?? 0) * factor;
  });
  return limitA;
}

function entriesOf({ evses, rows }: Topology): Pick<Network, 'start' | 'rows' | 're' | 'im'> {
  const start = new Int32Array(evses.length + 1);
  const index: number[] = [];
  const re: number[] = [];
  const im: number[] = [];
  evses.forEach(({ id, phaseDeg }, e) => {
    const angle = (phaseDeg * Math.PI) / 180;
    rows.forEach(({ coefficients }, row) => {
      const coefficient = coefficients.get(id) ?? 0;
      if (coefficient === 0) return;
      index.push(row);
      re.push(coefficient * Math.cos(angle));
      im.push(coefficient * Math.sin(angle));
    });
    start[e + 1] = index.length;
  });
  return { start, rows: Int32Array.from(index), re: Float64Array.from(re), im: Float64Array.from(im) };
}

function groupsOf({ evses, rows }: Topology): Pick<Network, 'groupOf' | 'groups' | 'representative'> {
  const byKey = new Map<string, number>();
  const representative: number[] = [];
  const groupOf = Int32Array.from(evses, ({ id, phaseDeg }, e) => {
    const key = [phaseDeg, ...rows.map(({ coefficients }) => coefficients.get(id) ?? 0)].join();
    const group = byKey.get(key) ?? byKey.size;
    if (group === byKey.size) {
      byKey.set(key, group);
      representative.push(e);
    }
    return group;
  });
  return { groupOf, groups: byKey.size, representative: Int32Array.from(representative) };
}

/** The phasor sum of each row. */
export interface Loads {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export const createLoads = ({ limitA }: Network): Loads => ({
  re: new Float64Array(limitA.length),
  im: new Float64Array(limitA.length),
});

export function clearLoads({ re, im }: Loads): void {
  re.fill(0);
  im.fill(0);
}

/** Adds `amperes` (may be negative) of one EVSE to the rows it enters. */
export function addLoad(network: Network, loads: Loads, evse: number, amperes: number): void {
  const end = network.start[evse + 1] ?? 0;
  for (let k = network.start[evse] ?? 0; k < end; k += 1) {
    const row = network.rows[k] ?? 0;
    loads.re[row] = (loads.re[row] ?? 0) + amperes * (network.re[k] ?? 0);
    loads.im[row] = (loads.im[row] ?? 0) + amperes * (network.im[k] ?? 0);
  }
}

/**
 * Rounding that is no overload. The public simulator lets a schedule be over by 1e-5 A; with this its figures
 * come out within 5e-6 percentage points, and nothing is over by more.
 */
export const TOLERANCE_A = 1e-7;

/** Whether `amperes` more of one EVSE keeps the rows that it enters within their limits. */
export function fits(network: Network, loads: Loads, evse: number, amperes: number): boolean {
  const end = network.start[evse + 1] ?? 0;
  for (let k = network.start[evse] ?? 0; k < end; k += 1) {
    const row = network.rows[k] ?? 0;
    const re = (loads.re[row] ?? 0) + amperes * (network.re[k] ?? 0);
    const im = (loads.im[row] ?? 0) + amperes * (network.im[k] ?? 0);
    const most = (network.limitA[row] ?? 0) + TOLERANCE_A;
    if (re * re + im * im > most * most) return false;
  }
  return true;
}

/** The most that any row is over its limit; negative when all have room. */
export function overA({ limitA }: Network, { re, im }: Loads): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < limitA.length; row += 1) {
    const over = Math.hypot(re[row] ?? 0, im[row] ?? 0) - (limitA[row] ?? 0);
    if (over > worst) worst = over;
  }
  return worst;
}

/** The largest factor up to 1 by which all currents may be multiplied: sums are linear, so this is exact. */
export function scaleToFit({ limitA }: Network, { re, im }: Loads): number {
  let factor = 1;
  for (let row = 0; row < limitA.length; row += 1) {
    const magnitude = Math.hypot(re[row] ?? 0, im[row] ?? 0);
    if (magnitude * factor > (limitA[row] ?? 0)) factor = (limitA[row] ?? 0) / magnitude;
  }
  return factor;
}
