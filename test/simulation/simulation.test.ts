// A third of the stations misbehave, in every way that stations of the field do; no fuse is ever
// over for longer than the reaction time, and everybody is served. More seeds: SEEDS=200.

import { describe, expect, it } from 'vitest';
import { REACTION_S, runSeed } from './run-seed.js';

const SEEDS = Number(process.env['SEEDS'] ?? 3);
const FIRST = Number(process.env['FIRST_SEED'] ?? 1);

describe('sixty stations, a simulated day', () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => FIRST + i);
  it.each(seeds)('seed %i', { timeout: 600_000 }, async (seed) => {
    const result = await runSeed(seed);
    if (process.env['SHOW'] !== undefined) console.log(JSON.stringify({ ...result, overloads: result.overloads.map((o) => ({ ...o, detail: o.detail.length })) }));
    expect(result.overloads.filter((o) => o.untilAt - o.fromAt > REACTION_S.disobedience * 1000)).toEqual([]);
    expect(result.stays).toBeGreaterThan(20);
  });
});
