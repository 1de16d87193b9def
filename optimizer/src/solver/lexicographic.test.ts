// The filling against successive linear programs of an independent solver: raise the lowest level, fix
// whom the duals say cannot rise, and go on with the others. Lines are cut off by tangents, found where the last
// answer is over one. SOLVER_LP_RUNS sets how many problems
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
import { type Features, leavesUnder, PLAIN, randomNetwork, seeded, total } from './test-networks.js';

const RUNS = Number(process.env.SOLVER_LP_RUNS ?? 60);
const SAME_A = 1e-6;
const CUTS_MAX = 40;
const OPTIONS = {
  output_flag: false,
  primal_feasibility_tolerance: 1e-9,
  dual_feasibility_tolerance: 1e-9,
} as const;

const KINDS_OF_PROBLEMS: readonly (readonly [string, Features])[] = [
  ['one phase', { ...PLAIN }],
  ['three phases mixed, with watts', { ...PLAIN, phases: 3, watts: true }],
  ['weights and classes', { ...PLAIN, phases: 3, weights: true, priorities: 3 }],
  ['lines of transformers', { ...PLAIN, phases: 3, weights: true, lines: true, primary: true }],
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

/** The quadratic forms of a line, of legs x, y and z, by the definition: one for each corner. */
function formsOf(kind: number): readonly (readonly (readonly number[])[])[] {
  if (kind < KIND.primaryA)
    return [
      [
        [1, 0, 0.5],
        [0, 0, 0],
        [0.5, 0, 1],
      ],
    ];
  const whole = [
    [1, -0.5, 1],
    [-0.5, 1, 1],
    [1, 1, 4],
  ];
  const without = (leg: number): number[][] =>
    whole.map((row, r) => row.map((a, c) => (r === leg || c === leg ? 0 : a)));
  return [whole, without(0), without(1)];
}

/** Rows through the legs that are over a line: the form's gradient there, times the legs, is at most the limit. */
function tangents({ parent, limit, leaf }: NetworkArrays, x: ArrayLike<number>): readonly string[] {
  const rows: string[] = [];
  for (let link = 0; link < limit.length; link++) {
    const kind = kindOfLink(link);
    const most = limit[link] ?? 0;
    if (kind < KIND.lineA || most === Number.POSITIVE_INFINITY) continue;
    const under = leavesUnder(parent, leaf, nodeOfLink(link));
    const on = [0, 1, 2].map((k) => (kind - KIND.lineA + k) % 3);
    const legs = on.map((phase) => total(leaf, under, x, phase));
    for (const form of formsOf(kind)) {
      const slopes = form.map((row) => row.reduce((sum, a, c) => sum + a * (legs[c] ?? 0), 0));
      const carries = Math.sqrt(slopes.reduce((sum, a, r) => sum + a * (legs[r] ?? 0), 0));
      if (!(carries > most * (1 + 1e-10) + 1e-10)) continue;
      const terms = under.flatMap((i) => {
        const perA = on.reduce(
          (sum, phase, k) => sum + (((leaf.phases[i] ?? 0) >> phase) & 1) * (slopes[k] ?? 0),
          0,
        );
        return perA === 0 ? [] : [`${perA >= 0 ? '+' : '-'} ${Math.abs(perA / carries)} x${i}`];
      });
      if (terms.length > 0) rows.push(`${terms.join(' ')} <= ${most + 1e-9}`);
    }
  }
  return rows;
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
    if (most === Number.POSITIVE_INFINITY || kindOfLink(link) > KIND.watts) continue;
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
  for (let cuts = 0; ; cuts++) {
    const text = `Maximize\n obj: t\nSubject To\n ${rows.join('\n ')}\nBounds\n ${bounds.join('\n ')}\nEnd\n`;
    const solution = highs.solve(text, OPTIONS);
    expect(solution.Status, text).toBe('Optimal');
    const x = Array.from({ length: leaf.node.length }, (_, i) => {
      const column = solution.Columns[`x${i}`];
      return column !== undefined && 'Primal' in column ? column.Primal : 0;
    });
    const more = cuts < CUTS_MAX ? tangents({ parent, limit, leaf }, x) : [];
    rows.push(...more);
    if (more.length > 0) continue;
    const dual = new Map(
      solution.Rows.map((row) =>
        'Dual' in row ? ([row.Name, Math.abs(row.Dual)] as const) : (['', 0] as const),
      ),
    );
    const blocked = [...open].filter((i) => (dual.get(`low${i}`) ?? 0) > 1e-7);
    expect(blocked.length, text).toBeGreaterThan(0);
    return { level: solution.ObjectiveValue, blocked };
  }
}
