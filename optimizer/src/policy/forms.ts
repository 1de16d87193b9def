// The limits of a network as smooth convex constraints on the sums of its nodes (three phases, then
// watts), for methods that need gradients: a sum at most its limit; a line's square, a quadratic form,
// at most the limit's square; a primary line once for each of its three corners (see solver/lines.ts);
// a limit on unbalance as six differences.

import {
  firstLeg,
  KIND,
  KINDS,
  linkOf,
  middleLeg,
  type Network,
  SUMS,
  secondLeg,
} from '../solver/network.js';

/** A node's block: one row for each of its sums. */
const DIMS = SUMS;

/** `slack = bound − linear·S − S·square·S`, which is above 0 inside. */
export interface Form {
  readonly linear: Float64Array;
  /** Symmetric, by rows; null where the form is linear. */
  readonly square: Float64Array | null;
}

export interface Constraint {
  readonly node: number;
  /** The link whose limit this is; -1 for one on unbalance. */
  readonly link: number;
  readonly form: Form;
  readonly bound: number;
}

const linearForm = (entries: readonly (readonly [sum: number, value: number])[]): Form => {
  const linear = new Float64Array(DIMS);
  for (const [sum, value] of entries) linear[sum] = value;
  return { linear, square: null };
};

const SUM_FORMS: readonly Form[] = [0, 1, 2, 3].map((sum) => linearForm([[sum, 1]]));
const DIFFERENCES: readonly Form[] = [0, 1, 2].flatMap((p) =>
  [0, 1, 2]
    .filter((q) => q !== p)
    .map((q) =>
      linearForm([
        [p, 1],
        [q, -1],
      ]),
    ),
);

type Term = readonly [row: number, column: number, factor: number];

function squareForm(terms: readonly Term[]): Form {
  const square = new Float64Array(DIMS * DIMS);
  for (const [row, column, factor] of terms) {
    const half = row === column ? factor : factor / 2;
    square[row * DIMS + column] = half;
    square[column * DIMS + row] = half;
  }
  return { linear: new Float64Array(DIMS), square };
}

function formsOf(kind: number): readonly Form[] {
  if (kind <= KIND.watts) return [SUM_FORMS[kind] as Form];
  const [x, y, z] = [firstLeg(kind), middleLeg(kind), secondLeg(kind)];
  if (kind < KIND.primaryA) {
    const line: readonly Term[] = [
      [x, x, 1],
      [z, z, 1],
      [x, z, 1],
    ];
    return [squareForm(line)];
  }
  const corner = (leg: number): readonly Term[] => [
    [leg, leg, 1],
    [z, z, 4],
    [leg, z, 2],
  ];
  const whole: readonly Term[] = [...corner(x), [y, y, 1], [x, y, -1], [y, z, 2]];
  return [squareForm(whole), squareForm(corner(x)), squareForm(corner(y))];
}

const FORMS: readonly (readonly Form[])[] = Array.from({ length: KINDS }, (_, kind) => formsOf(kind));

/**
 * The constraints that `most` would break, by node and sum: all others hold whatever happens below it.
 * Node by node; limits on unbalance always.
 */
export function constraintsOf(network: Network, most: ArrayLike<number>): readonly Constraint[] {
  const found: Constraint[] = [];
  for (let node = 0; node < network.nodes; node++) {
    for (let kind = 0; kind < KINDS; kind++) {
      const link = linkOf(node, kind);
      const limit = network.limit[link] as number;
      if (limit === Number.POSITIVE_INFINITY) continue;
      const bound = kind <= KIND.watts ? limit : limit * limit;
      for (const form of FORMS[kind] as readonly Form[]) {
        const constraint = { node, link, form, bound };
        // Corners of a primary line do not rise with each leg: any of them may be the one.
        if (kind >= KIND.primaryA || slackOf(constraint, most) < 0) found.push(constraint);
      }
    }
    const unbalance = network.unbalance[node] as number;
    if (unbalance === Number.POSITIVE_INFINITY) continue;
    for (const form of DIFFERENCES) found.push({ node, link: -1, form, bound: unbalance });
  }
  return found;
}

/** `sums` by node and sum. In the form's own unit. */
export function slackOf({ node, form, bound }: Constraint, sums: ArrayLike<number>): number {
  const at = node * DIMS;
  const { linear, square } = form;
  let slack = bound;
  for (let i = 0; i < DIMS; i++) {
    const s = sums[at + i] as number;
    slack -= (linear[i] as number) * s;
    if (square === null) continue;
    for (let j = 0; j < DIMS; j++) slack -= s * (square[i * DIMS + j] as number) * (sums[at + j] as number);
  }
  return slack;
}

/** Whether a link counts as full: nearer to its limit than this part of it. */
const FULL = 1e-3;

export function isFull(constraint: Constraint, sums: ArrayLike<number>): boolean {
  const part = constraint.form.square === null ? FULL : 2 * FULL;
  return slackOf(constraint, sums) <= part * constraint.bound;
}
