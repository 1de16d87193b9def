// What a driver wants of a stay, as clients write it.

import { z } from 'zod';
import { instant, instantMs, onlyFields, positionField } from './common.js';

const ENERGY_WH_MAX = 1_000_000;
/** Beyond this a departure is a slip of the pen. */
export const STAY_MS_MAX = 30 * 86_400_000;

export const connectorParam = z
  .string()
  .min(1)
  .max(64)
  .describe('Connector: `<stationId>/<evseId>`, its slash percent-encoded')
  .meta({ examples: ['CP001/1'] });

export const needsBodySchema = onlyFields({
  energyWh: z
    .number()
    .min(0)
    .max(ENERGY_WH_MAX)
    .optional()
    .describe('Watt-hours from now on; absent: what was said before stands'),
  departAt: instantMs.optional().describe('When the car is to leave; absent: what was said before stands'),
  source: z.enum(['driver', 'api']).default('api').describe('Who says so'),
})
  .refine((body) => body.energyWh !== undefined || body.departAt !== undefined, {
    path: ['energyWh'],
    error: 'expected energyWh, departAt, or both',
  })
  .meta({ examples: [{ energyWh: 20_000, departAt: '2026-03-02T06:30:00Z', source: 'driver' }] });

export type NeedsBody = z.infer<typeof needsBodySchema>;

export const needsAnswerSchema = z
  .object({
    connector: z.string(),
    session: z.string().describe('The stay that it is for; the next one begins without needs'),
    energyWh: z.number().nullable().describe('Watt-hours from now on, as far as they were ever said'),
    departAt: instant.nullable(),
    source: z.enum(['driver', 'api', 'iso15118']).describe('Who said the latest of it'),
    position: positionField,
    changed: z.boolean().describe('false: it was known already'),
  })
  .describe('What is known of the stay now');
