// The polygon against the line's current as a complex number.

import fc from 'fast-check';
import { abs, add, complex, multiply } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { lineCuts } from './index.js';

const amperes = fc.double({ min: 0, max: 100, noNaN: true });
const leg = (a: number, degrees: number) => multiply(a, complex({ r: 1, phi: (degrees * Math.PI) / 180 }));

/** Line k between leg k and the one before it, whose currents are 120° apart: their difference. */
const lineA = (legs: readonly number[], k: number): number =>
  Number(abs(add(leg(legs[k] ?? 0, 0), leg(-(legs[(k + 2) % 3] ?? 0), 120)) as never));

const LIMIT = 40;
const cuts = lineCuts([LIMIT, LIMIT, LIMIT]);
/** The largest share of a cut's limit that the legs take. */
const taken = (legs: readonly number[]): number =>
  Math.max(...cuts.map(({ onPhase }) => onPhase.reduce((sum, f, p) => sum + f * (legs[p] ?? 0), 0) / LIMIT));

describe('lineCuts', () => {
  it('keep every line, and throw away no more than 0.096 %', () => {
    fc.assert(
      fc.property(amperes, amperes, amperes, (a, b, c) => {
        const legs = [a, b, c];
        const worst = Math.max(...[0, 1, 2].map((k) => lineA(legs, k))) / LIMIT;
        expect(taken(legs)).toBeGreaterThanOrEqual(worst - 1e-9);
        expect(taken(legs)).toBeLessThanOrEqual(worst * 1.00096 + 1e-9);
      }),
      { numRuns: 2000 },
    );
  });

  it('have no factor below 0, and none where there is no limit', () => {
    for (const { onPhase } of cuts) for (const factor of onPhase) expect(factor).toBeGreaterThanOrEqual(0);
    expect(lineCuts([null, null, null])).toEqual([]);
  });
});
