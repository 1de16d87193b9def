import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSecond, isDateTime, lacksZone, parseInstant } from './date-time.js';

const format = ajvFormats.default.get('date-time');
const oracle = (text: string): boolean => {
  if (typeof format !== 'object' || !('validate' in format) || typeof format.validate !== 'function') {
    throw new Error('ajv-formats has changed');
  }
  return Boolean(format.validate(text as never));
};

const digits = (max: number, width: number) =>
  fc.integer({ min: 0, max }).map((number) => String(number).padStart(width, '0'));
const almost = fc
  .tuple(
    fc.oneof(digits(9999, 4), fc.constantFrom('2024', '2023', '1900', '2000')),
    digits(13, 2),
    digits(32, 2),
    fc.constantFrom('T', 't', ' ', '\t', 'x', ''),
    digits(24, 2),
    fc.oneof(digits(60, 2), fc.constant('59')),
    fc.oneof(digits(61, 2), fc.constant('60')),
    fc.constantFrom('', '.5', '.', '.999999999999999999', ',5'),
    fc.constantFrom('Z', 'z', '', '+01:00', '-0530', '+24:00', '+01', '-00:60', '+23:59', ' Z'),
  )
  .map(
    ([y, mo, d, sep, h, mi, s, fraction, zone]) => `${y}-${mo}-${d}${sep}${h}:${mi}:${s}${fraction}${zone}`,
  );

describe('isDateTime', () => {
  it('accepts exactly what the schemas accept', () => {
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (text) => {
        expect(isDateTime(text)).toBe(oracle(text));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('parseInstant', () => {
  it.each([
    ['2024-05-01T12:00:00Z', Date.UTC(2024, 4, 1, 12)],
    ['2024-05-01T14:00:00.250+02:00', Date.UTC(2024, 4, 1, 12, 0, 0, 250)],
    ['2024-05-01t09:30:00-0230', Date.UTC(2024, 4, 1, 12)],
    ['2024-05-01 12:00:00', Date.UTC(2024, 4, 1, 12)],
    ['1970-01-01T00:00:10Z', 10_000],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['0001-01-01T00:00:00Z', new Date('0001-01-01T00:00:00Z').getTime()],
    ['yesterday', undefined],
    ['2024-02-30T00:00:00Z', undefined],
    [`2024-05-01T12:00:00.${'1'.repeat(100)}Z`, undefined],
    [12, undefined],
  ])('%s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it('agrees with Date on what we write ourselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
        expect(parseInstant(new Date(at).toISOString())).toBe(at);
        expect(parseInstant(formatSecond(at))).toBe(at - (at % 1000));
      }),
    );
  });
});

it('lacksZone tells a missing zone from a broken time', () => {
  expect(lacksZone('2024-05-01T12:00:00')).toBe(true);
  expect(lacksZone('2024-05-01T12:00:00Z')).toBe(false);
  expect(lacksZone('2024-13-01T12:00:00')).toBe(false);
});
