// Unknown rotations, cars of one, two and three phases, cars that change theirs in mid-session, meters
// that fall silent, and a cap that falls by half. No node is ever over beyond what the ledger states: a
// phase that a car takes up is counted with the reading that shows it. More days: PHASES_SEEDS=20, and
// SHORT_SEEDS=1000 for days of eighteen stations and ten hours.

import { describe, expect, it } from 'vitest';
import { type DaySize, SHORT_DAY, WHOLE_DAY } from './phases-depot.js';
import { type PhasesResult, runPhasesSeed } from './phases-seed.js';

const FIRST = Number(process.env.FIRST_SEED ?? 1);
const seedsOf = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => FIRST + i);

const report = ({ violations, ...result }: PhasesResult): string =>
  JSON.stringify({ ...result, violations: violations.length });

async function holds(seed: number, size: DaySize): Promise<PhasesResult> {
  const result = await runPhasesSeed(seed, size);
  if (process.env.SHOW !== undefined) process.stderr.write(`${report(result)}\n`);
  expect(result.violations).toEqual([]);
  for (const amperes of result.allocatedA) expect(amperes).toBeLessThanOrEqual(result.capA + 1e-6);
  return result;
}

const wholeDays = seedsOf(Number(process.env.PHASES_SEEDS ?? 1));
// Vitest takes a suite without tests for a mistake.
if (wholeDays.length > 0)
  describe('sixty stations, a day of phases', () => {
    it.each(wholeDays)('seed %i', { timeout: 600_000 }, async (seed) => {
      const { changes, narrowed, served } = await holds(seed, WHOLE_DAY);
      // A day on which nothing happened proves nothing.
      expect(changes).toBeGreaterThan(4);
      expect(narrowed).toBeGreaterThan(2);
      expect(served).toBeGreaterThan(20);
    });
  });

describe('eighteen stations, ten hours', () => {
  const seeds = seedsOf(Number(process.env.SHORT_SEEDS ?? 6));
  const seen = { changes: 0, narrowed: 0, served: 0 };
  it.each(seeds)('seed %i', { timeout: 120_000 }, async (seed) => {
    const { changes, narrowed, served } = await holds(seed, SHORT_DAY);
    seen.changes += changes;
    seen.narrowed += narrowed;
    seen.served += served;
  });
  it('has days on which something happened', () => {
    expect(seen.changes).toBeGreaterThan(seeds.length / 2);
    expect(seen.narrowed).toBeGreaterThan(seeds.length / 2);
    expect(seen.served).toBeGreaterThan(seeds.length);
  });
});
