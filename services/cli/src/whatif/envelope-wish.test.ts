import { describe, expect, it } from 'vitest';
import { envelopeWish } from './envelope-wish.js';

const always = { from: null, to: null };

describe('envelopeWish', () => {
  it.each([
    ['main=60 A', { node: 'main', limitA: [60, 60, 60], limitW: null, ...always }],
    ['deck-2=60/50.5/0 A', { node: 'deck-2', limitA: [60, 50.5, 0], limitW: null, ...always }],
    ['main=40 kW', { node: 'main', limitA: null, limitW: 40_000, ...always }],
    [
      'main=0.5MW@2026-03-01T00:00Z..2026-03-02T00:00Z',
      { node: 'main', limitA: null, limitW: 500_000, from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 2) },
    ],
    [
      'main=5 A@..2026-03-02T00:00Z',
      { node: 'main', limitA: [5, 5, 5], limitW: null, from: null, to: Date.UTC(2026, 2, 2) },
    ],
  ])('reads %s', (text, expected) => {
    expect(envelopeWish(text)).toEqual(expected);
  });

  it.each([
    ['main', 'expected NODE=LIMIT'],
    ['main=60', '"60" has no unit: expected 60 A or 60 kW'],
    ['main=60/50/60', 'expected 60/50/60 A'],
    ['main=', 'expected NODE=LIMIT'],
    ['main=-5 A', 'expected a limit'],
    ['main=60/50 A', 'expected a limit'],
    ['main=6.6.6 A', 'expected a limit'],
    ['main=1/2/3 kW', 'one number'],
    ['main=60 V', 'expected a limit'],
    ['main=60 A@2026-03-01', 'expected NODE=LIMIT'],
    ['main=60 A@yesterday..', 'expected an ISO 8601 time'],
    ['main=60 A@2026-03-02..2026-03-01', 'ends before it begins'],
  ])('refuses %s', (text, message) => {
    expect(() => envelopeWish(text)).toThrow(message);
  });
});
