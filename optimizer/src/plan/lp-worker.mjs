// @ts-check
// Solves linear programmes in a thread of its own, because HiGHS is synchronous. Keeps the latest model of each
// site: when only numbers changed it goes on from where it is; when rows and columns came or went, the basis
// is carried over by their names. Whatever goes wrong ends the thread: a new one is cheap, and a WebAssembly
// instance that has failed once is not to be trusted.
// Plain JavaScript, because a worker is loaded by path, from the sources as well as from the build.

import { parentPort } from 'node:worker_threads';
import loadHighs from 'highs';

/** @typedef {import('./lp.js').SparseLp} SparseLp */
/** @typedef {import('./lp.js').Block} Block */
/** @typedef {import('./lp-messages.js').LpRequest} LpRequest */
/** @typedef {import('./lp-messages.js').LpReply} LpReply */
/** @typedef {{ model: import('highs').Model, lp: SparseLp }} Kept */

const MODELS_MAX = 8;
const OPTIMAL = 7;
const TIME_LIMIT = 13;
const BASIC = 1;
/** Nonbasic at its lower bound; HiGHS puts what has none on its upper bound, or on zero. */
const AT_LOWER = 0;

const port = parentPort;
if (port === null) throw new Error('lp-worker.mjs runs as a worker thread');
// The package's types describe its CommonJS form; the ES module's default is the loader itself.
const highs = await /** @type {() => Promise<import('highs').Highs>} */ (
  /** @type {unknown} */ (loadHighs)
)();
/** Least recently used first. @type {Map<string, Kept>} */
const kept = new Map();

/** @param {SparseLp} lp */
const matrixOf = (lp) => ({
  format: /** @type {const} */ ('csc'),
  numRows: lp.numRows,
  numCols: lp.numCols,
  starts: lp.starts,
  indices: lp.indices,
  values: lp.values,
});

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** @param {SparseLp} a @param {SparseLp} b */
const sameMatrix = (a, b) =>
  a.numRows === b.numRows &&
  a.numCols === b.numCols &&
  same(a.starts, b.starts) &&
  same(a.indices, b.indices) &&
  same(a.values, b.values);

/** Only numbers changed: the factorised basis stays. @param {Kept} before @param {SparseLp} lp */
function changeNumbers({ model, lp: old }, lp) {
  /** @param {number} count */
  const all = (count) => ({ kind: /** @type {const} */ ('range'), from: 0, to: count - 1 });
  if (!same(old.colCost, lp.colCost)) model.changeColsCost(all(lp.numCols), lp.colCost);
  if (!same(old.colLower, lp.colLower) || !same(old.colUpper, lp.colUpper))
    model.changeColsBounds(all(lp.numCols), lp.colLower, lp.colUpper);
  if (!same(old.rowLower, lp.rowLower) || !same(old.rowUpper, lp.rowUpper))
    model.changeRowsBounds(all(lp.numRows), lp.rowLower, lp.rowUpper);
}

/**
 * The status of what was there before, under its name; `other` for what is new.
 * @param {readonly Block[]} before @param {readonly Block[]} now
 * @param {ArrayLike<number>} statuses @param {number} length @param {number} other
 */
function carry(before, now, statuses, length, other) {
  const carried = new Int32Array(length).fill(other);
  /** @type {Map<string, Block[]>} */
  const byKey = new Map();
  for (const block of before) {
    const blocks = byKey.get(block.key);
    if (blocks === undefined) byKey.set(block.key, [block]);
    else blocks.push(block);
  }
  for (const { key, at, first, count } of now) {
    for (const old of byKey.get(key) ?? []) {
      const from = Math.max(at, old.at);
      const to = Math.min(at + count, old.at + old.count);
      for (let k = from; k < to; k++) carried[first + k - at] = statuses[old.first + k - old.at] ?? other;
    }
  }
  return carried;
}

/** @param {Kept} before @param {SparseLp} lp */
function replaceModel({ model, lp: old }, lp) {
  const basis = model.getBasis();
  model.passModel({ ...lp, matrix: matrixOf(lp) });
  // HiGHS completes a basis with too few or too many basics by slacks.
  model.setBasis({
    colStatus: carry(old.colBlocks, lp.colBlocks, basis.colStatus, lp.numCols, AT_LOWER),
    rowStatus: carry(old.rowBlocks, lp.rowBlocks, basis.rowStatus, lp.numRows, BASIC),
  });
}

/** @param {string} key @param {SparseLp} lp @returns {{ model: import('highs').Model, start: LpReply['start'] }} */
function modelFor(key, lp) {
  const before = kept.get(key);
  kept.delete(key);
  if (before === undefined) {
    const model = highs.createModel({ ...lp, matrix: matrixOf(lp) });
    kept.set(key, { model, lp });
    for (const [oldest, { model: old }] of kept) {
      if (kept.size <= MODELS_MAX) break;
      old.dispose();
      kept.delete(oldest);
    }
    return { model, start: 'cold' };
  }
  const { model } = before;
  const isSame = sameMatrix(before.lp, lp);
  if (isSame) changeNumbers(before, lp);
  else replaceModel(before, lp);
  kept.set(key, { model, lp });
  return { model, start: isSame ? 'same' : 'carried' };
}

/** @param {LpRequest} request @returns {LpReply} */
function solve({ id, key, lp, options, fallback, timeLimitMs }) {
  const began = performance.now();
  // To HiGHS a model without columns has no optimum.
  if (lp.numCols === 0)
    return { id, status: OPTIMAL, values: new Float64Array(0), iterations: 0, start: 'cold', tookMs: 0 };
  const { model, start } = modelFor(key, lp);
  /** @param {LpRequest['options']} chosen */
  const run = (chosen) => {
    model.options.set({
      ...chosen,
      time_limit: Math.max(0.001, (began + timeLimitMs - performance.now()) / 1000),
    });
    model.zeroAllClocks();
    return Number(model.run().modelStatus);
  };
  let status = run(options);
  if (status !== OPTIMAL && status !== TIME_LIMIT) {
    model.clearSolver();
    status = run(fallback);
  }
  // 2: HiGHS found the point to be feasible.
  const isFeasible = model.info.get('primal_solution_status') === 2;
  const iterations = Number(model.info.get('simplex_iteration_count'));
  const values = status === OPTIMAL || isFeasible ? model.getSolution().colValue : null;
  return { id, status, values, iterations, start, tookMs: performance.now() - began };
}

port.on('message', (/** @type {LpRequest | 'close'} */ message) => {
  if (message === 'close') {
    port.close();
    return;
  }
  const reply = solve(message);
  port.postMessage(reply, reply.values === null ? [] : [/** @type {ArrayBuffer} */ (reply.values.buffer)]);
});
port.postMessage('ready');
