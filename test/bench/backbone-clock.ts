// One clock for all processes of the benchmark.

import { performance } from 'node:perf_hooks';

/** Epoch milliseconds with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();
