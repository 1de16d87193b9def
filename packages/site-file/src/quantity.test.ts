import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateQuantity } from './quantity.js';

describe('quantities that are read', () => {
  test.each([
    ['80 A', 'current', 80],
    ['80A', 'current', 80],
    ['500 mA', 'current', 0.5],
    ['16.1 kA', 'current', 16_100],
    ['0.8 * 160 A', 'current', 128],
    ['1/3 * 63 A', 'current', 21],
    ['(2 + 3) * 16 A', 'current', 80],
    ['100 A - 2 * 10 A', 'current', 80],
    ['160 A / 2', 'current', 80],
    ['3 * -2 A', 'current', -6],
    ['0.1 A + 0.2 A', 'current', 0.3],
    ['55 kW', 'power', 55_000],
    ['2 * 11 kW', 'power', 22_000],
    ['0.4 MW', 'power', 400_000],
    ['3 * 230 V * 32 A', 'power', 22_080],
    ['22.08 kW / (3 * 230 V)', 'current', 32],
    ['0.23 kV', 'voltage', 230],
    ['10 min', 'time', 600],
    ['1 h + 30 min', 'time', 5400],
    ['1e1 s', 'time', 10],
    ['150 kVA', 'power', 150_000],
    ['20 kWh', 'energy', 20_000],
    ['11 kW * 2 h', 'energy', 22_000],
    ['0.1 MWh - 500 Wh', 'energy', 99_500],
    ['20 kWh / (2 h)', 'power', 10_000],
  ] as const)('%s', (text, dimension, value) => {
    expect(evaluateQuantity(text)).toEqual({ ok: true, value: { dimension, value } });
  });
});

describe('texts that are refused', () => {
  test.each([
    ['', /no unit|cannot be read|no number/],
    ['80', /has no unit/],
    ['A', /a unit without a number/],
    ['80 apples', /`apples` is no unit/],
    ['60 A / 2 A', /has no unit/],
    ['5 A + 3 W', /cannot be worked out: units do not match/],
    ['5 A * 3 A', /neither a current/],
    ['80 A 3', /write `\*` between factors/],
    ['1,5 A', /means nothing here: `,`/],
    ['1/0 * 1 A', /not finite/],
    ['1e999 A', /not finite/],
    ['80 %', /means nothing here/],
    ['80 A to mA', /only numbers/],
    ['not 1 A', /only numbers/],
    ['7 mod 3 A', /only numbers|no unit/],
    ['true * 1 A', /is no number/],
    ['NaN * 1 A', /no number|not finite|no unit/],
    ['Infinity * 1 A', /not finite|no number|no unit/],
    ['i * 1 A', /`i` is no unit/],
    ['pi * 1 A', /`pi` is no unit/],
    ['80 degC', /is no unit/],
    ['((80 A)', /cannot be read/],
  ])('%s', (text, message) => {
    const result = evaluateQuantity(text);
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(message) });
  });
});

describe('hostile expressions', () => {
  test.each([
    'import({A: 1})',
    'createUnit("A")',
    'evaluate("1 A")',
    'parse("1 A")',
    'simplify("1 A")',
    'config({})',
    'f(x) = f(x); f(1)',
    'A = 5',
    'A.constructor',
    'constructor',
    '__proto__',
    'toString * 1 A',
    'cos.constructor("return process")()',
    '[1, 2, 3] * 1 A',
    '{a: 1}',
    '"x" * 1 A',
    '1:1000000000',
    '10 ^ 10 ^ 10 * 1 A',
    '170! * 1 A',
    'ones(10000, 10000)',
    'sqrt(4) A',
    'A(1)',
    'A * A * A * A * A * A * A * A * A',
    'hasOwnProperty A',
    '1 A; 2 A',
    '1 A\n2 A',
    '1 A # comment',
    '１ A',
    `${'('.repeat(60)}1 A`,
    `${'-'.repeat(90)}1 A`,
    `${'1+'.repeat(49)}1 A`.padStart(200),
  ])('%s', (text) => {
    expect(evaluateQuantity(text).ok).toBe(false);
  });

  test('no text throws, and whatever is read is finite', () => {
    const piece = fc.constantFrom(
      '1',
      '0.5',
      ' ',
      '*',
      '/',
      '+',
      '-',
      '(',
      ')',
      'A',
      'kW',
      'h',
      'e',
      '.',
      'x',
      '9',
    );
    const text = fc.oneof(
      fc.string({ maxLength: 120 }),
      fc.array(piece, { maxLength: 40 }).map((p) => p.join('')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        const result = evaluateQuantity(expression);
        return !result.ok || Number.isFinite(result.value.value);
      }),
      { numRuns: 2000 },
    );
  });
});
