// Linear programmes for HiGHS (WASM): rows are collected here and handed over at once.

import loadHighs, { type Highs, type Model } from 'highs';

let loaded: Promise<Highs> | undefined;

/** One instance for the process: loading compiles two megabytes. */
export function highs(): Promise<Highs> {
  // The package's types describe its CommonJS form, whose default is a property; this is the ES module's.
  const load = loadHighs as unknown as typeof loadHighs.default;
  loaded ??= load();
  return loaded;
}

export interface Lp {
  /** @returns the column's index. */
  column(cost: number, lower: number, upper: number): number;
  /** @returns the row's index. */
  row(lower: number, upper: number, columns: ArrayLike<number>, values: ArrayLike<number>): number;
  /** A model that maximises; whoever asks for it disposes it. */
  build(): Model;
}

export function createLp(solver: Highs): Lp {
  const cost: number[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  const rowLower: number[] = [];
  const rowUpper: number[] = [];
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  return {
    column: (c, l, u) => {
      lower.push(l);
      upper.push(u);
      return cost.push(c) - 1;
    },
    row: (l, u, columns, coefficients) => {
      for (let i = 0; i < columns.length; i += 1) {
        indices.push(columns[i] ?? 0);
        values.push(coefficients[i] ?? 0);
      }
      starts.push(indices.length);
      rowLower.push(l);
      return rowUpper.push(u) - 1;
    },
    build: () => {
      const [numCols, numRows] = [cost.length, rowLower.length];
      const model = solver.createModel({
        numCols,
        numRows,
        sense: solver.constants.objectiveSense.maximize,
        colCost: cost,
        colLower: lower,
        colUpper: upper,
        rowLower,
        rowUpper,
        matrix: { format: 'csr', numRows, numCols, starts, indices, values },
      });
      model.options.set({ output_flag: false });
      return model;
    },
  };
}

/**
 * Runs the model and gives its columns. A run that starts at an old basis now and then ends without an answer:
 * then once more from nothing; throws when HiGHS does not call that optimal either.
 */
export function optimum(solver: Highs, model: Model): Float64Array {
  const { optimal } = solver.constants.modelStatus;
  model.run();
  if (model.getModelStatus() !== optimal) {
    model.clearSolver();
    model.run();
  }
  const status = model.getModelStatus();
  if (status !== optimal) throw new Error(`HiGHS: model status ${status}`);
  return model.getSolution().colValue;
}
