// Random sites on which not everybody can have the minimum, and the best choice there by an independent
// solver: for tests and the benchmark.

import loadHighs, { type Highs } from 'highs';
import {
  buildNetwork,
  KIND,
  KINDS,
  kindOfLink,
  linkOf,
  type Network,
  nodeOfLink,
} from '../solver/network.js';
import { leavesUnder, type Random } from '../solver/test-networks.js';
import { type AdmissionInput, TIER } from './input.js';

export interface SiteShape {
  readonly cars: number;
  /** One value for all, or values from 0.5 to 2, as unequal turns give. */
  readonly values: 'equal' | 'mixed';
  /** 6 A for all, or up to 13 A for some. */
  readonly minima: 'equal' | 'mixed';
}

const VOLTS = 230;
const popCount = (set: number): number => (set & 1) + ((set >> 1) & 1) + ((set >> 2) & 1);

/**
 * A tree of random boards. Four cars of ten use three phases, two two phases, four one, all rotated at random. At every
 * node each phase has room for a part of the minima below it, so that links at all depths are short.
 */
export function waitingSite(random: Random, { cars, values, minima }: SiteShape): AdmissionInput {
  const pick = <T>(from: readonly T[], otherwise: T): T =>
    from[Math.floor(random() * from.length)] ?? otherwise;
  const nodes = 2 + Math.floor(random() * Math.max(3, cars / 8));
  const parent = Int32Array.from({ length: nodes }, (_, v) => (v === 0 ? -1 : Math.floor(random() * v)));
  const make = (value: () => number): Float64Array => Float64Array.from({ length: cars }, value);
  const phases = make(() => {
    const kind = random();
    return kind < 0.4 ? 7 : pick(kind < 0.6 ? [3, 5, 6] : [1, 2, 4], 1);
  });
  const needA = make(() => (minima === 'equal' ? 6 : pick([6, 6, 6, 8, 10, 13], 6)));
  const leaf = {
    node: make(() => Math.floor(random() * nodes)),
    phases,
    wattsPerA: phases.map((set) => VOLTS * popCount(set)),
    minA: needA,
    maxA: make(() => 32),
    weight: make(() => 1),
    priority: make(() => 0),
  };
  const limit = new Float64Array(nodes * KINDS).fill(Number.POSITIVE_INFINITY);
  for (let node = 0; node < nodes; node++) {
    const under = leavesUnder(parent, leaf, node);
    for (const kind of [KIND.L1, KIND.L2, KIND.L3]) {
      const asked = under.reduce((sum, i) => sum + (((phases[i] ?? 0) >> kind) & 1) * (needA[i] ?? 0), 0);
      const part = node === 0 ? 0.35 + 0.4 * random() : 0.4 + 0.8 * random();
      limit[linkOf(node, kind)] = Math.round(part * asked);
    }
  }
  const network = buildNetwork({ parent, limit, leaf });
  return {
    network,
    needA,
    floorA: new Float64Array(cars),
    tier: new Uint8Array(cars).fill(TIER.open),
    value: make(() => (values === 'equal' ? 1 : 0.5 + 1.5 * random())),
    since: make(() => Math.floor(random() * 1000)),
    wakes: new Uint8Array(cars).fill(1),
  };
}

/** The package's types describe its CommonJS form; the ES module's default is the loader itself. */
export const loadSolver = loadHighs as unknown as () => Promise<Highs>;

/** The most value that fits, to a ten-thousandth, of one class, tier and kind of links: phases. */
export function bestValue(highs: Highs, { network, needA, value }: AdmissionInput): number {
  const all = Array.from({ length: network.leaves }, (_, i) => i);
  const rows: string[] = [];
  for (let link = 0; link < network.limit.length; link++) {
    const most = network.limit[link] ?? 0;
    if (most === Number.POSITIVE_INFINITY) continue;
    const terms = all
      .filter((i) => ((network.phases[i] ?? 0) >> kindOfLink(link)) & 1)
      .filter((i) => isUnder(network, i, nodeOfLink(link)))
      .map((i) => `${needA[i]} x${i}`);
    if (terms.length > 0) rows.push(`r${link}: ${terms.join(' + ')} <= ${most}`);
  }
  const objective = all.map((i) => `${value[i]} x${i}`).join(' + ');
  const names = all.map((i) => `x${i}`).join(' ');
  const text = `Maximize\n obj: ${objective}\nSubject To\n ${rows.join('\n ')}\nBinary\n ${names}\nEnd\n`;
  const solution = highs.solve(text, { output_flag: false, mip_rel_gap: 1e-4, time_limit: 20 });
  return solution.ObjectiveValue;
}

function isUnder({ node: nodeOf, parent }: Network, leaf: number, node: number): boolean {
  for (let at = nodeOf[leaf] ?? -1; at >= 0; at = parent[at] ?? -1) if (at === node) return true;
  return false;
}

/** Greedy in the order given: who fits is taken. */
export function greedyValue(input: AdmissionInput, order: readonly number[]): number {
  const { network, needA, value } = input;
  const room = Float64Array.from(network.limit);
  let sum = 0;
  for (const leaf of order) {
    const links: number[] = [];
    for (let at = network.node[leaf] ?? -1; at >= 0; at = network.parent[at] ?? -1)
      for (const kind of [KIND.L1, KIND.L2, KIND.L3])
        if (((network.phases[leaf] ?? 0) >> kind) & 1) links.push(linkOf(at, kind));
    const need = needA[leaf] ?? 0;
    if (links.some((link) => (room[link] ?? 0) < need)) continue;
    for (const link of links) room[link] = (room[link] ?? 0) - need;
    sum += value[leaf] ?? 0;
  }
  return sum;
}

/** By time, and by value for the amperes of all phases. */
export function greedyOrders({ network, needA, value, since }: AdmissionInput): {
  readonly byTime: readonly number[];
  readonly byDensity: readonly number[];
} {
  const all = Array.from({ length: network.leaves }, (_, i) => i);
  const density = (i: number): number =>
    (value[i] ?? 0) / ((needA[i] ?? 1) * popCount(network.phases[i] ?? 0));
  return {
    byTime: all.toSorted((a, b) => (since[a] ?? 0) - (since[b] ?? 0)),
    byDensity: all.toSorted((a, b) => density(b) - density(a) || (since[a] ?? 0) - (since[b] ?? 0)),
  };
}
