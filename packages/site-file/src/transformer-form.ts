// The form of a delta-wye transformer: rated currents and their ratio, or what stands on its plate. See form.ts
// for what `error` and `meta` are.

import { evenly, type PerPhase } from '@ampledger/kernel';
import { z } from 'zod';
import { section } from './form-parts.js';
import { AMPERES, isOutside, powerAboveZero, read, refuse, text, three } from './quantity-schema.js';

/** One side: what its lines may carry, amperes; or its voltage from line to line. */
export type TransformerSide =
  | { readonly kind: 'current'; readonly currentA: PerPhase }
  | { readonly kind: 'voltage'; readonly voltageV: number };

const VOLTS_MAX = 100_000;
const SIDE = 'a current, such as `416 A`, three, or beside `power` a voltage, such as `208 V`';

const plainSide = text(SIDE).transform((written, ctx): TransformerSide => {
  const found = read(written, ctx, SIDE);
  if (found === undefined) return z.NEVER;
  const { dimension, value } = found;
  if (dimension === 'current' && !isOutside(value, AMPERES))
    return { kind: 'current', currentA: evenly(value) };
  if (dimension === 'voltage' && !isOutside(value, { max: VOLTS_MAX, minExcluded: true, words: '' }))
    return { kind: 'voltage', voltageV: value };
  return refuse(ctx, `\`${written}\` is no current or voltage in range`, SIDE);
});

const side = z.union(
  [plainSide, three.transform((currentA): TransformerSide => ({ kind: 'current', currentA }))],
  { error: SIDE },
);

const RATIO = 'a ratio, a number above 0, at most 1000';

export const transformerFormSchema = section('a transformer', {
  secondary: side.optional().meta({
    title: 'current, three, or voltage',
    otherwise: 'no limit',
    description: 'What the lines to the stations may carry; beside `power`, their voltage.',
  }),
  primary: side.optional().meta({
    title: 'current, three, or voltage',
    otherwise: 'no limit',
    description: 'What the lines from the grid may carry; beside `power`, their voltage.',
  }),
  ratio: z.number({ error: RATIO }).positive({ error: RATIO }).max(1000, { error: RATIO }).optional().meta({
    title: 'number',
    otherwise: '*required* with a current for `primary`',
    description:
      'Voltage from line to line of the primary side by phase voltage of the secondary side: 4 for 480 V to 208Y/120 V.',
  }),
  power: powerAboveZero.optional().meta({
    title: 'power',
    otherwise: 'none',
    description:
      'Rated power, `150 kVA`: instead of currents and ratio, which follow from it and both voltages.',
  }),
}).meta({
  id: 'transformer',
  description: 'A delta-wye transformer: currents and their ratio, or power and voltages.',
});

export type TransformerForm = z.output<typeof transformerFormSchema>;
