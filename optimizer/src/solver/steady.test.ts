// Filling and filling again make no arrays, and no object for each leaf, once the code is warm: calls between which
// nothing is collected leave less behind than one array of a number for each leaf would be, and on the heap less than
// an object for each. (The engine boxes some numbers on their way between functions: how many follows from how it
// was compiled.) SOLVER_STEADY_CALLS sets how many calls (100 by default).

import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { buildNetwork, type Change, createScratch, fill, refill } from './index.js';
import { EVERYTHING, type Features, randomNetwork, seeded } from './test-networks.js';

const CALLS = Number(process.env.SOLVER_STEADY_CALLS ?? 100);
/** As often until the code is warm, and nothing was collected in between. */
const TRIES = 40;
const LEAVES_LEAST = 500;
/** By leaf: an array of small objects has more than a hundred bytes, one of numbers has 8. Boxed numbers were seen to be up to 40. */
const HEAP_BYTES_MAX = 60 * LEAVES_LEAST * CALLS;
const ARRAY_BYTES_MAX = 8 * LEAVES_LEAST * CALLS;

const SITE: Features = { ...EVERYTHING, leavesMax: 1_200, nodesMax: 30, minima: false, priorities: 1 };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Grown {
  readonly heap: number;
  /** Typed arrays lie beside the heap. */
  readonly arrays: number;
}

const isQuiet = ({ heap, arrays }: Grown): boolean => heap < HEAP_BYTES_MAX && arrays < ARRAY_BYTES_MAX;

/** Bytes that the calls leave behind, of the quietest try. */
async function grownBy(call: (n: number) => void): Promise<Grown> {
  const collected: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collected.push(entry.startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  let least: Grown = { heap: Number.POSITIVE_INFINITY, arrays: Number.POSITIVE_INFINITY };
  for (let n = 0; n < 5 * CALLS; n++) call(n);
  for (let attempt = 0; attempt < TRIES && !isQuiet(least); attempt++) {
    // The first frees what the try before has left, beside us; the second waits for it.
    for (let n = 0; n < 2; n++) {
      collect();
      await setImmediate();
    }
    const start = performance.now();
    const before = process.memoryUsage();
    for (let n = 0; n < CALLS; n++) call(n);
    const after = process.memoryUsage();
    const end = performance.now();
    // Collections are told of a little later.
    for (let n = 0; n < 3; n++) await setImmediate();
    collected.push(...observer.takeRecords().map(({ startTime }) => startTime));
    // One in between hides what was made.
    if (collected.some((at) => at >= start && at <= end)) continue;
    least = {
      heap: Math.min(least.heap, after.heapUsed - before.heapUsed),
      arrays: Math.min(least.arrays, after.arrayBuffers - before.arrayBuffers),
    };
  }
  observer.disconnect();
  return least;
}

function siteOf(seed: number, features: Features) {
  const network = buildNetwork(randomNetwork(seeded(seed), features));
  expect(network.leaves).toBeGreaterThan(LEAVES_LEAST);
  const scratch = createScratch(network);
  fill(network, scratch);
  return { network, scratch };
}

it.each<[string, Features]>([
  ['phases and watts', { ...SITE, lines: false, primary: false }],
  ['the lines of transformers', SITE],
])('fill makes no objects: %s', async (_, features) => {
  const { network, scratch } = siteOf(3, features);
  const most = Float64Array.from(network.maxA);
  const grown = await grownBy((n) => {
    const leaf = n % network.leaves;
    network.maxA[leaf] = (most[leaf] as number) * (0.5 + (n % 7) / 10);
    fill(network, scratch);
  });
  expect(grown.heap).toBeLessThan(HEAP_BYTES_MAX);
  expect(grown.arrays).toBeLessThan(ARRAY_BYTES_MAX);
});

it('refill makes no objects', async () => {
  const { network, scratch } = siteOf(3, { ...SITE, lines: false, primary: false });
  const most = Float64Array.from(network.maxA);
  const limits = Float64Array.from(network.limit);
  const finite = Array.from(limits.keys()).filter((link) => limits[link] !== Number.POSITIVE_INFINITY);
  const changes: readonly Change[] = [
    ...Array.from(most.keys(), (leaf): Change => ({ leaf })),
    ...finite.map((link): Change => ({ link })),
  ];
  const grown = await grownBy((n) => {
    const change = changes[n % changes.length] as Change;
    const part = 0.5 + (n % 7) / 10;
    if ('leaf' in change) network.maxA[change.leaf] = (most[change.leaf] as number) * part;
    else network.limit[change.link] = (limits[change.link] as number) * part;
    refill(network, scratch, change);
  });
  expect(grown.heap).toBeLessThan(HEAP_BYTES_MAX);
  expect(grown.arrays).toBeLessThan(ARRAY_BYTES_MAX);
});
