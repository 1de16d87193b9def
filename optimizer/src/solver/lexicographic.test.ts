// The filling against successive linear programs of an independent solver: raise the lowest level, fix
// whom the duals say cannot rise, and go on with the others. SOLVER_LP_RUNS sets how many problems
// of each kind (60 by default).

import loadHighs, { type Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  buildNetwork,
  createScratch,
  fill,
  KIND,
  kindOfLink,
  type NetworkArrays,
  nodeOfLink,
} from './index.js';
import { type Features, leavesUnder, PLAIN, randomNetwork, seeded } from './test-networks.js';

const RUNS = Number(process.env.SOLVER_LP_RUNS ?? 60);
const SAME_A = 1e-6;

const KINDS_OF_PROBLEMS: readonly (readonly [string, Features])[] = [
  ['one phase', { ...PLAIN }],
  ['three phases mixed, with watts', { ...PLAIN, phases: 3, watts: true }],
  ['weights and classes', { ...PLAIN, phases: 3, weights: true, priorities: 3 }],
  ['minima fixed', { ...PLAIN, phases: 3, weights: true, minima: true }],
];

/** The package's types describe its CommonJS form; the ES module's default is the loader itself. */
const load = loadHighs as unknown as () => Promise<Highs>;
let highs: Highs;
beforeAll(async () => {
  highs = await load();
});

describe.each(KINDS_OF_PROBLEMS)('%s', (_, features) => {
  it(
    'equals the lexicographic linear programs',
    () => {
      let solved = 0;
      for (let seed = 0; solved < RUNS; seed++) {
        const arrays = randomNetwork(seeded(seed * 4 + 1), features);
        const network = buildNetwork(arrays);
        const scratch = createScratch(network);
        // Where minima do not fit, the programs have no answer.
        if (fill(network, scratch) > 0) continue;
        solved++;
        const expected = lexicographic(arrays);
        scratch.limitA.forEach((limitA, leaf) => {
          expect(
            Math.abs(limitA - (expected[leaf] ?? Number.NaN)),
            `seed ${seed}, leaf ${leaf}`,
          ).toBeLessThan(SAME_A);
        });
      }
    },
    60_000 + RUNS * 100,
  );
});

/** Amperes by leaf: class after class, the later ones at their minima. */
function lexicographic(arrays: NetworkArrays): readonly number[] {
  const { leaf } = arrays;
  const all = Array.from({ length: leaf.node.length }, (_, i) => i);
  const got = all.map((i) => leaf.minA[i] ?? 0);
  const classes = [...new Set(all.map((i) => leaf.priority[i] ?? 0))].sort((a, b) => b - a);
  for (const priority of classes) {
    const open = new Set(all.filter((i) => leaf.priority[i] === priority));
    const fixed = new Map(all.filter((i) => !open.has(i)).map((i) => [i, got[i] ?? 0]));
    while (open.size > 0) {
      const { level, blocked } = raiseLowest(arrays, open, fixed);
      for (const i of blocked) {
        open.delete(i);
        fixed.set(i, (leaf.weight[i] ?? 1) * level);
        got[i] = (leaf.weight[i] ?? 1) * level;
      }
    }
  }
  return got;
}

interface Raised {
  readonly level: number;
  readonly blocked: readonly number[];
}

/** Maximises t with x ≥ weight · t for all open leaves; a dual says that this row cannot give. */
function raiseLowest(
  { parent, limit, leaf }: NetworkArrays,
  open: ReadonlySet<number>,
  fixed: ReadonlyMap<number, number>,
): Raised {
  const rows: string[] = [...open].map((i) => `low${i}: x${i} - ${leaf.weight[i]} t >= 0`);
  for (let link = 0; link < limit.length; link++) {
    const most = limit[link] ?? 0;
    if (most === Number.POSITIVE_INFINITY) continue;
    const [node, kind] = [nodeOfLink(link), kindOfLink(link)];
    const terms = leavesUnder(parent, leaf, node)
      .map((i) => ({
        i,
        perA: kind === KIND.watts ? leaf.wattsPerA[i] : ((leaf.phases[i] ?? 0) >> kind) & 1,
      }))
      .filter(({ perA }) => perA !== 0)
      .map(({ i, perA }) => `${perA} x${i}`);
    if (terms.length > 0) rows.push(`link${link}: ${terms.join(' + ')} <= ${most}`);
  }
  const bounds = [
    't free',
    ...[...open].map((i) => `${leaf.minA[i]} <= x${i} <= ${leaf.maxA[i]}`),
    ...[...fixed].map(([i, value]) => `x${i} = ${value}`),
  ];
  const text = `Maximize\n obj: t\nSubject To\n ${rows.join('\n ')}\nBounds\n ${bounds.join('\n ')}\nEnd\n`;
  const solution = highs.solve(text, {
    output_flag: false,
    primal_feasibility_tolerance: 1e-9,
    dual_feasibility_tolerance: 1e-9,
  });
  expect(solution.Status, text).toBe('Optimal');
  const dual = new Map(
    solution.Rows.map((row) =>
      'Dual' in row ? ([row.Name, Math.abs(row.Dual)] as const) : (['', 0] as const),
    ),
  );
  const blocked = [...open].filter((i) => (dual.get(`low${i}`) ?? 0) > 1e-7);
  expect(blocked.length, text).toBeGreaterThan(0);
  return { level: solution.ObjectiveValue, blocked };
}
