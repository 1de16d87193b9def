// SI 2021/1467, regulation 11.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELAY_DEFAULT_S, randomDelayS } from './index.js';

describe('randomDelayS', () => {
  it('is whole seconds within the most, and the same whenever it is asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.integer({ min: 0, max: 1800 }), (session, dueAt, mostS) => {
        const delayS = randomDelayS(session, dueAt, mostS);
        expect(Number.isInteger(delayS) && delayS >= 0 && delayS <= mostS).toBe(true);
        expect(randomDelayS(session, dueAt, mostS)).toBe(delayS);
      }),
    );
  });

  it('is spread evenly over sessions that are due at the same moment', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 6010; i++) {
      const tenth = Math.floor(
        (randomDelayS(`session-${i}`, 1_767_571_200_000) / (DELAY_DEFAULT_S + 1)) * 10,
      );
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 601 each in the mean, with a standard deviation of 23.
    for (const count of tenths) expect(Math.abs(count - 601)).toBeLessThan(5 * 23);
  });

  it('is drawn anew for each change of a session', () => {
    const delays = new Set(Array.from({ length: 100 }, (_, i) => randomDelayS('session', i * 900_000)));
    expect(delays.size).toBeGreaterThan(80);
  });

  it.each([-1, 1801, 1.5, Number.NaN])('refuses %d seconds', (mostS) => {
    expect(() => randomDelayS('session', 0, mostS)).toThrow(RangeError);
  });
});
