// The barrier method against an independent solver, and against its own conditions of optimality.

import loadHighs, { type Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildNetwork,
  createScratch,
  fill,
  KIND,
  kindOfLink,
  type Network,
  type NetworkArrays,
  nodeOfLink,
  SUMS,
} from '../solver/index.js';
import { EVERYTHING, leavesUnder, randomNetwork, seeded } from '../solver/test-networks.js';
import { type Constraint, constraintsOf, slackOf } from './forms.js';
import { maximise, sumsOf } from './interior.js';
import { estimate, type Needs } from './needs.js';
import { share } from './share.js';
import { needsOf } from './test-needs.js';
import { FADING, leftAt, slopeOf, worthAt } from './utility.js';

const PROBLEMS = Number(process.env.POLICY_RUNS ?? 40);

const load = loadHighs as unknown as () => Promise<Highs>;
let highs: Highs;
beforeAll(async () => {
  highs = await load();
});

/** The most of a linear objective under all sums (no lines here). */
function mostOf({ parent, limit, leaf }: NetworkArrays, worth: ArrayLike<number>): number {
  const all = Array.from({ length: leaf.node.length }, (_, i) => i);
  const rows: string[] = [];
  for (let link = 0; link < limit.length; link++) {
    const kind = kindOfLink(link);
    if (limit[link] === Number.POSITIVE_INFINITY) continue;
    const terms = leavesUnder(parent, leaf, nodeOfLink(link)).flatMap((i) => {
      const perA = kind === KIND.watts ? (leaf.wattsPerA[i] ?? 0) : ((leaf.phases[i] ?? 0) >> kind) & 1;
      return perA === 0 ? [] : [`${perA} x${i}`];
    });
    if (terms.length > 0) rows.push(`link${link}: ${terms.join(' + ')} <= ${limit[link]}`);
  }
  if (rows.length === 0) return sum(all, (i) => (worth[i] ?? 0) * (leaf.maxA[i] ?? 0));
  const objective = all.map((i) => `${worth[i]} x${i}`).join(' + ');
  const bounds = all.map((i) => `${leaf.minA[i]} <= x${i} <= ${leaf.maxA[i]}`);
  const text = `Maximize\n obj: ${objective}\nSubject To\n ${rows.join('\n ')}\nBounds\n ${bounds.join('\n ')}\nEnd\n`;
  return highs.solve(text, { output_flag: false }).ObjectiveValue;
}

const sum = (all: readonly number[], of: (i: number) => number): number => all.reduce((s, i) => s + of(i), 0);

const FEATURES = { ...EVERYTHING, lines: false, primary: false, priorities: 1, weights: false };

function* problems(): Generator<{ readonly seed: number; readonly arrays: NetworkArrays }> {
  for (let seed = 0, solved = 0; solved < PROBLEMS; seed++) {
    const arrays = randomNetwork(seeded(seed * 3 + 2), FEATURES);
    const network = buildNetwork(arrays);
    if (fill(network, createScratch(network)) > 0) continue;
    solved++;
    yield { seed, arrays };
  }
}

/** Watts by how little a car can wait: three times for who cannot, by e less for each hour. */
function worthOf(network: Network, needs: Needs): Float64Array {
  const leaves = [...network.maxA.keys()].filter(
    (leaf) => (network.maxA[leaf] ?? 0) > (network.minA[leaf] ?? 0) + 1e-6,
  );
  const { needAh, hours } = estimate(network, needs, leaves);
  return network.wattsPerA.map((watts, leaf) => {
    const laxityH = (hours[leaf] ?? 0) - (needAh[leaf] ?? 0) / (network.maxA[leaf] ?? 1);
    return watts * (leaves.includes(leaf) ? 1 + 2 * Math.exp(-Math.max(0, laxityH)) : 1);
  });
}

describe('throughput', () => {
  it('gives the power of the linear programme', () => {
    for (const { seed, arrays } of problems()) {
      const network = buildNetwork(arrays);
      const scratch = createScratch(network);
      const needs = needsOf(network, seed);
      share(network, scratch, needs, 'throughput');
      const worth = worthOf(network, needs);
      const watts = scratch.limitA.reduce((w, a, i) => w + a * (worth[i] ?? 0), 0);
      const most = mostOf(arrays, worth);
      expect(watts / Math.max(1, most), `seed ${seed}`).toBeGreaterThan(1 - 1e-4);
      expect(watts / Math.max(1, most), `seed ${seed}`).toBeLessThan(1 + 1e-6);
    }
  });

  it('prices a full link at what one unit more of it gives', () => {
    let priced = 0;
    for (const { seed, arrays } of problems()) {
      const network = buildNetwork(arrays);
      const scratch = createScratch(network);
      const needs = needsOf(network, seed);
      const worth = worthOf(network, needs);
      const { price } = share(network, scratch, needs, 'throughput');
      const sums = sumsOf(network, scratch.limitA);
      const before = mostOf(arrays, worth);
      for (const link of price.keys()) {
        const limitA = arrays.limit[link] ?? 0;
        const carriedA = sums[nodeOfLink(link) * SUMS + kindOfLink(link)] ?? 0;
        if (kindOfLink(link) >= KIND.watts || carriedA < limitA * (1 - 1e-5) || (price[link] ?? 0) < 10)
          continue;
        const step = 1e-3 * limitA;
        const [up, down] = [step, -step].map((by) => {
          const limit = Float64Array.from(arrays.limit, (l, i) => (i === link ? l + by : l));
          return Math.abs(mostOf({ ...arrays, limit }, worth) - before) / step;
        });
        // Between the derivatives to both sides, which differ where links are full together.
        expect(price[link], `seed ${seed}, link ${link}`).toBeGreaterThan((up ?? 0) * 0.85 - 3);
        expect(price[link], `seed ${seed}, link ${link}`).toBeLessThan((down ?? 0) * 1.15 + 3);
        priced++;
      }
    }
    expect(priced).toBeGreaterThan(PROBLEMS / 4);
  });
});

describe('maximise', () => {
  it('ends where prices of full links explain every limit: the conditions of an optimum', () => {
    let inner = 0;
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const network = buildNetwork(randomNetwork(seeded(seed * 3 + 2), EVERYTHING));
      const filled = createScratch(network);
      if (fill(network, filled) > 0) continue;
      const lowA = Float64Array.from(network.minA);
      const highA = Float64Array.from(network.maxA, (most, leaf) => Math.max(most, lowA[leaf] ?? 0));
      const constraints = constraintsOf(network, sumsOf(network, highA));
      // Where minima fill a link there is no inside; `share` leaves such links and their users out.
      if (constraints.some((c) => slackOf(c, sumsOf(network, lowA)) <= 0)) continue;
      const limitA = lowA.map((low, leaf) => low + 0.5 * ((filled.limitA[leaf] ?? 0) - low));
      const leaves = Array.from(limitA.keys()).filter(
        (leaf) => (limitA[leaf] ?? 0) > (lowA[leaf] ?? 0) + 1e-6,
      );
      const needA = highA.map((_, leaf) => 1 + (leaf % 5) * 3);
      const worth = highA.map((_, leaf) => 1 / (1 + (leaf % 3)));
      const programme = { network, constraints, leaves, lowA, highA, needA, worth, limitA };
      const { price } = maximise({ ...programme, utility: FADING, gap: 1e-5 });
      const sums = sumsOf(network, limitA);
      for (const leaf of leaves) {
        const a = limitA[leaf] ?? 0;
        const slope = (worth[leaf] ?? 0) * slopeOf(FADING, leftAt(FADING, a / (needA[leaf] ?? 1)));
        const paid = paidFor(network, leaf, constraints, price, sums);
        const at = `seed ${seed}, leaf ${leaf}`;
        const room = 1e-2 * (highA[leaf] ?? 0);
        if (a < (highA[leaf] ?? 0) - room) expect(slope, at).toBeLessThan(paid * 1.03 + 0.03);
        if (a > (lowA[leaf] ?? 0) + room) expect(slope, at).toBeGreaterThan(paid * 0.97 - 0.03);
        if (a > (lowA[leaf] ?? 0) + room && a < (highA[leaf] ?? 0) - room) inner++;
      }
      const value = sum(
        leaves,
        (leaf) =>
          (worth[leaf] ?? 0) * (needA[leaf] ?? 0) * fadingAt((limitA[leaf] ?? 0) / (needA[leaf] ?? 1)),
      );
      constraints.forEach((c, i) => {
        expect((price[i] ?? 0) * slackOf(c, sums), `seed ${seed}`).toBeLessThan(1e-4 * (1 + value));
      });
    }
    expect(inner).toBeGreaterThan(PROBLEMS);
  });
});

const fadingAt = (z: number): number => worthAt(FADING, z, leftAt(FADING, z));

/** What one ampere of a leaf costs at these prices. */
function paidFor(
  { parent, node, phases, wattsPerA }: Network,
  leaf: number,
  constraints: readonly Constraint[],
  price: Float64Array,
  sums: Float64Array,
): number {
  const adds = [0, 1, 2].map((p) => ((phases[leaf] ?? 0) >> p) & 1).concat(wattsPerA[leaf] ?? 0);
  const above = new Set<number>();
  for (let v = node[leaf] ?? -1; v >= 0; v = parent[v] ?? -1) above.add(v);
  let paid = 0;
  constraints.forEach(({ node: at, form }, i) => {
    if (!above.has(at)) return;
    adds.forEach((add, k) => {
      const bend = [0, 1, 2, 3].reduce(
        (s, j) => s + (form.square?.[k * SUMS + j] ?? 0) * (sums[at * SUMS + j] ?? 0),
        0,
      );
      paid += (price[i] ?? 0) * add * ((form.linear[k] ?? 0) + 2 * bend);
    });
  });
  return paid;
}
