// A sparse linear programme under construction, column by column, and the names of its parts: blocks of rows and
// columns with a key and the absolute period of the first. By them the basis of one solve is carried to the next,
// when cars have come and gone and time has passed.

/** `count` rows or columns from `first` on; the key and `at + i` name the i-th for good. */
export interface Block {
  readonly key: string;
  readonly at: number;
  readonly first: number;
  readonly count: number;
}

/** Minimise `colCost · x` with bounds on columns and rows; the matrix by columns. */
export interface SparseLp {
  readonly numCols: number;
  readonly numRows: number;
  readonly colCost: Float64Array;
  readonly colLower: Float64Array;
  readonly colUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Column j has the entries `starts[j]..starts[j + 1]`. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly colBlocks: readonly Block[];
  readonly rowBlocks: readonly Block[];
}

export interface LpBuilder {
  /** Adds a row; returns its index. */
  row(lower: number, upper: number): number;
  /** Adds a column; the entries that follow are its own. */
  column(cost: number, lower: number, upper: number): number;
  /** An entry of the latest column; a row at most once. */
  entry(row: number, value: number): void;
  /** Names what was added since `first`. */
  nameRows(key: string, at: number, first: number): void;
  nameColumns(key: string, at: number, first: number): void;
  readonly rows: number;
  readonly columns: number;
  build(): SparseLp;
}

export function createLpBuilder(): LpBuilder {
  const cost: number[] = [];
  const colLower: number[] = [];
  const colUpper: number[] = [];
  const rowLower: number[] = [];
  const rowUpper: number[] = [];
  const starts: number[] = [];
  const indices: number[] = [];
  const values: number[] = [];
  const colBlocks: Block[] = [];
  const rowBlocks: Block[] = [];
  return {
    row: (lower, upper) => {
      rowUpper.push(upper);
      return rowLower.push(lower) - 1;
    },
    column: (c, lower, upper) => {
      starts.push(indices.length);
      colLower.push(lower);
      colUpper.push(upper);
      return cost.push(c) - 1;
    },
    entry: (row, value) => {
      indices.push(row);
      values.push(value);
    },
    nameRows: (key, at, first) => {
      if (rowLower.length > first) rowBlocks.push({ key, at, first, count: rowLower.length - first });
    },
    nameColumns: (key, at, first) => {
      if (cost.length > first) colBlocks.push({ key, at, first, count: cost.length - first });
    },
    get rows() {
      return rowLower.length;
    },
    get columns() {
      return cost.length;
    },
    build: () => ({
      numCols: cost.length,
      numRows: rowLower.length,
      colCost: Float64Array.from(cost),
      colLower: Float64Array.from(colLower),
      colUpper: Float64Array.from(colUpper),
      rowLower: Float64Array.from(rowLower),
      rowUpper: Float64Array.from(rowUpper),
      starts: Int32Array.from([...starts, indices.length]),
      indices: Int32Array.from(indices),
      values: Float64Array.from(values),
      colBlocks,
      rowBlocks,
    }),
  };
}
