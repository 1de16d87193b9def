// Recorded events as the API shows them, and the questions that can be asked of the log.

import { EVENT_SCHEMAS, type EventType } from '@ampledger/domain';
import { z } from 'zod';
import { instant, instantMs, onlyFields, siteParam, stationParam } from './common.js';

export const eventSchema = z
  .object({
    position: z.int().describe('Place in the whole log'),
    id: z.string(),
    type: z.string(),
    version: z.int(),
    site: z.string(),
    stream: z.string(),
    revision: z.int().describe('Place in its stream'),
    receivedAt: instant.describe('When the engine received what the event tells'),
    stationAt: instant.nullable().describe('The station’s own time, when it gave one'),
    causationId: z.string().nullable(),
    correlationId: z.string().nullable(),
    frame: z.string().nullable().describe('The raw OCPP frame behind the event, secrets removed'),
    data: z
      .record(z.string(), z.unknown())
      .describe(
        'What happened; its shape follows from type and version. Instants in it are epoch milliseconds',
      ),
  })
  .meta({ id: 'Event', description: 'A recorded event' });

export type EventWire = z.infer<typeof eventSchema>;

export const EVENT_PAGE_DEFAULT = 100;
export const EVENT_PAGE_MAX = 10_000;

const TYPES = Object.keys(EVENT_SCHEMAS) as [EventType, ...EventType[]];
const eventType = z.enum(TYPES);
const count = z.coerce
  .number({ error: 'expected a whole number' })
  .pipe(z.int().min(0).max(Number.MAX_SAFE_INTEGER));

export const eventQuerySchema = onlyFields({
  site: siteParam.optional(),
  station: stationParam.optional().describe('Only events about this station'),
  type: z
    .preprocess((type) => (typeof type === 'string' ? [type] : type), z.array(eventType).max(TYPES.length))
    .optional()
    .describe('Only events of this type; may be repeated'),
  from: instantMs.optional().describe('Received at this instant or later'),
  to: instantMs.optional().describe('Received at this instant or earlier'),
  after: count
    .optional()
    .describe('Only events after this position; backwards, before it. `next` of a page goes here'),
  limit: count
    .optional()
    .describe(
      `At most so many events; a JSON page has ${EVENT_PAGE_DEFAULT} by default and ${EVENT_PAGE_MAX} at most`,
    ),
  direction: z.enum(['forwards', 'backwards']).default('forwards').describe('`backwards` is newest first'),
}).refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
  path: ['to'],
  error: 'expected no earlier than `from`',
});

export type EventQuery = z.infer<typeof eventQuerySchema>;
