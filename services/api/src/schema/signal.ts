// Prices, emissions and photovoltaics to come, as clients write them.

import { z } from 'zod';
import { instant, instantMs, positionField } from './common.js';
import { sourceParam } from './envelope.js';

const SIGNALS = ['import-price', 'export-price', 'emissions', 'pv'] as const;
type Signal = (typeof SIGNALS)[number];

/** What a value may be: beyond it a figure is a fault of unit. */
const BOUNDS: Readonly<
  Record<Signal, { readonly min: number; readonly max: number; readonly unit: string }>
> = {
  'import-price': { min: -1_000, max: 1_000, unit: 'money per kWh' },
  'export-price': { min: -1_000, max: 1_000, unit: 'money per kWh' },
  emissions: { min: 0, max: 100, unit: 'kg of CO2 per kWh' },
  pv: { min: 0, max: 1_000_000_000, unit: 'watts' },
};

export const signalParam = z
  .enum(SIGNALS)
  .describe(
    '`import-price` and `export-price`: money per kWh; `emissions`: kilograms of CO2 per kWh; `pv`: watts',
  );

export const signalBodySchema = z
  .strictObject({
    source: sourceParam
      .default('api')
      .describe('Who says so; it replaces what this source said of the signal'),
    from: instantMs.describe('Start of the first period'),
    periodS: z.int().min(60).max(86_400).describe('Length of each period, seconds'),
    values: z.array(z.number()).min(1).max(3_000).describe('One figure for each period, the first first'),
  })
  .meta({
    examples: [{ source: 'epex', from: '2026-03-01T23:00:00Z', periodS: 3600, values: [0.21, 0.19, 0.18] }],
  });

export const signalAnswerSchema = z
  .object({
    site: z.string(),
    source: z.string(),
    signal: z.enum(SIGNALS),
    from: instant,
    to: instant.describe('End of the last period'),
    periodS: z.int(),
    periods: z.int().describe('How many figures were taken'),
    position: positionField,
  })
  .describe('The signal as it was recorded');

/** The first value that cannot be, in words; null when all can. */
export function valueFault(
  signal: Signal,
  values: readonly number[],
): { readonly index: number; readonly expected: string } | null {
  const { min, max, unit } = BOUNDS[signal];
  const index = values.findIndex((value) => value < min || value > max);
  return index === -1 ? null : { index, expected: `expected ${unit} from ${min} to ${max}` };
}
