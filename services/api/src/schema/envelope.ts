// Envelopes and loads as clients write them. Limits are amperes per phase (behind a delta per line), or watts.

import type { EnvelopeData } from '@ampledger/domain';
import { evenly, type PerPhase } from '@ampledger/kernel';
import { z } from 'zod';
import { instant, instantMs, nodeParam, onlyFields, perPhase, positionField } from './common.js';

const AMPERES_MAX = 100_000;
const WATTS_MAX = 1_000_000_000;
const SILENCE_S_MAX = 30 * 86_400;

const currentLimit = z.number().min(0).max(AMPERES_MAX);
const onePerPhase = z
  .union([currentLimit, z.tuple([currentLimit, currentLimit, currentLimit])], {
    error: `expected amperes from 0 to ${AMPERES_MAX}: one figure for all phases, or [L1, L2, L3]`,
  })
  .transform((value): PerPhase => (typeof value === 'number' ? evenly(value) : value));
const watts = z.number().min(0).max(WATTS_MAX);

/** Names that views use for something else. */
const RESERVED_SOURCES = new Set(['rating']);
export const sourceParam = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected 1 to 64 letters, digits, ".", "_" or "-"')
  .refine((source) => !RESERVED_SOURCES.has(source), 'this name is reserved')
  .describe('Who asks: `operator`, `openadr`, ... One envelope per source and node')
  .meta({ examples: ['operator'] });

export const envelopeBodySchema = onlyFields({
  node: nodeParam.optional(),
  limitA: onePerPhase
    .optional()
    .describe(
      'Amperes: one figure for all phases, or [L1, L2, L3]. Where the wiring is `delta`, of the lines A, B, C: each leg then gets at most 1/√3 of the least of its two lines where the site file does not limit the line as tightly, so that no line carries more than this',
    ),
  limitW: watts.optional().describe('Watts over all phases'),
  from: instantMs.optional().describe('Holds from this instant; default at once'),
  to: instantMs.optional().describe('Holds until this instant; default until it is removed'),
  fallbackA: onePerPhase
    .optional()
    .describe('What holds instead once the source has been silent for `silenceS`; amperes as in `limitA`'),
  fallbackW: watts.optional(),
  silenceS: z
    .number()
    .positive()
    .max(SILENCE_S_MAX)
    .optional()
    .describe('Seconds; each PUT is a sign of life'),
})
  .superRefine((body, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if ((body.limitA === undefined) === (body.limitW === undefined))
      issue('limitA', 'expected exactly one of limitA and limitW');
    if (body.fallbackA !== undefined && body.fallbackW !== undefined)
      issue('fallbackA', 'expected at most one of fallbackA and fallbackW');
    const hasFallback = body.fallbackA !== undefined || body.fallbackW !== undefined;
    if (hasFallback && body.silenceS === undefined)
      issue('silenceS', 'expected with a fallback: after how much silence it holds');
    if (!hasFallback && body.silenceS !== undefined)
      issue('fallbackA', 'expected fallbackA or fallbackW with silenceS');
    if (body.from !== undefined && body.to !== undefined && body.from >= body.to)
      issue('to', 'expected later than from');
  })
  .meta({
    examples: [
      { limitA: 40, to: '2026-03-01T19:00:00Z' },
      { node: 'feeder-a', limitW: 22_000 },
    ],
  });

export type EnvelopeBody = z.infer<typeof envelopeBodySchema>;

export const envelopeAmperes = perPhase.describe(
  'Amperes on L1, L2, L3; behind a delta on the lines A, B, C',
);
const limitFields = { limitA: envelopeAmperes.nullable(), limitW: z.number().nullable() };
export const fallbackSchema = z.object(limitFields);
export const envelopeAnswerSchema = z
  .object({
    envelope: z.object({
      site: z.string(),
      source: z.string(),
      node: z.string(),
      ...limitFields,
      from: instant.nullable(),
      to: instant.nullable(),
      fallback: fallbackSchema.nullable(),
      silenceS: z.number().nullable(),
      heardAt: instant,
    }),
    position: positionField,
  })
  .describe('The envelope as it was recorded');

export const loadBodySchema = onlyFields({
  currentA: signedPerPhase(AMPERES_MAX, 'amperes')
    .optional()
    .describe('Amperes: one figure for all phases, or [L1, L2, L3]; negative feeds in'),
  powerW: z
    .union([signed(WATTS_MAX), z.tuple([signed(WATTS_MAX), signed(WATTS_MAX), signed(WATTS_MAX)])], {
      error: `expected watts up to ${WATTS_MAX}: the sum over the phases, or [L1, L2, L3]`,
    })
    .optional()
    .describe(
      'Watts: the sum over the phases, taken as even, or [L1, L2, L3]; converted with the nominal voltage',
    ),
})
  .refine((body) => (body.currentA === undefined) !== (body.powerW === undefined), {
    path: ['currentA'],
    error: 'expected exactly one of currentA and powerW',
  })
  .meta({ examples: [{ currentA: [12.5, 9, 14.1] }, { powerW: 8200 }] });

export const loadAnswerSchema = z
  .object({ site: z.string(), node: z.string(), loadA: perPhase, position: positionField })
  .describe('The load as it was recorded');

function signed(max: number) {
  return z.number().min(-max).max(max);
}

function signedPerPhase(max: number, unit: string) {
  return z
    .union([signed(max), z.tuple([signed(max), signed(max), signed(max)])], {
      error: `expected ${unit} up to ${max}: one figure for all phases, or [L1, L2, L3]`,
    })
    .transform((value): PerPhase => (typeof value === 'number' ? evenly(value) : value));
}

/** What the body asks for, as the domain says it. */
export const envelopeOf = (
  body: EnvelopeBody,
  about: Pick<EnvelopeData, 'site' | 'source' | 'node' | 'heardAt'>,
): EnvelopeData => ({
  ...about,
  limitA: body.limitA ?? null,
  limitW: body.limitW ?? null,
  from: body.from ?? null,
  to: body.to ?? null,
  fallback:
    body.silenceS === undefined ? null : { limitA: body.fallbackA ?? null, limitW: body.fallbackW ?? null },
  silenceS: body.silenceS ?? null,
});
