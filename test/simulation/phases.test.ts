// Unknown rotations, cars of one, two and three phases, cars that change theirs in mid-session, meters
// that fall silent, and a cap that falls by half. No node is ever over beyond what the ledger states: a
// phase that a car takes up is counted with the reading that shows it. More days: SEEDS=200.

import { describe, expect, it } from 'vitest';
import { type PhasesResult, runPhasesSeed } from './phases-seed.js';

const SEEDS = Number(process.env.SEEDS ?? 2);
const FIRST = Number(process.env.FIRST_SEED ?? 1);
const seeds = Array.from({ length: SEEDS }, (_, i) => FIRST + i);

const report = ({ violations, ...result }: PhasesResult): string =>
  JSON.stringify({ ...result, violations: violations.length });

describe('sixty stations, a day of phases', () => {
  it.each(seeds)('seed %i', { timeout: 600_000 }, async (seed) => {
    const result = await runPhasesSeed(seed);
    if (process.env.SHOW !== undefined) process.stderr.write(`${report(result)}\n`);
    expect(result.violations).toEqual([]);
    for (const amperes of result.allocatedA) expect(amperes).toBeLessThanOrEqual(result.capA + 1e-6);
    // A day on which nothing happened proves nothing.
    expect(result.changes).toBeGreaterThan(4);
    expect(result.narrowed).toBeGreaterThan(2);
    expect(result.served).toBeGreaterThan(20);
  });
});
