// Admission against the best set of an independent solver, on random sites with mixed phases.
// ADMISSION_SITES sets how many of each kind (4 by default).

import { expect, it } from 'vitest';
import { seeded } from '../solver/test-networks.js';
import { admit, createAdmissionScratch } from './index.js';
import { bestValue, loadSolver, type SiteShape, waitingSite } from './test-sites.js';

const SITES = Number(process.env.ADMISSION_SITES ?? 4);
const KINDS_OF_SITES: readonly Omit<SiteShape, 'cars'>[] = [
  { values: 'equal', minima: 'equal' },
  { values: 'equal', minima: 'mixed' },
  { values: 'mixed', minima: 'equal' },
  { values: 'mixed', minima: 'mixed' },
];

it.each([60, 200])(
  'comes within a hundredth of the best for %i cars',
  async (cars) => {
    const highs = await loadSolver();
    const parts = KINDS_OF_SITES.flatMap((kind) =>
      Array.from({ length: SITES }, (_, i) => {
        const input = waitingSite(seeded(31 * i + cars), { ...kind, cars });
        const scratch = createAdmissionScratch(input.network);
        expect(admit(input, scratch)).toBeGreaterThan(0);
        const got = scratch.admitted.reduce((sum, on, leaf) => sum + on * (input.value[leaf] ?? 0), 0);
        return got / bestValue(highs, input);
      }),
    );
    expect(parts.reduce((sum, part) => sum + part, 0) / parts.length).toBeGreaterThan(0.99);
    expect(Math.min(...parts)).toBeGreaterThan(0.95);
    // Nobody beats the best: then the two would not be about the same sites.
    expect(Math.max(...parts)).toBeLessThan(1.0002);
  },
  60_000 + SITES * 10_000,
);
