// The plan in force, as the API shows it.

import { z } from 'zod';
import { instant, positionField } from './common.js';

export const planSchema = z
  .object({
    site: z.string(),
    at: instant.describe('When it was made'),
    from: instant.describe('Start of the first period'),
    to: instant.describe('End of the last period'),
    periodS: z.int(),
    periods: z.int().describe('How many there are'),
    status: z.enum(['optimal', 'deadline']).describe('`deadline`: the best that was found in time'),
    objective: z
      .number()
      .describe('All that was minimised, with what is not served; of use to compare plans'),
    energyCost: z
      .number()
      .describe("What the site's energy costs in all periods, in the currency of the tariff"),
    demandCost: z.number().describe('What a new peak of the month costs'),
    sessions: z
      .array(
        z.object({
          connector: z.string(),
          session: z.string(),
          first: z.int().describe('The period of the first entry of `limitA`'),
          limitA: z
            .array(z.number())
            .readonly()
            .describe('Amperes on each of its phases, by period; negative: it feeds back'),
          unservedWh: z.number().describe('What it will not have got by its departure'),
        }),
      )
      .readonly(),
    batteryW: z
      .array(z.number())
      .readonly()
      .nullable()
      .describe('Watts into the battery, by period; null: there is none'),
    position: positionField.describe('The last event that the state behind this answer knows of'),
  })
  .meta({ id: 'Plan', description: 'How the power is to be shared over the periods to come' });
