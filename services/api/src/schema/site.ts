// A site as the API shows it: SiteView of the domain with its instants as ISO 8601.

import { z } from 'zod';
import { amperes, instant, perPhase } from './common.js';
import { envelopeAmperes, fallbackSchema } from './envelope.js';

const phase = z.union([z.literal(0), z.literal(1), z.literal(2)]).describe('0 is L1, 1 is L2, 2 is L3');

const watts = z.number();

const nodeSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    parent: z.string().nullable().describe('null: the grid connection'),
    limitA: perPhase
      .nullable()
      .describe(
        'The tightest limit that holds; null on a node limited by power alone. Behind a delta of the legs: what envelopes leave them',
      ),
    limitW: z.number().nullable(),
    limitBy: z.string().describe('`rating`, or the source of the envelope whose limit it is'),
    ratingA: perPhase.nullable().describe('The limit in the site file, whatever envelopes say'),
    ratingW: z.number().nullable(),
    reserveA: amperes,
    unmanagedA: perPhase,
    unmanagedStale: z.boolean().describe('The meter is silent; its full load is assumed'),
    allocatedA: perPhase.describe('What the optimizer gave the connectors below'),
    offeredA: perPhase.describe(
      'What the stations below may be holding; never more than limit less unmanaged load',
    ),
    drawnA: perPhase.describe('What the meters below say'),
    allocatedW: watts,
    offeredW: watts.describe(
      'The same in watts, as limits of power count them: what may be on any of several phases is in the amperes of each, and here once',
    ),
    drawnW: watts,
    lines: z
      .array(
        z.object({
          side: z.enum(['secondary', 'primary']),
          limitA: perPhase,
          offeredA: perPhase.describe('The most that may flow with what stations may be holding'),
          drawnA: perPhase,
        }),
      )
      .readonly()
      .describe(
        'Lines A, B, C behind a delta (`secondary`), and of the primary side of a transformer, that the site file or an envelope limits',
      ),
  })
  .meta({
    id: 'Node',
    description:
      'One node of the site’s tree; currents in amperes on L1, L2, L3, behind a delta on the legs AB, BC, CA',
  });

const linkFields = {
  node: z.string(),
  phase: phase.nullable().describe('null: the power limit binds'),
  envelope: z.string(),
  line: z
    .enum(['secondary', 'primary', 'unbalance'])
    .optional()
    .describe('Where the limit is on a line of a transformer, or on the difference between phases'),
  capacity: z.number().describe('What may be used there: amperes on the phase, or watts'),
  gainA: z
    .number()
    .nullable()
    .describe('Amperes that one ampere (or watt) more there would give this connector; null: not worked out'),
  together: z
    .array(phase)
    .readonly()
    .optional()
    .describe(
      'Where several phases (or lines of a side) are full together: that ampere is one on each of these',
    ),
  sharers: z.number().nullable().describe('How many connectors share the last ampere there'),
  until: instant.nullable().describe('When the share may change though nothing happens'),
};
const becauseSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('bound'),
      bound: z.enum([
        'maximum',
        'draw',
        'car',
        'no-session',
        'unavailable',
        'offline',
        'not-commissioned',
        'disobeys',
        'undecided',
        'plan',
        'step',
        'delay',
      ]),
    }),
    z.object({ kind: z.literal('link'), ...linkFields }),
    z.object({ kind: z.literal('waiting'), ...linkFields }),
  ])
  .meta({ id: 'Because', description: 'What keeps an allocation from being larger' });

const needSource = z.enum(['driver', 'iso15118', 'api', 'site', 'learned']).nullable();
const carNeedsSchema = z
  .object({
    energyWh: z.number().nullable().describe('Still to come; null: not known'),
    energySource: needSource,
    departAt: instant.nullable(),
    departSource: needSource,
  })
  .meta({
    id: 'CarNeeds',
    description: 'What a car wants: as it was said, as the site file assumes (`site`), or as learned',
  });

const sessionFields = {
  id: z.string(),
  transaction: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  energyWh: z.number(),
  idToken: z.string().nullable().describe('A keyed pseudonym, never the token itself'),
};
const sessionSchema = z
  .object(sessionFields)
  .meta({ id: 'Session', description: 'One car’s stay at a connector' });

const connectorSchema = z
  .object({
    key: z.string().describe('`<stationId>/<evseId>`'),
    station: z.string(),
    evseId: z.int(),
    node: z.string(),
    phases: z.array(phase).readonly(),
    minA: amperes,
    maxA: amperes,
    priority: z.int(),
    online: z.boolean(),
    status: z.string().nullable(),
    session: sessionSchema.nullable(),
    allocationA: amperes.describe('What the optimizer gives it, per phase; behind a delta per line'),
    offerA: amperes.describe('What it may be holding, per phase (behind a delta per line): the worst case'),
    acceptedA: amperes.nullable(),
    leaseEndsAt: instant.nullable(),
    drawA: perPhase.nullable().describe('By its meter, on the grid’s phases; behind a delta on the legs'),
    ownDrawA: amperes
      .nullable()
      .describe('The same in amperes of its limit: the most on a phase, behind a delta on a line'),
    carWattsPerA: watts
      .nullable()
      .describe('Watts to the car for one ampere of the limit of a DC connector; null for AC'),
    carPhases: z
      .array(phase)
      .readonly()
      .nullable()
      .describe('Phases that the car uses, as its meter showed; null: not known'),
    needs: carNeedsSchema.nullable().describe('null: no session'),
    because: becauseSchema,
    reason: z.string().describe('`because` as a sentence'),
    alarms: z.array(z.enum(['disobeys', 'not-commissioned', 'offline', 'meter-stale'])).readonly(),
  })
  .meta({ id: 'Connector', description: 'One EVSE of a station' });

export const stationSchema = z
  .object({
    id: z.string(),
    site: z.string(),
    node: z.string(),
    online: z.boolean(),
    everConnected: z.boolean(),
    commissioned: z.boolean(),
    protocol: z.enum(['ocpp1.6', 'ocpp2.0.1']).nullable(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    firmware: z.string().nullable(),
    rateUnits: z
      .array(z.enum(['A', 'W']))
      .readonly()
      .nullable(),
    connectedAt: instant.nullable(),
    lastHeardAt: instant.nullable(),
    callsInFlight: z.int(),
    connectors: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Station', description: 'A charging station' });

export const siteSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    timeZone: z.string(),
    voltageV: z.number().describe('Phase to neutral; line to line where the wiring is `delta`'),
    wiring: z.enum(['wye', 'delta']).describe('`delta`: phases 0, 1, 2 are the legs AB, BC, CA'),
    policy: z.enum(['fair', 'urgent', 'throughput', 'balanced']),
    plan: z
      .object({
        at: instant,
        from: instant,
        until: instant,
        status: z.enum(['optimal', 'deadline']),
        sessions: z.int(),
        unservedWh: z.number(),
      })
      .nullable()
      .describe('The plan that limits follow; null: there is none'),
    at: instant.describe('The moment that this is the state of'),
    position: z.int().describe('The last event it knows of'),
    nodes: z.array(nodeSchema).readonly(),
    stations: z.array(stationSchema).readonly(),
    connectors: z.array(connectorSchema).readonly(),
    envelopes: z
      .array(
        z.object({
          source: z.string(),
          node: z.string(),
          limitA: envelopeAmperes.nullable(),
          limitW: z.number().nullable(),
          from: instant.nullable(),
          to: instant.nullable(),
          state: z.enum(['announced', 'active', 'fallback', 'over']),
          fallback: fallbackSchema
            .nullable()
            .describe('What holds instead after `silenceS` without a word of its source; null: nothing does'),
          silenceS: z.number().nullable(),
        }),
      )
      .readonly(),
    recentSessions: z.array(z.object({ ...sessionFields, connector: z.string() })).readonly(),
  })
  .meta({ id: 'Site', description: 'The whole state of a site at one moment' });

export const siteSummarySchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    timeZone: z.string(),
    position: z.int(),
    stations: z.int(),
    connectors: z.int(),
    connectorsOnline: z.int(),
    sessions: z.int().describe('Sessions that run now'),
  })
  .meta({ id: 'SiteSummary', description: 'A site in the list of sites' });

export type SiteWire = z.infer<typeof siteSchema>;
export type StationWire = z.infer<typeof stationSchema>;
export type SiteSummaryWire = z.infer<typeof siteSummarySchema>;
