// The form of the tree: the grid connection and the nodes below it. See form.ts for what `error` and `meta` are.

import { z } from 'zod';
import { section, slug, textOf } from './form-parts.js';
import { current, type Limit, limit, perPhase, time } from './quantity-schema.js';
import { stationSchema } from './station-form.js';
import { transformerFormSchema } from './transformer-form.js';

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
  'What the node may carry: a current on each phase (`80 A`), three (`[80 A, 63 A, 80 A]`), a power (`55 kW`), or both (`{ current: 80 A, power: 50 kW }`). `grid` must have one. Where the wiring is `delta`, a current is that of each line.';

const nodeKeys = () => ({
  name: textOf(200).optional().meta({ title: 'text', description: 'For people.' }),
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
  transformer: transformerFormSchema.optional().meta({
    title: 'transformer',
    otherwise: 'none',
    description: 'The delta-wye transformer that feeds the node; only where the wiring is `delta`.',
  }),
  unbalance: current.optional().meta({
    title: 'current',
    otherwise: 'none',
    description: 'The most by which the currents of two phases may differ.',
  }),
  export: limit.optional().meta({
    title: 'limit',
    otherwise: 'none',
    description: 'What may flow back through the node: a current on each phase, a power, or both.',
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
