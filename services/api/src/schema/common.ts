// The words that every answer is made of.

import { z } from 'zod';

export const instant = z.iso
  .datetime({ offset: true })
  .describe('ISO 8601 instant')
  .meta({ examples: ['2026-03-01T17:30:00.000Z'] });

/** An object with these members and no others; who misspells one is told all. */
export const onlyFields = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' && Array.isArray(keys)
        ? `there is no ${keys.map((key) => `"${key}"`).join(', ')}; there is: ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** Beyond them no span that is added leaves the years that ISO 8601 writes with four digits. */
const INSTANT_MIN = 0;
const INSTANT_MAX = Date.UTC(2200, 0, 1);

/** An instant as a client writes it, read to epoch milliseconds. */
export const instantMs = z.iso
  .datetime({
    offset: true,
    error: 'expected an ISO 8601 instant with its offset, such as 2026-03-01T17:30:00Z',
  })
  .transform((text) => Date.parse(text))
  .refine((at) => at >= INSTANT_MIN && at < INSTANT_MAX, { error: 'expected an instant from 1970 to 2200' });

export const amperes = z.number();
export const perPhase = z.tuple([amperes, amperes, amperes]).readonly().describe('Amperes on L1, L2, L3');

export const siteParam = z
  .string()
  .min(1)
  .max(64)
  .describe('Site id')
  .meta({ examples: ['garage'] });
export const nodeParam = z.string().min(1).max(64).describe('Node id; default the grid connection');
export const stationParam = z
  .string()
  .min(1)
  .max(48)
  .describe('Station id')
  .meta({ examples: ['CP001'] });
export const positionField = z
  .int()
  .describe('Place of the event in the log; everything up to it can be read back');
