// Prices, emissions and photovoltaics to come, as clients write them.

import type { SignalData, SiteState } from '@ampledger/domain';
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
    note: z
      .string()
      .nullable()
      .describe('Why no plan uses it as things are; it is kept for when one does. null: plans use it'),
    position: positionField,
  })
  .describe('The signal as it was recorded');

export const signalListSchema = z
  .object({
    signals: z
      .array(
        z.object({
          source: z.string(),
          signal: z.enum(SIGNALS),
          from: instant,
          to: instant.describe('End of the last period'),
          periodS: z.int(),
          values: z.array(z.number()).readonly(),
          heardAt: instant,
        }),
      )
      .readonly()
      .describe('In the order in which they were heard: of several for one moment the last holds'),
    position: positionField.describe('The last event that the state behind this answer knows of'),
  })
  .describe('What is announced');

/** Why a plan cannot use a signal as things are; null: it can. */
export function whyUnused(
  { site, config }: Pick<SiteState, 'site' | 'config'>,
  { signal, from, periodS, values }: Pick<SignalData, 'signal' | 'from' | 'periodS' | 'values'>,
  now: number,
): string | null {
  const { plan } = config;
  if (plan === null)
    return `The site file of "${site}" asks for no plan: nothing uses the signal until it has a section \`plan\`.`;
  if (signal === 'pv' && plan.pv === null)
    return 'The site file has no `plan.pv`: forecasts of photovoltaics are not used.';
  if (signal === 'emissions' && plan.co2PerKg === 0)
    return 'The site file has no `plan.co2Price`: emissions cost nothing, and plans do not avoid them.';
  return from + values.length * periodS * 1000 <= now ? 'All of its periods are over.' : null;
}

/** The first value that cannot be, in words; null when all can. */
export function valueFault(
  signal: Signal,
  values: readonly number[],
): { readonly index: number; readonly expected: string } | null {
  const { min, max, unit } = BOUNDS[signal];
  const index = values.findIndex((value) => value < min || value > max);
  return index === -1 ? null : { index, expected: `expected ${unit} from ${min} to ${max}` };
}
