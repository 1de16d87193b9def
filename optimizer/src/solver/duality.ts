// Whether the answer of a linear program is one: primal and dual feasible, and complementary. That
// proves it optimal without trusting who computed it; nothing is shared with a solver but the numbers.
//
// The program: minimise c·x (or maximise it) where every row lies between its two bounds, and x too.
// With y the prices of the rows, z = c − Aᵀy is what is left of the columns' costs. Minimising, a price above 0
// needs its row at the lower bound, one below 0 at the upper bound; the same for z and the columns
// (Bertsimas and Tsitsiklis, Introduction to Linear Optimization, theorem 4.5).

/** Rows in sparse form: the entries of row r are the places `start[r]..start[r + 1]` of `index`, `value`. */
export interface LinearProgram {
  readonly sense: 'minimise' | 'maximise';
  readonly cost: ArrayLike<number>;
  /** Bounds of the columns, and of the rows; infinite where there is none. */
  readonly columnLower: ArrayLike<number>;
  readonly columnUpper: ArrayLike<number>;
  readonly rowLower: ArrayLike<number>;
  readonly rowUpper: ArrayLike<number>;
  readonly start: ArrayLike<number>;
  /** Columns. */
  readonly index: ArrayLike<number>;
  readonly value: ArrayLike<number>;
}

/** Duals as derivatives of the objective by the bound, in the sense given: the signs that HiGHS uses. */
export interface LinearAnswer {
  readonly x: ArrayLike<number>;
  readonly rowDual: ArrayLike<number>;
  readonly columnDual: ArrayLike<number>;
}

export interface DualityOptions {
  /** How far outside its bounds a row or column may be, relative to the bound and at least absolute. */
  readonly primal?: number;
  /** How far below 0 a reduced cost may be, relative to the costs it is made of. */
  readonly dual?: number;
}

export type Flaw =
  | { readonly kind: 'column' | 'row'; readonly at: number; readonly value: number }
  /** The columns' duals are not what the rows' leave of the cost. */
  | { readonly kind: 'reducedCost'; readonly at: number; readonly dual: number; readonly expected: number }
  /** A price without its bound being tight. */
  | {
      readonly kind: 'columnDual' | 'rowDual';
      readonly at: number;
      readonly dual: number;
      readonly value: number;
    }
  | { readonly kind: 'length' };

/** `gap`: what the primal objective differs from the dual one by; absolute. */
export type Duality =
  | { readonly holds: true; readonly objective: number; readonly gap: number }
  | { readonly holds: false; readonly flaw: Flaw };

/** Names the first flaw: lengths, columns and rows outside their bounds, costs, then prices without reason. */
export function checkDuality(
  program: LinearProgram,
  answer: LinearAnswer,
  { primal = 1e-7, dual = 1e-7 }: DualityOptions = {},
): Duality {
  if (!fits(program, answer)) return { holds: false, flaw: { kind: 'length' } };
  const activity = activitiesOf(program, answer.x);
  const reduced = reducedCosts(program, answer.rowDual);
  const columns: Bounded = {
    kind: 'column',
    lower: program.columnLower,
    upper: program.columnUpper,
    value: answer.x,
    dual: answer.columnDual,
    scale: reduced.scale,
  };
  const rows: Bounded = {
    kind: 'row',
    lower: program.rowLower,
    upper: program.rowUpper,
    value: activity,
    dual: answer.rowDual,
    scale: Float64Array.from(activity, () => 1),
  };
  const flaw =
    firstOutside(columns, primal) ??
    firstOutside(rows, primal) ??
    firstWrongCost(answer, reduced, dual) ??
    firstWithoutReason(columns, program.sense, { primal, dual }) ??
    firstWithoutReason(rows, program.sense, { primal, dual });
  if (flaw !== null) return { holds: false, flaw };
  const objective = dot(program.cost, answer.x);
  return { holds: true, objective, gap: Math.abs(objective - dualObjective(columns) - dualObjective(rows)) };
}

function fits(program: LinearProgram, { x, rowDual, columnDual }: LinearAnswer): boolean {
  const columns = program.cost.length;
  const rows = program.rowLower.length;
  return (
    [x, columnDual, program.columnLower, program.columnUpper].every((array) => array.length === columns) &&
    [rowDual, program.rowUpper].every((array) => array.length === rows) &&
    program.start.length === rows + 1 &&
    program.index.length === program.value.length
  );
}

function activitiesOf({ start, index, value, rowLower }: LinearProgram, x: ArrayLike<number>): Float64Array {
  const activity = new Float64Array(rowLower.length);
  for (let row = 0; row < activity.length; row++) {
    let sum = 0;
    for (let k = start[row] as number; k < (start[row + 1] as number); k++)
      sum += (value[k] as number) * (x[index[k] as number] as number);
    activity[row] = sum;
  }
  return activity;
}

interface Reduced {
  readonly cost: Float64Array;
  /** The size of what a reduced cost is made of: its rounding is relative to that. */
  readonly scale: Float64Array;
}

function reducedCosts({ cost, start, index, value }: LinearProgram, rowDual: ArrayLike<number>): Reduced {
  const left = Float64Array.from(cost);
  const scale = Float64Array.from(cost, (c) => Math.max(1, Math.abs(c)));
  for (let row = 0; row < rowDual.length; row++) {
    for (let k = start[row] as number; k < (start[row + 1] as number); k++) {
      const column = index[k] as number;
      const part = (value[k] as number) * (rowDual[row] as number);
      left[column] = (left[column] as number) - part;
      scale[column] = (scale[column] as number) + Math.abs(part);
    }
  }
  return { cost: left, scale };
}

interface Bounded {
  readonly kind: 'column' | 'row';
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  readonly dual: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
}

const within = (bound: number, tolerance: number): number => tolerance * Math.max(1, Math.abs(bound));

const isAt = (value: number, bound: number, tolerance: number): boolean =>
  Math.abs(value - bound) <= within(bound, tolerance);

function firstOutside({ kind, lower, upper, value }: Bounded, tolerance: number): Flaw | null {
  for (let at = 0; at < value.length; at++) {
    const has = value[at] as number;
    const least = lower[at] as number;
    const most = upper[at] as number;
    // Written so that NaN fails; an infinite bound is never within a tolerance of anything.
    const above = least === Number.NEGATIVE_INFINITY || has >= least - within(least, tolerance);
    const below = most === Number.POSITIVE_INFINITY || has <= most + within(most, tolerance);
    if (!(above && below && Number.isFinite(has))) return { kind, at, value: has };
  }
  return null;
}

function firstWrongCost(
  { columnDual }: LinearAnswer,
  { cost, scale }: Reduced,
  tolerance: number,
): Flaw | null {
  for (let at = 0; at < cost.length; at++) {
    const dual = columnDual[at] as number;
    const expected = cost[at] as number;
    if (!(Math.abs(dual - expected) <= tolerance * (scale[at] as number)))
      return { kind: 'reducedCost', at, dual, expected };
  }
  return null;
}

/** Minimising, what is dear stands at its lower bound, what would pay at its upper one; maximising, the other way. */
function firstWithoutReason(
  { kind, lower, upper, value, dual, scale }: Bounded,
  sense: LinearProgram['sense'],
  tolerance: { readonly primal: number; readonly dual: number },
): Flaw | null {
  const sign = sense === 'minimise' ? 1 : -1;
  for (let at = 0; at < value.length; at++) {
    const price = dual[at] as number;
    const has = value[at] as number;
    const counts = Math.abs(price) > tolerance.dual * (scale[at] as number);
    const bound = (sign * price > 0 ? lower[at] : upper[at]) as number;
    if (Number.isNaN(price) || (counts && !isAt(has, bound, tolerance.primal)))
      return { kind: `${kind}Dual`, at, dual: price, value: has };
  }
  return null;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}

/** Every price times the bound that it belongs to: the nearer of the two. */
function dualObjective({ lower, upper, value, dual }: Bounded): number {
  let sum = 0;
  for (let at = 0; at < value.length; at++) {
    const has = value[at] as number;
    const least = lower[at] as number;
    const most = upper[at] as number;
    const bound = Math.abs(has - least) <= Math.abs(most - has) ? least : most;
    if (Number.isFinite(bound)) sum += (dual[at] as number) * bound;
  }
  return sum;
}
