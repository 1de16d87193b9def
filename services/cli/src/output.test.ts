import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { span } from './output.js';

describe('a span of time', () => {
  it.each([
    [0, '0 s'],
    [1_240, '1.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [599_700, '10 min 0 s'],
    [250_000, '4 min 10 s'],
    [3_599_700, '1 h 0 min'],
    [3_780_000, '1 h 3 min'],
    [7_199_000, '2 h 0 min'],
  ])('of %i ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });

  it('never has sixty of anything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (ms) => {
        expect(span(ms)).not.toMatch(/\b60 (s|min)\b/);
      }),
    );
  });
});
