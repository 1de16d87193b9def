// Limits on unbalance: kept, by nobody who could have more alone, and how near that comes to the most that
// a linear program finds. SOLVER_RUNS and SOLVER_LP_RUNS set how many random problems.

import loadHighs, { type Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildNetwork,
  certify,
  createScratch,
  fill,
  KIND,
  kindOfLink,
  type NetworkArrays,
  nodeOfLink,
} from './index.js';
import { EVERYTHING, type Features, leavesUnder, randomNetwork, seeded, total } from './test-networks.js';

const RUNS = Number(process.env.SOLVER_RUNS ?? 2_000);
const LP_RUNS = Number(process.env.SOLVER_LP_RUNS ?? 60);
const PLAIN_SITE: Features = { ...EVERYTHING, lines: false, primary: false, minima: false, priorities: 1 };

/** The package's types describe its CommonJS form; the ES module's default is the loader itself. */
const load = loadHighs as unknown as () => Promise<Highs>;
let highs: Highs;
beforeAll(async () => {
  highs = await load();
});

function withUnbalance(seed: number, features: Features): NetworkArrays {
  const random = seeded(seed);
  const arrays = randomNetwork(random, features);
  const unbalance = Array.from(arrays.parent, () =>
    random() < 0.5 ? Number.POSITIVE_INFINITY : Math.round(40 * random()),
  );
  return { ...arrays, unbalance };
}

function filled(arrays: NetworkArrays) {
  const network = buildNetwork(arrays);
  const scratch = createScratch(network);
  return { network, scratch, overfull: fill(network, scratch) };
}

const apartAt = ({ parent, leaf }: NetworkArrays, node: number, limitA: ArrayLike<number>): number => {
  const under = leavesUnder(parent, leaf, node);
  const phases = [KIND.L1, KIND.L2, KIND.L3].map((kind) => total(leaf, under, limitA, kind));
  return Math.max(...phases) - Math.min(...phases);
};

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

describe('a limit on unbalance', () => {
  it('is kept while the links are, and nobody could have more alone', () => {
    let tight = 0;
    for (let seed = 0; seed < RUNS / 4; seed++) {
      const arrays = withUnbalance(seed, { ...EVERYTHING, minima: false });
      const { network, scratch, overfull } = filled(arrays);
      expect(overfull).toBe(0);
      expect(certify(network, scratch.limitA), `seed ${seed}`).toEqual({ holds: true, overfull: 0 });
      for (let node = 0; node < network.nodes; node++) {
        const most = arrays.unbalance?.[node] ?? 0;
        const apart = apartAt(arrays, node, scratch.limitA);
        expect(apart).toBeLessThanOrEqual(most + 1e-6);
        if (apart > most - 1e-6) tight++;
      }
    }
    expect(tight).toBeGreaterThan(RUNS / 20);
  });

  it('holds with minima, as far as the minima themselves do', () => {
    for (let seed = 0; seed < RUNS / 4; seed++) {
      const arrays = withUnbalance(seed, EVERYTHING);
      const { network, scratch, overfull } = filled(arrays);
      expect(certify(network, scratch.limitA), `seed ${seed}`).toEqual({ holds: true, overfull });
    }
  });

  it('is what the certificate looks for', () => {
    const unbalance = [10];
    const limit = new Float64Array(10).fill(Number.POSITIVE_INFINITY);
    const leaf = {
      node: [0, 0, 0],
      phases: [1, 7, 2],
      wattsPerA: [230, 690, 230],
      minA: [0, 0, 0],
      maxA: [32, 16, 5],
      weight: [1, 1, 1],
      priority: [0, 0, 0],
    };
    const network = buildNetwork({ parent: [-1], limit, unbalance, leaf });
    const scratch = createScratch(network);
    fill(network, scratch);
    expect([...scratch.limitA].map((limitA) => Math.round(limitA * 1e6) / 1e6)).toEqual([10, 16, 5]);
    expect(certify(network, [11, 16, 5])).toEqual({
      holds: false,
      violation: { kind: 'unbalanced', node: 0 },
    });
    expect(certify(network, [9, 16, 5])).toEqual({
      holds: false,
      violation: { kind: 'unjustified', leaf: 0, limitA: 9 },
    });
    // Who uses all phases alike is held back by no unbalance.
    expect(certify(network, [10, 15, 5])).toEqual({
      holds: false,
      violation: { kind: 'unjustified', leaf: 1, limitA: 15 },
    });
  });

  it('is missed where a filling knows nothing of it', () => {
    let different = 0;
    for (let seed = 0; seed < 200; seed++) {
      const arrays = withUnbalance(seed, { ...EVERYTHING, minima: false });
      const { unbalance, ...without } = arrays;
      const { scratch } = filled(without);
      const nodes = Array.from(unbalance ?? [], (most, node) => apartAt(arrays, node, scratch.limitA) - most);
      if (!nodes.some((over) => over > 1e-4)) continue;
      different++;
      const certificate = certify(buildNetwork(arrays), scratch.limitA);
      expect(certificate.holds ? null : certificate.violation.kind, `seed ${seed}`).toBe('unbalanced');
    }
    expect(different).toBeGreaterThan(20);
  });

  it('leaves nobody whom a linear program could raise alone, and gives most of the most that it finds', () => {
    let got = 0;
    let most = 0;
    let worst = 1;
    for (let seed = 0; seed < LP_RUNS; seed++) {
      const arrays = withUnbalance(seed, PLAIN_SITE);
      const { scratch } = filled(arrays);
      for (let leaf = 0; leaf < scratch.limitA.length; leaf++) {
        const alone = solveLp(arrays, (i) => (i === leaf ? null : (scratch.limitA[i] ?? 0)), [leaf]);
        expect(alone - (scratch.limitA[leaf] ?? 0), `seed ${seed}, leaf ${leaf}`).toBeLessThan(2e-6);
      }
      const all = Array.from(scratch.limitA.keys());
      const best = solveLp(arrays, () => null, all);
      const has = sum(scratch.limitA);
      got += has;
      most += best;
      if (best > 0) worst = Math.min(worst, has / best);
    }
    // Max-min without any unbalance is below the most, too: this is the price of both.
    expect(got / most).toBeGreaterThan(0.8);
    expect(worst).toBeGreaterThan(0.2);
    if (process.env.SOLVER_SAY) process.stdout.write(`of the most: ${got / most}, worst ${worst}\n`);
  });
});

/** The most amperes of some leaves; `fixed` gives the others their limits, less what rounding may be over. */
function solveLp(
  { parent, limit, leaf, unbalance }: NetworkArrays,
  fixed: (leaf: number) => number | null,
  raised: readonly number[],
): number {
  const rows: string[] = [];
  const terms = (node: number, kind: number, sign: string): string[] =>
    leavesUnder(parent, leaf, node)
      .map(
        (i) =>
          [i, kind === KIND.watts ? (leaf.wattsPerA[i] ?? 0) : ((leaf.phases[i] ?? 0) >> kind) & 1] as const,
      )
      .filter(([, perA]) => perA !== 0)
      .map(([i, perA]) => `${sign} ${perA} x${i}`);
  const row = (parts: readonly string[], most: number): void => {
    if (parts.length > 0 && most < Number.POSITIVE_INFINITY)
      rows.push(`${parts.join(' ')} <= ${most * (1 + 1e-9) + 1e-9}`);
  };
  for (let link = 0; link < limit.length; link++)
    if (kindOfLink(link) <= KIND.watts) row(terms(nodeOfLink(link), kindOfLink(link), '+'), limit[link] ?? 0);
  for (let node = 0; node < parent.length; node++)
    for (const p of [0, 1, 2])
      for (const q of [0, 1, 2])
        if (p !== q) {
          const parts = difference(terms(node, p, '+'), terms(node, q, '-'));
          row(parts, unbalance?.[node] ?? 0);
        }
  const bounds = Array.from({ length: leaf.node.length }, (_, i) => {
    const value = fixed(i);
    return value === null ? `0 <= x${i} <= ${leaf.maxA[i]}` : `x${i} = ${value}`;
  });
  const text = `Maximize\n obj: ${raised.map((i) => `x${i}`).join(' + ')}\nSubject To\n ${rows.join('\n ')}\nBounds\n ${bounds.join('\n ')}\nEnd\n`;
  const solution = highs.solve(text, { output_flag: false, primal_feasibility_tolerance: 1e-9 });
  expect(solution.Status, text).toBe('Optimal');
  return solution.ObjectiveValue;
}

/** Terms of a leaf on both phases go out. */
function difference(plus: readonly string[], minus: readonly string[]): readonly string[] {
  const nameOf = (term: string): string => term.split(' ')[2] ?? '';
  const both = new Set(plus.map(nameOf).filter((name) => minus.map(nameOf).includes(name)));
  return [...plus, ...minus].filter((term) => !both.has(nameOf(term)));
}
