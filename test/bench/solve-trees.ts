// Generated sites for the benchmark of the solver: balanced trees, the same for the same seed.

import type { NetworkArrays } from '../../optimizer/src/solver/index.js';

export interface TreeShape {
  readonly name: string;
  /** Nodes below each node, level by level. */
  readonly fanout: readonly number[];
  readonly leaves: number;
  readonly phases: 1 | 3;
}

export const SHAPES: readonly Omit<TreeShape, 'phases'>[] = [
  { name: '1,000 / 111', fanout: [10, 10], leaves: 1_000 },
  { name: '10,000 / 1,051', fanout: [50, 20], leaves: 10_000 },
  { name: '100,000 / 4,421', fanout: [20, 20, 10], leaves: 100_000 },
];

/** A site as most are. */
export const SITE_OF_SIXTY: TreeShape = { name: '60 / 7', fanout: [6], leaves: 60, phases: 3 };

/** Links of a node in the arrays of a network: the solver is found at run time only. */
export const KINDS = 10;
const VOLTS = 230;
const RATED_A = [10, 13, 16, 20, 25, 32] as const;

/** Mulberry32: 32 bits of state, enough for sites that only have to differ. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Currents that the cars below may take, and must get, by node and phase. */
interface Demand {
  readonly mostA: Float64Array;
  readonly leastA: Float64Array;
}

/**
 * Two cars of three use three phases, the others one or two, by rotation; half of the maxima are
 * ratings, half whatever a car takes; two of three have the minimum of 6 A, the others none; weights
 * 0.5, 1 and 2. Every level of the tree has links that are tight and links that are not.
 */
export function site(shape: TreeShape, seed: number): NetworkArrays {
  const random = generator(seed);
  const parent = parents(shape.fanout);
  const leafNodes = nodesOf(parent);
  const leaf = cars(shape, leafNodes, random);
  const demand = demandOf(parent, leaf);
  return { parent, limit: limits(parent, demand, random, shape.phases), leaf };
}

function parents(fanout: readonly number[]): Int32Array {
  const parent = [-1];
  let level = [0];
  for (const children of fanout) {
    const next: number[] = [];
    for (const above of level) {
      for (let c = 0; c < children; c++) next.push(parent.push(above) - 1);
    }
    level = next;
  }
  return Int32Array.from(parent);
}

/** The nodes without children. */
function nodesOf(parent: Int32Array): readonly number[] {
  const inner = new Set(parent);
  return [...parent.keys()].filter((node) => !inner.has(node));
}

function cars({ leaves, phases }: TreeShape, nodes: readonly number[], random: () => number) {
  const pick = <T>(from: readonly T[], otherwise: T): T =>
    from[Math.floor(random() * from.length)] ?? otherwise;
  const arrays = {
    node: new Int32Array(leaves),
    phases: new Uint8Array(leaves),
    wattsPerA: new Float64Array(leaves),
    minA: new Float64Array(leaves),
    maxA: new Float64Array(leaves),
    weight: new Float64Array(leaves),
    priority: new Float64Array(leaves),
  };
  for (let i = 0; i < leaves; i++) {
    const set = phases === 1 ? 1 : random() < 2 / 3 ? 7 : pick([1, 2, 4, 3, 6, 5], 1);
    const count = (set & 1) + ((set >> 1) & 1) + (set >> 2);
    arrays.node[i] = nodes[Math.floor((i * nodes.length) / leaves)] ?? 0;
    arrays.phases[i] = set;
    arrays.wattsPerA[i] = VOLTS * count;
    arrays.minA[i] = random() < 2 / 3 ? 6 : 0;
    arrays.maxA[i] = random() < 0.5 ? pick(RATED_A, 16) : 7 + 25 * random();
    arrays.weight[i] = pick([0.5, 1, 1, 2], 1);
  }
  return arrays;
}

function demandOf(parent: Int32Array, leaf: ReturnType<typeof cars>): Demand {
  const mostA = new Float64Array(parent.length * 3);
  const leastA = new Float64Array(parent.length * 3);
  for (let i = 0; i < leaf.node.length; i++) {
    for (let node = leaf.node[i] ?? 0; node >= 0; node = parent[node] ?? -1) {
      for (let phase = 0; phase < 3; phase++) {
        if (((leaf.phases[i] ?? 0) & (1 << phase)) === 0) continue;
        const at = node * 3 + phase;
        mostA[at] = (mostA[at] ?? 0) + (leaf.maxA[i] ?? 0);
        leastA[at] = (leastA[at] ?? 0) + (leaf.minA[i] ?? 0);
      }
    }
  }
  return { mostA, leastA };
}

/** The nearer to the root, the less of what is wanted below: 0.6 to 1.1 at a board, about half at the root. */
function limits(
  parent: Int32Array,
  { mostA, leastA }: Demand,
  random: () => number,
  phases: 1 | 3,
): Float64Array {
  const limit = new Float64Array(parent.length * KINDS).fill(Number.POSITIVE_INFINITY);
  const inner = new Set(parent);
  for (let node = 0; node < parent.length; node++) {
    const from = node === 0 ? 0.6 : inner.has(node) ? 0.5 : 0.5;
    const span = node === 0 ? 0.05 : 0.6;
    for (let phase = 0; phase < phases; phase++) {
      const at = node * 3 + phase;
      const share = from + span * random();
      limit[node * KINDS + phase] = Math.max(1.05 * (leastA[at] ?? 0), share * (mostA[at] ?? 0));
    }
  }
  return limit;
}
