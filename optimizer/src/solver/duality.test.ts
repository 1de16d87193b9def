// Answers of HiGHS to single-period problems hold, and none of the planted errors does.

import loadHighs, { type Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkDuality, type LinearAnswer, type LinearProgram } from './duality.js';
import { KIND, kindOfLink, type NetworkArrays, nodeOfLink } from './index.js';
import { EVERYTHING, leavesUnder, type Random, randomNetwork, seeded } from './test-networks.js';

const RUNS = Number(process.env.SOLVER_LP_RUNS ?? 60);

const load = loadHighs as unknown as () => Promise<Highs>;
let highs: Highs;
beforeAll(async () => {
  highs = await load();
});

/** Most energy now, by random worth, under all limits that are sums. */
function programOf({ parent, limit, leaf }: NetworkArrays, random: Random): LinearProgram {
  const start = [0];
  const index: number[] = [];
  const value: number[] = [];
  const rowUpper: number[] = [];
  for (let link = 0; link < limit.length; link++) {
    const kind = kindOfLink(link);
    const most = limit[link] ?? 0;
    if (kind > KIND.watts || most === Number.POSITIVE_INFINITY) continue;
    for (const i of leavesUnder(parent, leaf, nodeOfLink(link))) {
      const perA = kind === KIND.watts ? (leaf.wattsPerA[i] ?? 0) : ((leaf.phases[i] ?? 0) >> kind) & 1;
      if (perA === 0) continue;
      index.push(i);
      value.push(perA);
    }
    start.push(index.length);
    rowUpper.push(most);
  }
  const minimise = random() < 0.5;
  return {
    sense: minimise ? 'minimise' : 'maximise',
    cost: Array.from(leaf.maxA, () => (minimise ? -1 : 1) * (0.5 + random())),
    columnLower: Array.from(leaf.minA),
    columnUpper: Array.from(leaf.maxA, (most, i) => Math.max(most, leaf.minA[i] ?? 0)),
    rowLower: rowUpper.map(() => Number.NEGATIVE_INFINITY),
    rowUpper,
    start,
    index,
    value,
  };
}

function solve(program: LinearProgram): LinearAnswer | null {
  const [numCols, numRows] = [program.cost.length, program.rowLower.length];
  const { minimize, maximize } = highs.constants.objectiveSense;
  const copy = (values: ArrayLike<number>): number[] => Array.from(values);
  const model = highs.createModel({
    numCols,
    numRows,
    sense: program.sense === 'minimise' ? minimize : maximize,
    colCost: copy(program.cost),
    colLower: copy(program.columnLower),
    colUpper: copy(program.columnUpper),
    rowLower: copy(program.rowLower),
    rowUpper: copy(program.rowUpper),
    matrix: {
      format: 'csr',
      numRows,
      numCols,
      starts: copy(program.start),
      indices: copy(program.index),
      values: copy(program.value),
    },
  });
  try {
    model.options.set({ output_flag: false });
    model.run();
    if (model.getModelStatus() !== highs.constants.modelStatus.optimal) return null;
    const { colValue, colDual, rowDual } = model.getSolution();
    return { x: [...colValue], columnDual: [...colDual], rowDual: [...rowDual] };
  } finally {
    model.dispose();
  }
}

interface Solved {
  readonly program: LinearProgram;
  readonly answer: LinearAnswer;
}

function* problems(): Generator<Solved> {
  for (let seed = 0, solved = 0; solved < RUNS; seed++) {
    const random = seeded(seed + 5);
    const program = programOf(randomNetwork(random, EVERYTHING), random);
    // Where minima do not fit there is no answer.
    const answer = solve(program);
    if (answer === null) continue;
    solved++;
    yield { program, answer };
  }
}

const replaced = (values: ArrayLike<number>, at: number, by: (value: number) => number): number[] =>
  Array.from(values, (value, k) => (k === at ? by(value) : value));

const priced = (duals: ArrayLike<number>): number => Array.from(duals).findIndex((y) => Math.abs(y) > 1e-3);

/** A wrong answer, or null where the problem has nothing to do it to. */
const ERRORS: Readonly<Record<string, (solved: Solved) => LinearAnswer | null>> = {
  'a column above its bound': ({ program, answer }) => ({
    ...answer,
    x: replaced(answer.x, 0, () => (program.columnUpper[0] ?? 0) + 0.01),
  }),
  'a column that is no number': ({ answer }) => ({ ...answer, x: replaced(answer.x, 0, () => Number.NaN) }),
  'less than would pay': ({ program, answer }) => {
    const at = priced(answer.columnDual);
    const inside = ((program.columnLower[at] ?? 0) + (program.columnUpper[at] ?? 0)) / 2;
    const moves = at >= 0 && Math.abs(inside - (answer.x[at] ?? 0)) > 0.01;
    return moves ? { ...answer, x: replaced(answer.x, at, () => inside) } : null;
  },
  'prices of the rows forgotten': ({ answer }) =>
    priced(answer.rowDual) < 0 ? null : { ...answer, rowDual: Array.from(answer.rowDual, () => 0) },
  'prices with the sign of another convention': ({ answer }) =>
    priced(answer.rowDual) < 0 ? null : { ...answer, rowDual: Array.from(answer.rowDual, (y) => -y) },
  'consistent prices that are a thousandth too high': ({ program, answer }) => {
    const row = priced(answer.rowDual);
    const at = Array.from(answer.x).findIndex(
      (x, i) => x > (program.columnLower[i] ?? 0) + 0.01 && x < (program.columnUpper[i] ?? 0) - 0.01,
    );
    const from = program.start[row] ?? 0;
    const on = Array.from(program.index).slice(from, program.start[row + 1]);
    if (row < 0 || at < 0 || !on.includes(at)) return null;
    const rowDual = replaced(answer.rowDual, row, (y) => y * 1.001);
    const columnDual = Array.from(answer.columnDual);
    on.forEach((column, k) => {
      columnDual[column] =
        (columnDual[column] ?? 0) - (program.value[from + k] ?? 0) * (answer.rowDual[row] ?? 0) * 0.001;
    });
    return { ...answer, rowDual, columnDual };
  },
  'a price on a row that has room': ({ program, answer }) => {
    const activity = Array.from(program.rowUpper, (_, row) => {
      let sum = 0;
      for (let k = program.start[row] ?? 0; k < (program.start[row + 1] ?? 0); k++)
        sum += (program.value[k] ?? 0) * (answer.x[program.index[k] ?? 0] ?? 0);
      return sum;
    });
    const row = activity.findIndex((has, at) => has < (program.rowUpper[at] ?? 0) - 0.1);
    return row < 0 ? null : { ...answer, rowDual: replaced(answer.rowDual, row, () => 0.5) };
  },
  'columns missing': ({ answer }) => ({ ...answer, x: Array.from(answer.x).slice(1) }),
};

describe('checkDuality', () => {
  it('accepts what HiGHS finds, without a gap', () => {
    for (const { program, answer } of problems()) {
      const found = checkDuality(program, answer);
      expect(found.holds, JSON.stringify(found)).toBe(true);
      if (found.holds) expect(found.gap).toBeLessThan(1e-6 * Math.max(1, Math.abs(found.objective)));
    }
  });

  it.each(Object.entries(ERRORS))('refuses %s', (_, plant) => {
    let planted = 0;
    for (const solved of problems()) {
      const wrong = plant(solved);
      if (wrong === null) continue;
      planted++;
      expect(checkDuality(solved.program, wrong).holds).toBe(false);
    }
    expect(planted).toBeGreaterThan(RUNS / 20);
  });

  it('names what is wrong', () => {
    // The most of x + 2y, with x + y at most 4, both from 0 to 3: y first, then x.
    const program: LinearProgram = {
      sense: 'maximise',
      cost: [1, 2],
      columnLower: [0, 0],
      columnUpper: [3, 3],
      rowLower: [Number.NEGATIVE_INFINITY],
      rowUpper: [4],
      start: [0, 2],
      index: [0, 1],
      value: [1, 1],
    };
    const right = { x: [1, 3], rowDual: [1], columnDual: [0, 1] };
    expect(checkDuality(program, right)).toEqual({ holds: true, objective: 7, gap: 0 });
    expect(checkDuality(program, { ...right, x: [3, 3] })).toEqual({
      holds: false,
      flaw: { kind: 'row', at: 0, value: 6 },
    });
    expect(checkDuality(program, { ...right, x: [3, 1] })).toEqual({
      holds: false,
      flaw: { kind: 'columnDual', at: 1, dual: 1, value: 1 },
    });
    expect(checkDuality(program, { ...right, columnDual: [0, 0] })).toEqual({
      holds: false,
      flaw: { kind: 'reducedCost', at: 1, dual: 0, expected: 1 },
    });
    expect(checkDuality(program, { ...right, x: [0.5, 3] })).toEqual({
      holds: false,
      flaw: { kind: 'rowDual', at: 0, dual: 1, value: 3.5 },
    });
  });
});
