// The domain's events: what happened, in the past tense, the same for every OCPP version.
// Instants are epoch milliseconds. A schema never changes: a new shape is a new version
// with an upcaster (see upcast.ts).

import type { ConnectorKey, NodeId, SessionId, SiteId, StationId } from '@ampledger/kernel';
import { z } from 'zod';
import { siteConfigSchema } from './site-config.js';

const stationId = z
  .string()
  .max(48)
  .transform((v) => v as StationId);
const siteId = z
  .string()
  .max(64)
  .transform((v) => v as SiteId);
const nodeId = z
  .string()
  .max(64)
  .transform((v) => v as NodeId);
const sessionId = z
  .string()
  .max(128)
  .transform((v) => v as SessionId);
const connectorKey = z
  .string()
  .max(64)
  .transform((v) => v as ConnectorKey);
const evseId = z.int().min(0).max(1000);
const amperes = z.number();
const perPhase = z.tuple([amperes, amperes, amperes]).readonly();
const instant = z.number();
const text = z.string().max(2000);
const json = z.record(z.string(), z.json());

/** Who may decide for a site: one owner at a time in each role. */
export const roleSchema = z.enum(['optimizer', 'command']);
export type Role = z.infer<typeof roleSchema>;
/** The owner's epoch: 0 where nobody ever claimed the role, as in the engine that runs alone. */
const epoch = z.int().min(0);
/** Number of the site's events that the decision knew of; -1: it was written before that was counted. */
const basis = z.int().min(-1);

export const protocolSchema = z.enum(['ocpp1.6', 'ocpp2.0.1']);
export type Protocol = z.infer<typeof protocolSchema>;

/** The union of OCPP 1.6 ChargePointStatus and what 2.0.1 says with ConnectorStatus and ChargingState. */
export const connectorStatusSchema = z.enum([
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Occupied',
  'Reserved',
  'Unavailable',
  'Faulted',
]);
export type ConnectorStatus = z.infer<typeof connectorStatusSchema>;

/** One limit on its way to a station: the lease that it will hold if it accepts. */
export const grantSchema = z.object({
  connector: connectorKey,
  /** `session`: a TxProfile for the running transaction. `idle`: the station's TxDefaultProfile. */
  kind: z.enum(['session', 'idle']),
  /** Amperes per phase until `leaseEndsAt`. */
  limitA: amperes,
  /** Amperes per phase from then on. */
  tailA: amperes,
  /** null: the limit has no end. */
  leaseEndsAt: instant.nullable(),
  /** The transaction that the profile is for, null for a default profile. */
  session: sessionId.nullable(),
  /** OCPP chargingProfileId: the same id replaces. */
  profileId: z.int(),
});
export type Grant = z.infer<typeof grantSchema>;

/** Set where the limit is on a line of a transformer, or on the difference between phases, and not on a phase or power. */
const lineSchema = z.enum(['secondary', 'primary', 'unbalance']).optional();
const sharing = {
  /** Amperes that one ampere (or watt) more on the link would give this connector; null: not worked out. */
  gainA: amperes.nullable(),
  /** Phases (or lines of that side) of the node that are full together: the ampere is one on each of them. Not there: on this one alone. */
  together: z
    .array(z.union([z.literal(0), z.literal(1), z.literal(2)]))
    .readonly()
    .optional(),
  /** How many connectors share the link's last ampere. */
  sharers: z.int().min(0).nullable(),
  /** When the share may change though nothing happens: an envelope ends or begins, a turn comes round, somebody who shares leaves. */
  until: instant.nullable(),
};

export const bindingSchema = z.discriminatedUnion('kind', [
  /** The connector's own bound. */
  z.object({
    kind: z.literal('bound'),
    bound: z.enum([
      'maximum',
      'draw',
      /** The most that the car takes, by what it said. */
      'car',
      'no-session',
      'unavailable',
      'offline',
      'not-commissioned',
      'disobeys',
      'undecided',
      /** The plan charges it later, or earlier. */
      'plan',
      /** What is left for it is less than the least that the station can be set to. */
      'step',
      /** It would start now, but for the random delay that the law asks for. */
      'delay',
    ]),
  }),
  /** A limit in the tree: the node, the phase it binds on (null: power), and whose envelope it is. */
  z.object({
    kind: z.literal('link'),
    node: nodeId,
    phase: z.union([z.literal(0), z.literal(1), z.literal(2)]).nullable(),
    line: lineSchema,
    envelope: z.string().max(64),
    /** What the link may carry for connectors: amperes on the phase, or watts. */
    capacity: z.number(),
    ...sharing,
  }),
  /** Less than the minimum current would be left: the connector waits for its turn. */
  z.object({
    kind: z.literal('waiting'),
    node: nodeId,
    phase: z.union([z.literal(0), z.literal(1), z.literal(2)]).nullable(),
    line: lineSchema,
    envelope: z.string().max(64),
    capacity: z.number(),
    ...sharing,
  }),
]);
export type Binding = z.infer<typeof bindingSchema>;

export const allocationSchema = z.object({
  connector: connectorKey,
  /** Amperes on each of its phases; negative: it is to feed back. */
  limitA: amperes,
  /** Its share if there were no minimum; null where nobody waits. What is missing counts towards its turn. */
  fairA: amperes.nullable(),
  because: bindingSchema,
});
export type Allocation = z.infer<typeof allocationSchema>;

const envelopeLimit = {
  /** Amperes on each phase of the node, or null. */
  limitA: perPhase.nullable(),
  /** Watts, or null. */
  limitW: z.number().min(0).nullable(),
};
export const envelopeSchema = z.object({
  site: siteId,
  /** Who asks: `operator`, `openadr`, ... One envelope per source and node. */
  source: z.string().min(1).max(64),
  node: nodeId,
  ...envelopeLimit,
  /** From when until when it holds; null is without bound. */
  from: instant.nullable(),
  to: instant.nullable(),
  /** What holds instead once the source has been silent for `silenceS`; null: nothing changes. */
  fallback: z.object(envelopeLimit).nullable(),
  silenceS: z.number().positive().nullable(),
  heardAt: instant,
});
export type EnvelopeData = z.infer<typeof envelopeSchema>;

/** Per kWh; per kWh fed back; kilograms of CO2 per kWh; watts. */
const signalSchema = z.enum(['import-price', 'export-price', 'emissions', 'pv']);

/**
 * One reading. Currents are in the station's own phase order, absent phases null;
 * `energyWh` is the import register.
 */
export const meterSampledSchema = z.object({
  station: stationId,
  evseId,
  session: sessionId.nullable(),
  currentA: z.tuple([amperes.nullable(), amperes.nullable(), amperes.nullable()]).readonly().nullable(),
  powerW: z.number().nullable(),
  energyWh: z.number().nullable(),
  socPct: z.number().nullable(),
  /** What we assumed or refused in this sample: `unit-assumed`, `implausible-power`, ... */
  remarks: z.array(z.string().max(64)).readonly(),
});

/** type → schema. docs/events.md is generated from this table. */
export const EVENT_SCHEMAS = {
  SiteConfigured: z.object({ site: siteConfigSchema, origin: z.enum(['file', 'api']) }),
  SiteRemoved: z.object({ site: siteId }),
  /** An engine took the site over; whatever connections there were are gone. */
  EngineStarted: z.object({ site: siteId, engine: z.string().max(64), version: z.string().max(32) }),
  /**
   * One of several processes takes a role for the site over. Decisions of that role with a lower epoch
   * are ignored from here on; of two claims to one epoch the first holds.
   */
  OwnerClaimed: z.object({
    site: siteId,
    role: roleSchema,
    epoch: z.int().min(1),
    owner: z.string().max(100),
    version: z.string().max(32),
  }),

  EnvelopeSet: envelopeSchema,
  EnvelopeRemoved: z.object({ site: siteId, source: z.string().max(64), node: nodeId }),
  NodeLoadMeasured: z.object({ site: siteId, node: nodeId, loadA: perPhase }),

  StationConnected: z.object({
    station: stationId,
    connection: z.string().max(64),
    protocol: protocolSchema,
    remote: z.string().max(100),
  }),
  StationDisconnected: z.object({
    station: stationId,
    connection: z.string().max(64),
    code: z.int(),
    reason: z.string().max(200),
  }),
  StationBooted: z.object({
    station: stationId,
    vendor: z.string().max(255),
    model: z.string().max(255),
    serialNumber: z.string().max(255).nullable(),
    firmware: z.string().max(255).nullable(),
    reason: z.string().max(64).nullable(),
  }),
  /** What the station says it can do; read on first contact and after each boot. */
  StationCapabilitiesRead: z.object({
    station: stationId,
    rateUnits: z.array(z.enum(['A', 'W'])).readonly(),
    maxStackLevel: z.int().nullable(),
    maxPeriods: z.int().nullable(),
    maxProfiles: z.int().nullable(),
    phaseSwitching: z.boolean().nullable(),
    connectorCount: z.int().nullable(),
    /** The raw configuration or variables behind it. */
    raw: z.record(z.string(), z.string().max(500)),
  }),
  /** OCPP 2.0.1 NotifyReport: part of an answer to GetBaseReport or GetVariables. */
  StationVariablesReported: z.object({
    station: stationId,
    requestId: z.int().nullable(),
    last: z.boolean(),
    variables: z
      .array(
        z.object({
          component: z.string().max(50),
          variable: z.string().max(50),
          instance: z.string().max(50).nullable(),
          evseId: evseId.nullable(),
          value: text.nullable(),
        }),
      )
      .readonly(),
  }),
  StationEventNotified: z.object({ station: stationId, events: z.array(json).readonly() }),
  DataTransferReceived: z.object({
    station: stationId,
    vendor: z.string().max(255),
    message: z.string().max(50).nullable(),
    data: z.string().max(4000).nullable(),
  }),

  /** `connectorId` is the physical outlet of the EVSE (always 1 with OCPP 1.6); evseId 0 is the whole station. */
  ConnectorStatusChanged: z.object({
    station: stationId,
    evseId,
    connectorId: evseId,
    status: connectorStatusSchema,
    errorCode: z.string().max(64).nullable(),
  }),
  /** `idToken` is a keyed pseudonym, never the token itself. */
  AuthorizationAnswered: z.object({
    station: stationId,
    idToken: z.string().max(64),
    status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
  }),
  SessionStarted: z.object({
    station: stationId,
    evseId,
    session: sessionId,
    transaction: z.string().max(36),
    idToken: z.string().max(64).nullable(),
    meterStartWh: z.number().nullable(),
  }),
  /** OCPP 2.0.1 TransactionEvent(Updated): charging state, and the EVSE once it is known. */
  SessionUpdated: z.object({
    station: stationId,
    evseId,
    session: sessionId,
    transaction: z.string().max(36),
    seqNo: z.int(),
    status: connectorStatusSchema.nullable(),
  }),
  SessionEnded: z.object({
    station: stationId,
    evseId: evseId.nullable(),
    session: sessionId,
    transaction: z.string().max(36),
    meterStopWh: z.number().nullable(),
    reason: z.string().max(64).nullable(),
  }),
  MeterSampled: meterSampledSchema,

  /**
   * What a car wants, as its driver, the car itself (ISO 15118, OCPP NotifyEVChargingNeeds) or somebody
   * through the API says. What is null is not said, and what was said before of it stands.
   */
  ChargingNeedsNotified: z.object({
    station: stationId,
    evseId,
    /** null: whatever session runs there. */
    session: sessionId.nullable(),
    source: z.enum(['driver', 'iso15118', 'api']),
    /** From here on, watt-hours. */
    energyWh: z.number().min(0).nullable(),
    departAt: instant.nullable(),
    /** What the car itself can take, amperes on each phase. */
    minA: amperes.nullable(),
    maxA: amperes.nullable(),
  }),
  /** Prices, emissions or photovoltaics to come. It replaces what the source said of that signal before. */
  SignalSet: z.object({
    site: siteId,
    source: z.string().min(1).max(64),
    signal: signalSchema,
    from: instant,
    periodS: z.int().min(60).max(86_400),
    values: z.array(z.number()).min(1).max(3000).readonly(),
  }),
  /** What a source said of a signal does not hold any more. */
  SignalRemoved: z.object({ site: siteId, source: z.string().min(1).max(64), signal: signalSchema }),
  /** The site's battery told what it holds. */
  BatteryLevelReported: z.object({ site: siteId, storedWh: z.number().min(0) }),

  /** How the site's power is to be shared over the periods to come. Limits follow it where they can. */
  PlanMade: z.object({
    site: siteId,
    at: instant,
    basis,
    epoch,
    /** Start of the first period. */
    from: instant,
    periodS: z.int(),
    periods: z.int(),
    /** `deadline`: the best that was found in time. */
    status: z.enum(['optimal', 'deadline']),
    /** All that was minimised, of use to compare plans; and of it the money for energy and for the new peak. */
    objective: z.number(),
    energyCost: z.number(),
    demandCost: z.number(),
    sessions: z
      .array(
        z.object({
          connector: connectorKey,
          session: sessionId,
          /** The most that the plan before let it have at that moment, amperes; null: it said nothing of it. */
          beforeA: amperes.nullable(),
          /** The period of the first entry of `limitA`; where there is none it is 0. */
          first: z.int().min(0),
          /** Amperes on each of its phases, by period; negative: feeds back. */
          limitA: z.array(amperes).readonly(),
          /** The same as its connector can be set to, 0 or at least its minimum; null: that is `limitA` itself. */
          wholeA: z.array(amperes).readonly().nullable(),
          /** What it will not have got by its departure, watt-hours. */
          unservedWh: z.number(),
          /** What the plan took it for; null in plans of version 1. */
          assumed: z
            .object({
              /** When it leaves, and whether that was said, written or learned; else it is a guess. */
              departAt: instant,
              departKnown: z.boolean(),
              /** What it still wants, watt-hours in the car; null: not known. */
              energyWh: z.number().nullable(),
              /** Grid watts for an ampere of its limit, and what of that arrives in the car. */
              wattsPerA: z.number(),
              efficiency: z.number(),
            })
            .nullable(),
        }),
      )
      .readonly(),
    /** What is kept for cars that the site's habits expect, in groups; amperes of all cars of a group together. */
    expected: z
      .array(
        z.object({
          id: z.string().max(64),
          first: z.int().min(0),
          limitA: z.array(amperes).readonly(),
          unservedWh: z.number(),
          /** Grid watts for an ampere; null in plans of version 1. */
          wattsPerA: z.number().nullable(),
        }),
      )
      .readonly(),
    /** Watts into the battery, by period, and what it is reckoned to hold at `at`; null: there is none. */
    battery: z
      .object({
        storedWh: z.number(),
        /** When it last told its level itself; null: never, it is reckoned from the plans alone. */
        measuredAt: instant.nullable(),
        powerW: z.array(z.number()).readonly(),
      })
      .nullable(),
    /** What the plan took for granted, by period; null in plans of version 1. */
    outlook: z
      .object({
        /** What the root lets through, less its reserve; null: there is no limit. And what flows there beside what is planned. Watts. */
        limitW: z.array(z.number().nullable()).readonly(),
        otherW: z.array(z.number()).readonly(),
        pvW: z.array(z.number()).readonly(),
        importPerKwh: z.array(z.number()).readonly(),
        exportPerKwh: z.array(z.number()).readonly(),
        co2KgPerKwh: z.array(z.number()).readonly(),
        /** The highest quarter-hour mean of the month up to then; null where no demand is charged. */
        peakSoFarW: z.number().nullable(),
      })
      .nullable(),
  }),
  LimitsAllocated: z.object({
    site: siteId,
    /** Moment the allocation was solved for. */
    at: instant,
    /** How many of the site's events it knew: the state that replays to the same answer. */
    basis,
    epoch,
    allocations: z.array(allocationSchema).readonly(),
  }),

  /** An operator asks, through the API, for a call; the command service decides when and whether. */
  OperatorCallRequested: z.object({
    station: stationId,
    call: z.string().max(36),
    action: z.string().max(64),
    payload: json,
  }),
  OperatorCallRefused: z.object({ station: stationId, call: z.string().max(36), reason: text }),
  /** A call is to be put on the station's socket. From here on its grants count. */
  CallRequested: z.object({
    station: stationId,
    call: z.string().max(36),
    action: z.string().max(64),
    payload: json,
    /** The limits that this call gives, if it gives any. */
    grants: z.array(grantSchema).readonly(),
    /** Grants that an Accepted answer ends: profile ids, or `all`. */
    clears: z.union([z.literal('all'), z.array(z.int()).readonly()]),
    by: z.enum(['engine', 'operator']),
    /** How many of the site's events the decision knew: the room for a raise was there. */
    basis,
    epoch,
    timeoutS: z.number().positive(),
  }),
  CallAnswered: z.object({
    station: stationId,
    call: z.string().max(36),
    /**
     * `result`: CALLRESULT. `error`: CALLERROR. `timeout`: no answer in time. `unsent`: never left.
     * `lost`: the connection ended after it was sent. `invalid`: a CALLRESULT that fails its schema.
     */
    outcome: z.enum(['result', 'error', 'timeout', 'unsent', 'lost', 'invalid']),
    /** The `status` field of a CALLRESULT, or the error code of a CALLERROR. */
    status: z.string().max(64).nullable(),
    payload: json.nullable(),
    description: z.string().max(500).nullable(),
  }),

  /** A connector drew more than it may hold for longer than it may take to obey. */
  ConnectorDisobeyed: z.object({ connector: connectorKey, drawA: amperes, heldA: amperes }),
  ConnectorObeyedAgain: z.object({ connector: connectorKey }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventData<T extends EventType> = z.infer<(typeof EVENT_SCHEMAS)[T]>;
/** A domain event without its envelope: a discriminated union over `type`. */
export type DomainEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

/** The version in which each type is written today. */
export const EVENT_VERSIONS: { readonly [T in EventType]: number } = {
  ...(Object.fromEntries(Object.keys(EVENT_SCHEMAS).map((type) => [type, 1])) as {
    [T in EventType]: number;
  }),
  SiteConfigured: 2,
  LimitsAllocated: 3,
  CallRequested: 2,
  PlanMade: 2,
};
