// The form of a station and its connectors. See form.ts for what `error` and `meta` are.

import { STATION_ID } from '@ampledger/kernel';
import { z } from 'zod';
import { amount, amountAboveZero } from './amount.js';
import { section, wholeNumber } from './form-parts.js';
import { passwordHashFault } from './password.js';
import { limit, powerAboveZero } from './quantity-schema.js';
import { ROTATIONS } from './rotation.js';

/** `CP001..CP060`: the same text, then two numbers. */
export const ID_RANGE = /^(?<prefix>.*?)(?<first>\d{1,9})\.\.(?<prefixAgain>.*?)(?<last>\d{1,9})$/;

const ROTATION_WORDS =
  'grid phases in the order of the connector: `L1L2L3`, `L2L3L1`, ..., two: `L1L2`, or one: `L2`; in a site with `wiring: delta` lines: `ABC`, `BCA`, ..., or two: `AB`, `BC`, `CA`; or `unknown`';
const STEPS_WORDS = 'a list of 1 to 100 currents or powers, such as `[8 A, 16 A, 24 A, 32 A]`';
const EFFICIENCY_WORDS = 'an efficiency, a number from 0.5 to 1';

const connectorKeys = () => ({
  phases: z
    .union([z.literal(1), z.literal(2), z.literal(3)], { error: '1, 2 or 3 phases' })
    .optional()
    .meta({ title: '1, 2 or 3', default: 3, description: 'Phases that the connector can use.' }),
  rotation: z.enum(ROTATIONS, { error: ROTATION_WORDS }).optional().meta({
    title: 'grid phases, or `unknown`',
    otherwise: '`L1` of one phase; `L1L2L3`, in an order that is not known; behind a delta `AB`, `ABC`',
    description:
      "The grid's phases in the order of the station's own; where the wiring is `delta`, its lines. A connector with fewer phases than its station uses the first of them. Written, it lets a car that uses fewer phases count on those alone; not written, the order of two or three phases is not known, and a car counts on each. `unknown` counts on every phase.",
  }),
  current: z.enum(['ac', 'dc'], { error: '`ac` or `dc`' }).optional().meta({
    title: '`ac` or `dc`',
    default: 'ac',
    description:
      'What the car gets. The settings of a DC connector are powers, as the car gets them; it loads three phases evenly.',
  }),
  efficiency: z
    .number({ error: EFFICIENCY_WORDS })
    .min(0.5, { error: EFFICIENCY_WORDS })
    .max(1, { error: EFFICIENCY_WORDS })
    .optional()
    .meta({
      title: '0.5 to 1',
      otherwise: '`0.94` for DC',
      description: "Share of the grid's power that a DC connector gives to the car.",
    }),
  min: amount.optional().meta({
    title: 'current, or power for DC',
    otherwise: '`6 A`; `5 kW` for DC',
    description: 'The least that is of use: an offer is zero or at least this. IEC 61851-1 asks for 6 A.',
  }),
  max: amountAboveZero.optional().meta({
    title: 'current, or power for DC',
    otherwise: '`32 A`; *required* for DC',
    description: 'The most that the connector can give, on each phase.',
  }),
  step: amount.optional().meta({
    title: 'current, or power for DC',
    default: '0 A',
    description: 'It can only be set to whole multiples of this: `1 A`. Zero: to any tenth of an ampere.',
  }),
  steps: z
    .array(amountAboveZero, { error: STEPS_WORDS })
    .min(1, { error: STEPS_WORDS })
    .max(100, { error: STEPS_WORDS })
    .optional()
    .meta({
      title: 'list of currents, or of powers for DC',
      otherwise: 'none',
      examples: [['8 A', '16 A', '24 A', '32 A']],
      description: 'Instead of `step`: all that it can be set to beside zero, ascending.',
    }),
  discharge: amount.optional().meta({
    title: 'current or power',
    default: '0 A',
    description: 'The most that a car may feed back here; a power for DC.',
  }),
  priority: wholeNumber(0, 100, 'a priority').optional().meta({
    title: '0 to 100',
    default: 0,
    description: 'A higher priority is served before a lower one.',
  }),
  weight: z
    .number({ error: 'a weight, a number above 0, at most 1000' })
    .positive({ error: 'a weight, a number above 0, at most 1000' })
    .max(1000, { error: 'a weight, a number above 0, at most 1000' })
    .optional()
    .meta({ title: 'number', default: 1, description: 'Share among connectors of the same priority.' }),
  fallback: amount.optional().meta({
    title: 'current, or power for DC',
    default: '0 A',
    description:
      'What a charging session keeps when the engine is silent for longer than the lease: 0 A, or at least `min`. All of a site fit under its limits.',
  }),
  idle: amount.optional().meta({
    title: 'current, or power for DC',
    default: '0 A',
    description:
      'What a car gets that arrives while the engine is away: 0 A, or at least `min`. It is reserved all the time.',
  }),
});

export const connectorSchema = section('a connector', {
  id: wholeNumber(1, 1000, 'an id').meta({
    title: '1, 2, ...',
    description: 'EVSE id (OCPP 2.0.1) or connector id (OCPP 1.6).',
  }),
  ...connectorKeys(),
}).meta({ id: 'connector', description: 'One connector of a station.' });

export const connectorDefaultsSchema = section('defaults', connectorKeys()).meta({
  id: 'connectorDefaults',
  description: 'What holds for connectors that do not say otherwise.',
});

const PASSWORD_WORDS = 'a hash made by `ampledger hash-password`: `scrypt$16384$8$1$...`';
const passwordHash = () =>
  z
    .string({ error: PASSWORD_WORDS })
    .max(400, { error: PASSWORD_WORDS })
    .superRefine((text, ctx) => {
      const fault = passwordHashFault(text);
      if (fault !== undefined) {
        ctx.addIssue({ code: 'custom', message: fault, params: { expected: PASSWORD_WORDS } });
      }
    });

const STATION_WORDS =
  'text of letters, digits and `*-_=:+|@.`, at most 48, such as `CP001`; digits alone in quotes';
const RANGE_WORDS = 'a range of ids, such as `CP001..CP060`';

export const stationSchema = section('a station', {
  id: z.string({ error: STATION_WORDS }).regex(STATION_ID, { error: STATION_WORDS }).optional().meta({
    title: 'station id',
    description: 'What the station calls itself: the end of its URL.',
  }),
  ids: z
    .string({ error: RANGE_WORDS })
    .max(100, { error: RANGE_WORDS })
    .regex(ID_RANGE, { error: RANGE_WORDS })
    .optional()
    .meta({
      title: 'range of ids',
      examples: ['CP001..CP060'],
      description: 'Instead of `id`: as many equal stations as the range has numbers.',
    }),
  password: passwordHash().optional().meta({
    title: 'password hash',
    otherwise: 'none',
    description:
      'HTTP Basic password of the station, as `ampledger hash-password` prints it. Without it, none is asked for.',
  }),
  limit: limit.optional().meta({
    title: 'limit',
    otherwise: 'none',
    description:
      "The station's own supply fuse, shared by its connectors. The station then is a node of the tree. Where all its connectors are DC, a power is what they give to the cars together.",
  }),
  module: powerAboveZero.optional().meta({
    title: 'power',
    otherwise: 'none',
    description:
      'Power of one module of a cabinet that gives its modules to its DC connectors: their `step`, where they have none of their own.',
  }),
  ...connectorKeys(),
  connectors: z
    .array(connectorSchema, { error: 'a list of connectors' })
    .min(1, { error: 'at least one connector' })
    .max(64, { error: 'at most 64 connectors' })
    .optional()
    .meta({
      title: 'list of connectors',
      otherwise: 'one, with id 1',
      description:
        'The keys of a connector from `phases` to `idle` may stand at the station too: they hold for each of its connectors that does not say otherwise.',
    }),
}).meta({ id: 'station', description: 'One station, or a range of equal ones.' });

export type StationForm = z.output<typeof stationSchema>;
export type ConnectorDefaultsForm = z.output<typeof connectorDefaultsSchema>;
