// Filling and filling again make no arrays and no objects that grow with the site once the code is warm:
// thousands of calls, between which nothing is collected, leave less behind for each of them than the least
// of the arrays they work on would be. (The engine boxes a few numbers on their way between functions.)
// SOLVER_STEADY_CALLS sets how many calls (500 by default).

import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { buildNetwork, type Change, createScratch, fill, refill } from './index.js';
import { EVERYTHING, type Features, randomNetwork, seeded } from './test-networks.js';

const CALLS = Number(process.env.SOLVER_STEADY_CALLS ?? 500);
/** As often until the compiler, which works beside them, has come to an end. */
const TRIES = 40;
/** A number for each leaf: the least array that filling works on. */
const LEAVES_LEAST = 500;
const BYTES_MAX = 8 * LEAVES_LEAST * CALLS;

const SITE: Features = { ...EVERYTHING, leavesMax: 1_200, nodesMax: 30, minima: false, priorities: 1 };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that the calls leave behind, of the quietest try. */
async function grownBy(call: (n: number) => void): Promise<number> {
  const collected: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collected.push(entry.startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < CALLS; n++) call(n);
  for (let attempt = 0; attempt < TRIES && least >= BYTES_MAX; attempt++) {
    collect();
    await setImmediate();
    const start = performance.now();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < CALLS; n++) call(n);
    const grown = process.memoryUsage().heapUsed - before;
    const end = performance.now();
    await setImmediate();
    // A collection in between hides what was made.
    if (collected.some((at) => at >= start && at <= end)) continue;
    least = Math.min(least, Math.max(0, grown));
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
  expect(grown).toBeLessThan(BYTES_MAX);
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
  expect(grown).toBeLessThan(BYTES_MAX);
});
