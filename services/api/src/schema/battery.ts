// A battery's level as clients write it.

import { z } from 'zod';
import { instant, positionField } from './common.js';

export const batteryBodySchema = z
  .strictObject({
    storedWh: z.number().min(0).max(1e9).optional().describe('Watt-hours in the battery'),
    percent: z.number().min(0).max(100).optional().describe('The same in percent of its capacity'),
  })
  .refine((body) => (body.storedWh === undefined) !== (body.percent === undefined), {
    path: ['storedWh'],
    error: 'expected exactly one of storedWh and percent',
  })
  .meta({ examples: [{ storedWh: 7400 }, { percent: 74 }] });

export const batteryAnswerSchema = z
  .object({
    site: z.string(),
    storedWh: z.number(),
    capacityWh: z.number(),
    heardAt: instant,
    position: positionField,
  })
  .describe('The level as it was recorded');
