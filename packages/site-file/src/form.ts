// The form of a site file: what may be written where. From this one schema follow the check of a file, the
// JSON Schema for editors and the reference table. `error` says what was expected; `meta` is the reference:
// `title` is the kind of value, `default` what holds when nothing is written, `otherwise` says that in words.

import { z } from 'zod';
import { section, slug, textOf } from './form-parts.js';
import { gridSchema } from './node-form.js';
import { needsSchema, planSchema } from './plan-form.js';
import { currentUpTo, time, voltage } from './quantity-schema.js';
import { connectorDefaultsSchema } from './station-form.js';

const control = (min: number, max: number, words: string) => time(min, max, words).optional();

export const controlSchema = section('control settings', {
  lease: control(30, 86_400, 'a time from 30 s to 24 h').meta({
    title: 'time',
    default: '10 min',
    description: 'How long a limit holds when it is not renewed. After it a session falls to `fallback`.',
  }),
  minDwell: control(0, 86_400, 'a time from 0 s to 24 h').meta({
    title: 'time',
    default: '15 min',
    description:
      'A connector that was switched on or off stays so for at least this long, when cars take turns.',
  }),
  deadband: currentUpTo(32).optional().meta({
    title: 'current',
    default: '1 A',
    description: 'A raise smaller than this is not worth a message.',
  }),
  raiseInterval: control(0, 3_600, 'a time from 0 s to 1 h').meta({
    title: 'time',
    default: '30 s',
    description: 'The least time between two raises of one connector. Cuts never wait.',
  }),
  meterStale: control(1, 86_400, 'a time from 1 s to 24 h').meta({
    title: 'time',
    default: '5 min',
    description: "A connector's meter that said nothing for this long counts as full load.",
  }),
  obeyWithin: control(1, 600, 'a time from 1 s to 10 min').meta({
    title: 'time',
    default: '20 s',
    description: 'How long a station may take to follow a lower limit before it counts as disobeying.',
  }),
  unseen: z.enum(['full', 'absent'], { error: '`full` or `absent`' }).optional().meta({
    title: '`full` or `absent`',
    default: 'full',
    description:
      'How a station that never connected is counted: at the full rating of its connectors, or at their `idle`.',
  }),
}).meta({ id: 'control', description: 'How the engine treats the site.' });

export const defaultsSchema = section('defaults', {
  connector: connectorDefaultsSchema.optional().meta({
    title: 'connector keys',
    description:
      'The keys of a connector from `phases` to `idle`: they hold for every connector of the site that does not say otherwise.',
  }),
}).meta({ id: 'defaults', description: 'Values that hold for the whole site.' });

const policySchema = z.enum(['fair', 'urgent', 'throughput', 'balanced'], {
  error: '`fair`, `urgent`, `throughput` or `balanced`',
});

const ZONE_WORDS = 'a time zone of the IANA database, such as `Europe/Berlin`';
export const siteFormSchema = section('a site', {
  id: slug().meta({
    title: 'site id',
    description: 'Names the site in URLs, events and metrics. It never changes.',
  }),
  name: textOf(200).optional().meta({ title: 'text', description: 'For people.' }),
  timeZone: z
    .string({ error: ZONE_WORDS })
    .refine(isTimeZone, { error: 'is no time zone', params: { expected: ZONE_WORDS } })
    .meta({
      title: 'time zone',
      examples: ['Europe/Berlin'],
      description: 'Local time of the site, as the IANA database names it.',
    }),
  voltage: voltage.optional().meta({
    title: 'voltage',
    otherwise: '`230 V`; `208 V` where the wiring is `delta`',
    description:
      'From phase to neutral; where the wiring is `delta`, from line to line. Turns amperes into watts.',
  }),
  wiring: z.enum(['wye', 'delta'], { error: '`wye` or `delta`' }).optional().meta({
    title: '`wye` or `delta`',
    default: 'wye',
    description:
      'What stations are connected between: `wye`, a phase and the neutral; `delta`, two lines, as at 208 V in North America.',
  }),
  grid: gridSchema.meta({
    title: 'the root node',
    description: 'The grid connection, and all that hangs behind it.',
  }),
  defaults: defaultsSchema
    .optional()
    .meta({ title: 'defaults', description: 'Values that hold for the whole site.' }),
  control: controlSchema
    .optional()
    .meta({ title: 'control settings', description: 'How the engine treats the site.' }),
  policy: policySchema.optional().meta({
    title: '`fair`, `urgent`, `throughput` or `balanced`',
    default: 'balanced',
    description:
      'How power is shared above the minima: equally by weight, first to who has least time left, for the most energy now, or balanced between the three.',
  }),
  needs: needsSchema.optional().meta({
    title: 'needs',
    description: 'Energy and departure of a car that says nothing.',
  }),
  plan: planSchema.optional().meta({
    title: 'plan',
    otherwise: 'none',
    description: 'With it, the engine looks ahead; without it, it shares what there is now.',
  }),
});

function isTimeZone(zone: string): boolean {
  try {
    return zone.length <= 64 && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

export type SiteForm = z.output<typeof siteFormSchema>;
