// A tree of nodes with limits, and the leaves (connectors) that hang on it, in typed arrays.
// Built once; limits, bounds and weights may then be written in place before every filling, while
// the tree, the leaves' phases and their priorities stay as they were built.

import { KIND, KINDS, type PhaseSet, SUMS, uses } from './links.js';

export * from './links.js';

/** One entry for each leaf, in any order. */
export interface LeafArrays {
  /** The node that it hangs on. */
  readonly node: ArrayLike<number>;
  /** The grid's phases that it draws its one current on: 1..7. */
  readonly phases: ArrayLike<PhaseSet>;
  /** What one ampere adds to the power of its nodes: volts × phases. */
  readonly wattsPerA: ArrayLike<number>;
  /** It gets at least this, whatever the level. */
  readonly minA: ArrayLike<number>;
  /** And at most this; where it is below `minA`, `minA` counts. Finite. */
  readonly maxA: ArrayLike<number>;
  /** Amperes per unit of the level, above 0. */
  readonly weight: ArrayLike<number>;
  /** Strict: all with a higher number are filled before. */
  readonly priority: ArrayLike<number>;
}

export interface NetworkArrays {
  /** Each node's parent, -1 for a root; in any order. */
  readonly parent: ArrayLike<number>;
  /** By `linkOf(node, kind)`; Infinity where there is none. At least 0. */
  readonly limit: ArrayLike<number>;
  /**
   * By node: no two phases of what is below may differ by more (A). At least 0; Infinity, or no array,
   * where nothing is said.
   */
  readonly unbalance?: ArrayLike<number>;
  readonly leaf: LeafArrays;
}

export interface Network {
  readonly nodes: number;
  readonly leaves: number;
  readonly parent: Int32Array;
  /** May be written between fillings. */
  readonly limit: Float64Array;
  /** May be written between fillings. */
  readonly unbalance: Float64Array;
  readonly node: Int32Array;
  readonly phases: Uint8Array;
  readonly wattsPerA: Float64Array;
  /** These three may be written between fillings; they stay within what `LeafArrays` says. */
  readonly minA: Float64Array;
  readonly maxA: Float64Array;
  readonly weight: Float64Array;
  readonly priority: Float64Array;
  /** Nodes, every parent before its children. */
  readonly preorder: Int32Array;
  /** Leaves in the tree's order: those below a node are the places `first[node]..last[node]`. */
  readonly order: Int32Array;
  /** Where a leaf stands in `order`. */
  readonly placeOf: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** How many hang on the node itself: the first ones of its range. */
  readonly own: Int32Array;
  /** For each sum, the places of the leaves that add to it, and how many stand before a place. */
  readonly members: readonly Int32Array[];
  readonly before: readonly Int32Array[];
  /** By leaf: 0 for the highest priority, then 1, ... */
  readonly rank: Int32Array;
  readonly ranks: number;
}

/** Throws a RangeError for arrays that are no tree, or numbers that are no limits, bounds or weights. */
export function buildNetwork(arrays: NetworkArrays): Network {
  const parent = Int32Array.from(arrays.parent);
  const node = Int32Array.from(arrays.leaf.node);
  const limit = Float64Array.from(arrays.limit);
  check(limit.length === parent.length * KINDS, 'limit has one entry for each node and kind');
  checkLeaves(arrays.leaf, parent.length);
  check(limit.every(isLimit), 'limits are at least 0');
  const unbalance = Float64Array.from(arrays.unbalance ?? parent, (most) =>
    arrays.unbalance ? most : Number.POSITIVE_INFINITY,
  );
  check(unbalance.length === parent.length, 'unbalance has one entry for each node');
  check(unbalance.every(isLimit), 'limits on unbalance are at least 0');
  const preorder = preorderOf(parent);
  const priority = Float64Array.from(arrays.leaf.priority);
  const places = placesOf(parent, node, preorder);
  return {
    nodes: parent.length,
    leaves: node.length,
    parent,
    limit,
    unbalance,
    node,
    phases: Uint8Array.from(arrays.leaf.phases),
    wattsPerA: Float64Array.from(arrays.leaf.wattsPerA),
    minA: Float64Array.from(arrays.leaf.minA),
    maxA: Float64Array.from(arrays.leaf.maxA),
    weight: Float64Array.from(arrays.leaf.weight),
    priority,
    preorder,
    ...places,
    ...membersOf(arrays.leaf, places.order),
    ...ranksOf(priority),
  };
}

const isLimit = (value: number): boolean => value >= 0;

function check(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}

function checkLeaves(leaf: LeafArrays, nodes: number): void {
  const count = leaf.node.length;
  for (const array of Object.values(leaf)) {
    check((array as ArrayLike<number>).length === count, 'all arrays of leaves have the same length');
  }
  for (let i = 0; i < count; i++) {
    const phases = leaf.phases[i] ?? 0;
    check(Number.isInteger(leaf.node[i]) && inRange(leaf.node[i], 0, nodes - 1), 'leaves hang on nodes');
    check(Number.isInteger(phases) && phases >= 1 && phases <= 7, 'phases are a set from 1 to 7');
    check(inRange(leaf.minA[i], 0, Number.MAX_VALUE), 'minima are at least 0 and finite');
    check(inRange(leaf.maxA[i], 0, Number.MAX_VALUE), 'maxima are at least 0 and finite');
    check(inRange(leaf.weight[i], Number.MIN_VALUE, Number.MAX_VALUE), 'weights are above 0');
    check(inRange(leaf.wattsPerA[i], 0, Number.MAX_VALUE), 'watts per ampere are at least 0');
    check(Number.isFinite(leaf.priority[i]), 'priorities are finite');
  }
}

const inRange = (value: number | undefined, from: number, to: number): boolean =>
  value !== undefined && value >= from && value <= to;

function preorderOf(parent: Int32Array): Int32Array {
  const childrenOf: number[][] = Array.from(parent, () => []);
  const open: number[] = [];
  for (let v = parent.length - 1; v >= 0; v--) {
    const above = parent[v] as number;
    if (above === -1) open.push(v);
    else {
      check(above >= 0 && above < parent.length, 'parents are nodes, or -1');
      childrenOf[above]?.push(v);
    }
  }
  const preorder = new Int32Array(parent.length);
  let count = 0;
  for (let v = open.pop(); v !== undefined; v = open.pop()) {
    preorder[count++] = v;
    for (const child of childrenOf[v] ?? []) open.push(child);
  }
  // What hangs in a circle is reached from no root.
  check(count === parent.length, 'parents form a tree');
  return preorder;
}

/** A node's own leaves first, then those of its children: every subtree is one range of places. */
function placesOf(parent: Int32Array, node: Int32Array, preorder: Int32Array) {
  const own = new Int32Array(parent.length);
  for (const v of node) own[v] = (own[v] as number) + 1;
  const below = Int32Array.from(own);
  for (let k = preorder.length - 1; k >= 0; k--) {
    const v = preorder[k] as number;
    const above = parent[v] as number;
    if (above >= 0) below[above] = (below[above] as number) + (below[v] as number);
  }
  const first = new Int32Array(parent.length);
  let place = 0;
  for (const v of preorder) {
    first[v] = place;
    place += own[v] as number;
  }
  const last = first.map((from, v) => from + (below[v] as number));
  const next = Int32Array.from(first);
  const order = new Int32Array(node.length);
  const placeOf = new Int32Array(node.length);
  node.forEach((v, leaf) => {
    const at = next[v] as number;
    next[v] = at + 1;
    order[at] = leaf;
    placeOf[leaf] = at;
  });
  return { own, first, last, order, placeOf };
}

function membersOf({ phases, wattsPerA }: LeafArrays, order: Int32Array) {
  const members: Int32Array[] = [];
  const before: Int32Array[] = [];
  for (let sum = 0; sum < SUMS; sum++) {
    const list: number[] = [];
    const count = new Int32Array(order.length + 1);
    order.forEach((leaf, at) => {
      const adds = sum === KIND.watts ? (wattsPerA[leaf] ?? 0) > 0 : uses(phases[leaf] ?? 0, sum);
      if (adds) list.push(at);
      count[at + 1] = list.length;
    });
    members.push(Int32Array.from(list));
    before.push(count);
  }
  return { members, before };
}

function ranksOf(priority: Float64Array) {
  const distinct = [...new Set(priority)].sort((a, b) => b - a);
  const rankOf = new Map(distinct.map((value, rank) => [value, rank]));
  return { rank: Int32Array.from(priority, (p) => rankOf.get(p) ?? 0), ranks: distinct.length };
}
