// An amount is a current or a power: what a connector is set to. Which of the two is right depends on the
// connector, so that the form takes both and what is made of it remembers which was written.

import { z } from 'zod';
import { dimensionWords, type Quantity } from './quantity.js';
import { AMPERES, isOutside, read, refuse, text, WATTS } from './quantity-schema.js';

export interface Amount {
  readonly dimension: 'current' | 'power';
  /** Amperes or watts. */
  readonly value: number;
}

const AMOUNT = 'a current, such as `32 A`, or a power, such as `150 kW`';
const ranges = { current: AMPERES, power: WATTS } as const;

const amountOf = ({ dimension, value }: Quantity): Amount | undefined =>
  dimension === 'current' || dimension === 'power' ? { dimension, value } : undefined;

function amountFrom(minExcluded: boolean) {
  return z.union([text(AMOUNT), z.literal(0)], { error: AMOUNT }).transform((written, ctx): Amount => {
    const found: Quantity | undefined =
      written === 0 ? { dimension: 'current', value: 0 } : read(String(written), ctx, AMOUNT);
    if (found === undefined) return z.NEVER;
    const amount = amountOf(found);
    if (amount === undefined)
      return refuse(ctx, `\`${written}\` is ${dimensionWords(found.dimension)}`, AMOUNT);
    const range = ranges[amount.dimension];
    if (!isOutside(amount.value, { ...range, minExcluded })) return amount;
    return refuse(ctx, `\`${written}\` is out of range`, minExcluded ? 'more than zero' : range.words);
  });
}

export const amount = amountFrom(false).meta({ id: 'amount', description: AMOUNT });
export const amountAboveZero = amountFrom(true);

const decimals = (value: number): string => String(Number(value.toFixed(3)));

/** `16 A`, `7.2 kW`. */
export const amountText = ({ dimension, value }: Amount): string =>
  dimension === 'current' ? `${decimals(value)} A` : `${decimals(value / 1000)} kW`;
