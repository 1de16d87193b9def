// What the product claims on real sessions: the energy of looking ahead, fairer, with more demands met. The
// figures to beat are those of the other schedulers (figures.test.ts), of MPC re-solved on arrivals, and of the
// linear programme of one period.

import { describe, expect, it } from 'vitest';
import { createAmpledger } from './ampledger.js';
import { caltechMarch, jplWeek, weeks } from './datasets.js';
import { simulate } from './simulate.js';
import { createEarliestDeadlineFirst, createLeastLaxityFirst } from './sorted.js';

// ACN_ALL=1 runs all capacities.
const some = <T>(cases: readonly T[], ...kept: readonly number[]): readonly T[] =>
  process.env.ACN_ALL === undefined ? cases.filter((_, i) => kept.includes(i)) : cases;

const [march, week] = [caltechMarch(), jplWeek()];
const OVER_A = 1e-6;
const run = (capKw: number | readonly number[], stations: 'ideal' | 'real', dataset = march) =>
  simulate({ ...dataset, capKw, scheduler: createAmpledger('balanced'), stations });

describe('balanced, stations that take any current', () => {
  it.each(
    some(
      [
        [10, 51.58, 32.1, 0.752],
        [20, 77.51, 63.4, 0.917],
        [30, 92.04, 80.1, 0.981],
        [40, 98.33, 93.2, 0.998],
        [50, 99.7, 96.2, 0.999],
      ],
      1,
      3,
    ),
  )('at %d kW', (capKw, energyPct, demandsMetPct, jain) => {
    const outcome = run(capKw, 'ideal');
    expect(outcome.energyPct).toBeGreaterThan(energyPct);
    expect(outcome.demandsMetPct).toBeGreaterThan(demandsMetPct);
    expect(outcome.jain).toBeGreaterThan(jain - 5e-4);
    expect(outcome.worstOverA).toBeLessThan(OVER_A);
    expect(outcome.worstDrawnOverA).toBeLessThan(OVER_A);
  });

  it.each(
    some(
      [
        [[20, 60], 87.9],
        [[12, 40], 62.75],
      ],
      0,
      1,
    ),
  )('at two transformers of %j kW', (capKw, energyPct) => {
    const outcome = run(capKw, 'ideal', week);
    expect(outcome.energyPct).toBeGreaterThan(energyPct);
    expect(outcome.worstDrawnOverA).toBeLessThan(OVER_A);
  });
});

describe('balanced, stations with minima and steps', () => {
  it.each(
    some(
      [
        [20, 71.73, 60.3],
        [30, 86.36, 76.7],
        [50, 99.43, 92.2],
      ],
      1,
    ),
  )('is above the best of the others at %d kW', (capKw, energyPct, demandsMetPct) => {
    const outcome = run(capKw, 'real');
    expect(outcome.energyPct).toBeGreaterThan(energyPct);
    expect(outcome.demandsMetPct).toBeGreaterThan(demandsMetPct);
    expect(outcome.worstOverA).toBeLessThan(OVER_A);
  });
});

describe('departures as the drivers declared them', () => {
  it('deliver more than the orders of the same declarations, in weeks of both sites', () => {
    for (const [site, capKw] of [
      ['caltech', [20]],
      ['jpl', [20, 60]],
    ] as const) {
      const dataset = weeks(site, 'declared')[8];
      if (!dataset) throw new Error('no such week');
      const balanced = run(capKw, 'ideal', dataset);
      for (const create of [createEarliestDeadlineFirst, createLeastLaxityFirst]) {
        const other = simulate({ ...dataset, capKw, scheduler: create(), stations: 'ideal' });
        expect(balanced.energyPct).toBeGreaterThan(other.energyPct);
        expect(balanced.jain).toBeGreaterThan(other.jain);
      }
    }
  });
});
