// zod schemas for quantities: text in, amperes, watts, volts, seconds or watt-hours out. Their `error` texts say what was
// expected; what is wrong is said where the issues become problems.

import { evenly, type PerPhase } from '@ampledger/kernel';
import { z } from 'zod';
import {
  type Dimension,
  dimensionWords,
  EXPRESSION_CHARS_MAX,
  evaluateQuantity,
  type Quantity,
} from './quantity.js';

const EXPECTED: Readonly<Record<Dimension, string>> = {
  current: 'a current, such as `32 A` or `0.8 * 160 A`',
  power: 'a power, such as `55 kW` or `2 * 11 kW`',
  voltage: 'a voltage, such as `230 V`',
  time: 'a time, such as `30 s`, `10 min` or `1 h`',
  energy: 'an energy, such as `20 kWh`',
};

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The range in words: `more than 0 A`. */
  readonly words: string;
  readonly minExcluded?: boolean;
}

/** For editors: what an expression can be made of. */
const CHARACTERS = '^[0-9A-Za-z.+*/() -]+$';

export const text = (expected: string) =>
  z.string({ error: expected }).max(EXPRESSION_CHARS_MAX, { error: expected }).meta({ pattern: CHARACTERS });

/** Refuses with what is wrong and what was expected instead. */
export function refuse(ctx: z.RefinementCtx, message: string, expected: string): never {
  ctx.addIssue({ code: 'custom', message, params: { expected } });
  return z.NEVER;
}

export function isOutside(
  value: number,
  { min = 0, max = Number.POSITIVE_INFINITY, minExcluded = false }: Range,
): boolean {
  return value > max || value < min || (minExcluded && value === min);
}

/** One quantity of one dimension. Zero needs no unit; a voltage needs none either. */
function quantity(dimension: Dimension, range: Range) {
  const expected = EXPECTED[dimension];
  const bare = dimension === 'voltage' ? z.number() : z.literal(0);
  return z.union([text(expected), bare], { error: expected }).transform((written, ctx): number => {
    const found = typeof written === 'number' ? { dimension, value: written } : read(written, ctx, expected);
    if (found === undefined) return z.NEVER;
    if (found.dimension !== dimension)
      return refuse(ctx, `\`${written}\` is ${dimensionWords(found.dimension)}`, expected);
    if (isOutside(found.value, range)) return refuse(ctx, `\`${written}\` is out of range`, range.words);
    return found.value;
  });
}

export function read(written: string, ctx: z.RefinementCtx, expected: string): Quantity | undefined {
  const result = evaluateQuantity(written);
  if (result.ok) return result.value;
  refuse(ctx, result.error, expected);
  return undefined;
}

const AMPERES_MAX = 100_000;
const WATTS_MAX = 100_000_000;
export const AMPERES: Range = { max: AMPERES_MAX, words: 'a current from 0 A to 100 kA' };
export const WATTS: Range = { max: WATTS_MAX, words: 'a power from 0 W to 100 MW' };

export const current = quantity('current', AMPERES).meta({ id: 'current', description: EXPECTED.current });
export const currentUpTo = (max: number) =>
  quantity('current', { max, words: `a current from 0 A to ${max} A` });
export const power = quantity('power', WATTS).meta({ id: 'power', description: EXPECTED.power });
export const powerAboveZero = quantity('power', { ...WATTS, minExcluded: true, words: 'more than 0 W' });
export const voltage = quantity('voltage', {
  max: 1000,
  minExcluded: true,
  words: 'a voltage above 0 V, at most 1000 V',
});
export const time = (min: number, max: number, words: string) => quantity('time', { min, max, words });
export const energy = (range: Range) => quantity('energy', range);

const THREE = 'one current for L1, L2 and L3 each, such as `[80 A, 63 A, 80 A]`';
export const three = z.tuple([current, current, current], { error: THREE });

/** One figure for all phases, or three. */
export const perPhase = z
  .union([current, three], { error: `a current, such as \`32 A\`, or ${THREE}` })
  .transform((written): PerPhase => (typeof written === 'number' ? evenly(written) : written))
  .meta({ id: 'perPhase', description: `A current for all phases, or ${THREE}.` });

export interface Limit {
  readonly currentA: PerPhase | null;
  readonly powerW: number | null;
}

const LIMIT = 'a limit, such as `80 A`, `[80 A, 63 A, 80 A]`, `55 kW` or `{ current: 80 A, power: 50 kW }`';

const plainLimit = z.union([text(LIMIT), z.literal(0)], { error: LIMIT }).transform((written, ctx): Limit => {
  if (written === 0) return { currentA: evenly(0), powerW: null };
  const found = read(written, ctx, LIMIT);
  if (found === undefined) return z.NEVER;
  const { dimension, value } = found;
  if (dimension === 'current' && !isOutside(value, AMPERES)) return { currentA: evenly(value), powerW: null };
  if (dimension === 'power' && !isOutside(value, WATTS)) return { currentA: null, powerW: value };
  return refuse(ctx, `\`${written}\` is no current or power in range`, LIMIT);
});

const bothLimits = z
  .strictObject(
    { current: perPhase.optional(), power: power.optional() },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? 'one of: current, power' : LIMIT) },
  )
  .transform((both, ctx): Limit => {
    const neither = both.current === undefined && both.power === undefined;
    // An unknown key has been reported: it was meant to be one of the two.
    if (neither && ctx.issues.length === 0) return refuse(ctx, 'says neither `current` nor `power`', LIMIT);
    return { currentA: both.current ?? null, powerW: both.power ?? null };
  });

/** What a node may carry: a current on each phase, a power, or both. */
export const limit = z
  .union([plainLimit, three.transform((currentA): Limit => ({ currentA, powerW: null })), bothLimits], {
    error: LIMIT,
  })
  .meta({ id: 'limit', description: `What a node may carry: ${LIMIT}.` });
