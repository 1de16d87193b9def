// Random networks for the tests: small trees with everything that a kind of test asks for.

import { KIND, KINDS, type LeafArrays, linkOf, type NetworkArrays } from './network.js';

export interface Features {
  readonly phases: 1 | 3;
  readonly weights: boolean;
  readonly priorities: number;
  readonly minima: boolean;
  readonly watts: boolean;
  readonly lines: boolean;
  readonly primary: boolean;
  readonly leavesMax: number;
  readonly nodesMax: number;
}

export const PLAIN: Features = {
  phases: 1,
  weights: false,
  priorities: 1,
  minima: false,
  watts: false,
  lines: false,
  primary: false,
  leavesMax: 9,
  nodesMax: 6,
};

/** All features together. */
export const EVERYTHING: Features = {
  phases: 3,
  weights: true,
  priorities: 3,
  minima: true,
  watts: true,
  lines: true,
  primary: true,
  leavesMax: 24,
  nodesMax: 9,
};

export type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, count: number): number => Math.floor(random() * count);
/** Three decimals, often a whole number: ties are the interesting case. */
const amperes = (random: Random, from: number, to: number): number => {
  const value = from + (to - from) * random();
  return random() < 0.4 ? Math.round(value) : Math.round(value * 1000) / 1000;
};

export function randomNetwork(random: Random, features: Features): NetworkArrays {
  const nodes = 1 + below(random, features.nodesMax);
  const parent = Int32Array.from({ length: nodes }, (_, v) => (v === 0 ? -1 : below(random, v)));
  const leaf = randomLeaves(random, features, nodes);
  const minimaFit = random() < 0.9;
  return { parent, leaf, limit: randomLimits(random, features, { parent, leaf, minimaFit }) };
}

function randomLeaves(random: Random, features: Features, nodes: number): LeafArrays {
  const count = 1 + below(random, features.leavesMax);
  const make = (value: (leaf: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, leaf) => value(leaf));
  const phases = make(() => (features.phases === 1 ? 1 : random() < 0.4 ? 7 : 1 + below(random, 7)));
  const minA = make(() =>
    features.minima && random() < 0.6 ? (random() < 0.7 ? 6 : amperes(random, 0, 9)) : 0,
  );
  return {
    node: make(() => below(random, nodes)),
    phases,
    wattsPerA: make((leaf) => 230 * popCount(phases[leaf] ?? 0)),
    minA,
    maxA: make((leaf) => (random() < 0.1 ? (minA[leaf] ?? 0) : (minA[leaf] ?? 0) + amperes(random, 0, 32))),
    weight: make(() => (features.weights ? ([0.25, 0.5, 1, 1, 2, 3.7][below(random, 6)] ?? 1) : 1)),
    priority: make(() => below(random, features.priorities)),
  };
}

const popCount = (set: number): number => (set & 1) + ((set >> 1) & 1) + ((set >> 2) & 1);

function randomLimits(
  random: Random,
  features: Features,
  { parent, leaf, minimaFit }: { parent: Int32Array; leaf: LeafArrays; minimaFit: boolean },
): Float64Array {
  const limit = new Float64Array(parent.length * KINDS).fill(Number.POSITIVE_INFINITY);
  const kinds = kindsOf(features);
  for (let node = 0; node < parent.length; node++) {
    const under = leavesUnder(parent, leaf, node);
    for (const kind of kinds) {
      if (random() < 0.35) continue;
      const carries = (bound: ArrayLike<number>): number => total(leaf, under, bound, kind);
      const least = minimaFit ? carries(leaf.minA) : 0;
      const most = carries(leaf.maxA);
      const value = least + random() * 1.1 * Math.max(0, most - least);
      limit[linkOf(node, kind)] = random() < 0.3 ? Math.ceil(value) : Math.ceil(value * 1000) / 1000;
    }
  }
  return limit;
}

function kindsOf({ phases, watts, lines, primary }: Features): readonly number[] {
  return [
    ...(phases === 1 ? [KIND.L1] : [KIND.L1, KIND.L2, KIND.L3]),
    ...(watts ? [KIND.watts] : []),
    ...(lines ? [KIND.lineA, KIND.lineB, KIND.lineC] : []),
    ...(primary ? [KIND.primaryA, KIND.primaryB, KIND.primaryC] : []),
  ];
}

export function leavesUnder(parent: ArrayLike<number>, leaf: LeafArrays, node: number): readonly number[] {
  return Array.from({ length: leaf.node.length }, (_, i) => i).filter((i) => {
    for (let at = leaf.node[i] ?? -1; at >= 0; at = parent[at] ?? -1) if (at === node) return true;
    return false;
  });
}

/** What a link of this kind carries: written out from the definition. */
export function total(
  leaf: LeafArrays,
  under: readonly number[],
  amperesOf: ArrayLike<number>,
  kind: number,
): number {
  const onPhase = (phase: number): number =>
    under.reduce((sum, i) => sum + ((leaf.phases[i] ?? 0) & (1 << phase) ? (amperesOf[i] ?? 0) : 0), 0);
  if (kind < KIND.watts) return onPhase(kind);
  if (kind === KIND.watts)
    return under.reduce((sum, i) => sum + (leaf.wattsPerA[i] ?? 0) * (amperesOf[i] ?? 0), 0);
  const line = (kind - KIND.lineA) % 3;
  const [x, y, z] = [onPhase(line), onPhase((line + 1) % 3), onPhase((line + 2) % 3)];
  if (kind < KIND.primaryA) return Math.sqrt(x * x + z * z + x * z);
  const form = (a: number, b: number, c: number): number =>
    a * a + b * b + 4 * c * c - a * b + 2 * a * c + 2 * b * c;
  return Math.sqrt(Math.max(form(x, y, z), form(x, 0, z), form(0, y, z)));
}
