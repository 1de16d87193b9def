// The form of a site file: what may be written where. From this one schema follow the check of a file, the
// JSON Schema for editors and the reference table. `error` says what was expected; `meta` is the reference:
// `title` is the kind of value, `default` what holds when nothing is written, `otherwise` says that in words.

import { z } from 'zod';
import { section, slug } from './form-parts.js';
import { current, currentUpTo, type Limit, limit, perPhase, time, voltage } from './quantity-schema.js';
import { connectorDefaultsSchema, stationSchema } from './station-form.js';

export const NODES_MAX = 10_000;
export const STATIONS_MAX = 10_000;

export const meteredSchema = section('metered load', {
  meter: z.literal(true, { error: '`true`: readings arrive through the API' }).meta({
    title: 'true',
    description: 'Readings arrive through `PUT /api/v1/sites/{siteId}/nodes/{nodeId}/load`.',
  }),
  max: perPhase.meta({
    title: 'current, or three',
    description: 'The most that this load can be: what counts while the meter is silent.',
  }),
  staleAfter: time(1, 86_400, 'a time from 1 s to 24 h').optional().meta({
    title: 'time',
    default: '60 s',
    description: 'A meter that said nothing for this long counts as silent.',
  }),
}).meta({ id: 'meteredLoad', description: 'Load that a meter reports.' });

const UNMANAGED_WORDS = 'a current, three of them, or `{ meter: true, max: 40 A, staleAfter: 60 s }`';
const LIMIT_SAYS =
  'What the node may carry: a current on each phase (`80 A`), three (`[80 A, 63 A, 80 A]`), a power (`55 kW`), or both (`{ current: 80 A, power: 50 kW }`). `grid` must have one.';
const name = () => z.string({ error: 'text' }).max(200, { error: 'text of at most 200 characters' });

const nodeKeys = () => ({
  name: name().optional().meta({ title: 'text', description: 'For people.' }),
  reserve: current.optional().meta({
    title: 'current',
    default: '0 A',
    description: 'Kept free on each phase, for the time between a change of load and the answer to it.',
  }),
  unmanaged: z.union([perPhase, meteredSchema], { error: UNMANAGED_WORDS }).optional().meta({
    title: 'current, three, or metered load',
    default: '0 A',
    description:
      'Load that hangs at this node and that the engine does not control. What hangs at nodes below comes on top.',
  }),
  stations: z
    .array(stationSchema, { error: 'a list of stations' })
    .max(STATIONS_MAX, { error: `at most ${STATIONS_MAX} stations` })
    .optional()
    .meta({ title: 'list of stations', otherwise: 'none', description: 'Stations that hang at this node.' }),
});

const nodesBelow = () =>
  z
    .array(nodeSchema, { error: 'a list of nodes' })
    .max(NODES_MAX, { error: `at most ${NODES_MAX} nodes` })
    .optional()
    .meta({ title: 'list of nodes', otherwise: 'none', description: 'Nodes below this one.' });

/** A node below the root. */
export interface NodeForm extends z.output<z.ZodObject<ReturnType<typeof nodeKeys>>> {
  readonly id?: string | undefined;
  readonly limit?: Limit | undefined;
  readonly nodes?: readonly NodeForm[] | undefined;
}

export const nodeSchema: z.ZodType<NodeForm> = section('a node', {
  id: slug().meta({
    title: 'node id',
    description: 'Unique in the site. `grid` may leave it out, and is called `grid` then.',
  }),
  limit: limit.optional().meta({ title: 'limit', otherwise: 'none', description: LIMIT_SAYS }),
  ...nodeKeys(),
  get nodes(): z.ZodOptional<z.ZodArray<z.ZodType<NodeForm>>> {
    return nodesBelow();
  },
}).meta({
  id: 'node',
  description: 'A point of the tree with a rating: transformer, feeder, panel, circuit.',
});

export const gridSchema = section('the grid connection', {
  id: slug().optional().meta({ title: 'node id', default: 'grid', description: 'Id of the root node.' }),
  limit: limit.meta({ title: 'limit', description: LIMIT_SAYS }),
  ...nodeKeys(),
  get nodes(): z.ZodOptional<z.ZodArray<z.ZodType<NodeForm>>> {
    return nodesBelow();
  },
}).meta({ id: 'grid', description: 'The grid connection: the root of the tree.' });

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

const ZONE_WORDS = 'a time zone of the IANA database, such as `Europe/Berlin`';
export const siteFormSchema = section('a site', {
  id: slug().meta({
    title: 'site id',
    description: 'Names the site in URLs, events and metrics. It never changes.',
  }),
  name: name().optional().meta({ title: 'text', description: 'For people.' }),
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
    default: '230 V',
    description: 'From phase to neutral. Turns amperes into watts.',
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
});

function isTimeZone(zone: string): boolean {
  try {
    return zone.length <= 64 && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

export type SiteForm = z.output<typeof siteFormSchema>;
