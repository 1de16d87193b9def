// What a station can be set to: every multiple of a step (0.1 A, whole amperes, a power module of a cabinet in
// amperes), or the values of a list; and 0.

/** Arrays are by leaf. */
export interface Steps {
  /** A, above 0: 0.1 for any limit that OCPP can say. */
  readonly stepA: ArrayLike<number>;
  /** Where there is one it counts instead of the step: ascending, above 0, A. */
  readonly values?: readonly (readonly number[] | null)[];
  /** What it holds whatever it is given, A: it is never counted below that. Default: nothing. */
  readonly leastA?: ArrayLike<number>;
}

/** OCPP limits have one decimal. */
export const tenths = (leaves: number): Steps => ({ stepA: new Float64Array(leaves).fill(0.1) });

/** The highest value that is not above `limitA`; 0 (or what it holds anyway) when that would be under the minimum. */
export function settableBelow(steps: Steps, leaf: number, limitA: number, minA: number): number {
  const values = steps.values?.[leaf];
  const value = values ? (values.findLast((v) => v <= limitA) ?? 0) : multipleBelow(steps, leaf, limitA);
  return Math.max(leastOf(steps, leaf), value < minA - SAME ? 0 : value);
}

/** What a leaf counts at in any case. */
export const leastOf = ({ leastA }: Steps, leaf: number): number => leastA?.[leaf] ?? 0;

/** The lowest value above `limitA` that is not under the minimum; Infinity when the list has none. */
export function settableAbove(steps: Steps, leaf: number, limitA: number, minA: number): number {
  const values = steps.values?.[leaf];
  if (values) return values.find((v) => v > limitA && v >= minA - SAME) ?? Number.POSITIVE_INFINITY;
  const stepA = steps.stepA[leaf] as number;
  let count = Math.floor(Math.max(limitA, minA - stepA) / stepA);
  while (!(multiple(stepA, count) > limitA && multiple(stepA, count) >= minA - SAME)) count++;
  return multiple(stepA, count);
}

/** Two currents are the same up to this: a minimum that was computed need not be exactly a step. */
const SAME = 1e-9;

function multipleBelow(steps: Steps, leaf: number, limitA: number): number {
  const stepA = steps.stepA[leaf] as number;
  let count = Math.floor(limitA / stepA);
  // Division rounds: 0.3 / 0.1 is below 3.
  if (multiple(stepA, count + 1) <= limitA) count++;
  else if (multiple(stepA, count) > limitA) count--;
  return multiple(stepA, count);
}

/** Steps that divide an ampere give the decimal that one would write: 3 times 0.1 is 0.3. */
function multiple(stepA: number, count: number): number {
  const inAmpere = Math.round(1 / stepA);
  return Math.abs(inAmpere * stepA - 1) < 1e-12 ? count / inAmpere : count * stepA;
}
