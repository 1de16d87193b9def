// A site as the engine knows it: the site file after its units and expressions are worked out.
// Currents are amperes per phase, power is watts, times are seconds.

import {
  type ConnectorKey,
  connectorKey,
  type NodeId,
  type Phase,
  type SiteId,
  SLUG,
  STATION_ID,
  type StationId,
} from '@ampledger/kernel';
import { z } from 'zod';

const amperes = z.number().min(0).max(100_000);
const perPhase = z.tuple([amperes, amperes, amperes]).readonly();
const slug = z.string().regex(SLUG);
const phase = z.union([z.literal(0), z.literal(1), z.literal(2)]);

/** Load behind a node that the engine does not control. */
export const unmanagedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('constant'), loadA: perPhase }),
  // Reports arrive through the API. A silent meter counts as `maxA`.
  z.object({ kind: z.literal('metered'), maxA: perPhase, staleAfterS: z.number().positive() }),
]);

/** Limits of a delta-wye transformer's lines, amperes; line k of the secondary side carries legs k and k - 1. */
export const transformerSchema = z.object({
  secondaryA: perPhase.nullable(),
  primaryA: perPhase.nullable(),
  /** Line-to-line voltage of the primary by the phase voltage of the secondary: 4 for 480 V to 208Y/120 V. */
  ratio: z.number().positive().max(1000),
});

export const nodeConfigSchema = z.object({
  id: slug.transform((id) => id as NodeId),
  name: z.string().max(200).optional(),
  /** null for the root, which comes first; every other node comes after its parent. */
  parent: slug.transform((id) => id as NodeId).nullable(),
  limitA: perPhase.nullable(),
  limitW: z.number().min(0).nullable(),
  /** Kept free on each phase, for the time between a change and our answer to it. */
  reserveA: amperes,
  unmanaged: unmanagedSchema,
  /** A delta-wye transformer that feeds this node; only where the site's wiring is `delta`. */
  transformer: transformerSchema.nullable(),
  /** The most by which the currents of two phases may differ, amperes. */
  unbalanceA: amperes.nullable(),
  /** What may flow back through the node: amperes on each phase, watts. null: nothing is said. */
  exportA: perPhase.nullable(),
  exportW: z.number().min(0).nullable(),
});

export const connectorConfigSchema = z.object({
  /** EVSE id (OCPP 2.x), connector id (OCPP 1.6): 1, 2, ... */
  evseId: z.int().min(1).max(1000),
  /** Grid phases in the order of the station's own L1, L2, L3: station rotation is in here. */
  phases: z.array(phase).min(1).max(3).readonly(),
  /** Least current that is any use, amperes; an offer is zero or at least this (IEC 61851-1: 6 A). */
  minA: amperes,
  maxA: amperes,
  /** A higher class is served before a lower one. */
  priority: z.int().min(0).max(100),
  /** Share within the class. */
  weight: z.number().positive().max(1000),
  /** What a session's lease ends in, amperes. */
  fallbackA: amperes,
  /** What the station's default profile gives a car that we have not seen yet, amperes. */
  idleA: amperes,
  /** `dc`: the limits here are the grid's side of its power, even on three phases. */
  current: z.enum(['ac', 'dc']),
  /** Share of the grid's power that a DC connector gives to the car; 1 for AC. */
  efficiency: z.number().min(0.5).max(1),
  /** What it can be set to beside zero, amperes: whole steps of `stepA` (0: any tenth), or the list `stepsA`, ascending. */
  stepA: amperes,
  stepsA: z.array(amperes).min(1).max(100).readonly().nullable(),
  /** The most that a car may feed back here, amperes. */
  dischargeA: amperes,
  /** False: how many phases it is wired to is known, but not which: it counts on each of `phases`. */
  rotationKnown: z.boolean(),
  /** How many phases that is: the number of `phases`, or fewer where it is not known which of them. */
  wiredPhases: z.union([z.literal(1), z.literal(2), z.literal(3)]),
});

export const stationConfigSchema = z.object({
  id: z
    .string()
    .regex(STATION_ID)
    .transform((id) => id as StationId),
  node: slug.transform((id) => id as NodeId),
  /** `scrypt$N$r$p$salt$hash`, or null: the station needs no password. */
  passwordHash: z.string().max(400).nullable(),
  connectors: z.array(connectorConfigSchema).min(1).max(64).readonly(),
});

/** How the engine treats the site. Seconds and amperes. */
export const controlConfigSchema = z.object({
  /** How long a limit holds when it is not renewed. */
  leaseS: z.number().min(30).max(86_400),
  /** A connector that was switched on stays on, and one switched off stays off, at least this long. */
  minDwellS: z.number().min(0).max(86_400),
  /** A raise smaller than this is not worth a message. */
  deadbandA: z.number().min(0).max(32),
  /** Least time between two raises of one connector. Cuts never wait. */
  raiseIntervalS: z.number().min(0).max(3_600),
  /** A connector's meter older than this counts as full load. */
  meterStaleS: z.number().min(1).max(86_400),
  /** How long a station may take to follow a lower limit before it is counted as disobeying. */
  obeyWithinS: z.number().min(1).max(600),
  /** How a station that never connected is counted: at its full rating, or not at all. */
  unseen: z.enum(['full', 'absent']),
});

/** How a site's power is shared above the minima; see docs/optimizer.md for what each maximises and gives up. */
export const policySchema = z.enum(['fair', 'urgent', 'throughput', 'balanced']);
export type Policy = z.infer<typeof policySchema>;

/** What is assumed of a car that says nothing. */
export const needsConfigSchema = z.object({
  /** Energy that it wants, watt-hours. */
  energyWh: z.number().positive().max(1_000_000).nullable(),
  /** How long it stays, seconds; or until when, minutes after local midnight. The earlier counts. */
  stayS: z.number().positive().max(2_592_000).nullable(),
  departMinute: z.int().min(0).max(1439).nullable(),
  /** Take what the site's own history says of arrivals at that hour of the week, where the above is silent. */
  learn: z.boolean(),
});

const price = z.number().min(-1000).max(1000);
const dayOfWeek = z.int().min(1).max(7);
/** A price for a part of the week, in local time; the last one that fits holds. */
export const tariffSchema = z.object({
  /** 1 is Monday. */
  days: z.array(dayOfWeek).min(1).max(7).readonly(),
  /** Minutes after midnight; `toMinute` is at most 1440. */
  fromMinute: z.int().min(0).max(1439),
  toMinute: z.int().min(1).max(1440),
  importPerKwh: price,
});

/** What looking ahead is about. Money is in `currency`, whatever that is. */
export const planConfigSchema = z.object({
  periodS: z.int().min(60).max(3600),
  horizonS: z.int().min(900).max(172_800),
  /** A solve that takes longer is broken off; the plan before stands. */
  deadlineMs: z.int().min(100).max(60_000),
  currency: z.string().max(8),
  /** Where no part of the week fits and no price was announced. */
  importPerKwh: price,
  exportPerKwh: price,
  tariff: z.array(tariffSchema).max(100).readonly(),
  /** For the highest quarter-hour mean power of the billing month, per kW. */
  demandPerKw: z.number().min(0).max(10_000),
  /** What a kilogram of CO2 is taken to cost. */
  co2PerKg: z.number().min(0).max(100),
  battery: z
    .object({
      node: slug.transform((id) => id as NodeId),
      capacityWh: z.number().positive().max(1e9),
      chargeW: z.number().min(0).max(1e8),
      dischargeW: z.number().min(0).max(1e8),
      /** Both ways together. */
      efficiency: z.number().min(0.3).max(1),
      /** Never below, watt-hours. */
      reserveWh: z.number().min(0).max(1e9),
    })
    .nullable(),
  /** Peak power of the site's own photovoltaics, watts, and its node; the forecast is a signal. */
  pv: z.object({ node: slug.transform((id) => id as NodeId), peakW: z.number().min(0).max(1e9) }).nullable(),
  /** Start of a charge and every change of power by the plan is delayed by up to this, at random. */
  randomDelayS: z.int().min(0).max(1800),
});

export const siteConfigSchema = z.object({
  id: slug.transform((id) => id as SiteId),
  name: z.string().max(200).optional(),
  timeZone: z.string(),
  /** Volts that a current on one phase is under: phase to neutral; line to line where the wiring is delta. */
  voltageV: z.number().positive().max(1000),
  /**
   * `wye`: phases 0, 1, 2 are L1, L2, L3 to neutral. `delta`: they are the legs AB, BC, CA between lines;
   * a connector on all three loads each leg with 1/√3 of its line current.
   */
  wiring: z.enum(['wye', 'delta']),
  nodes: z.array(nodeConfigSchema).min(1).max(10_000).readonly(),
  stations: z.array(stationConfigSchema).max(10_000).readonly(),
  control: controlConfigSchema,
  policy: policySchema,
  needs: needsConfigSchema,
  /** null: the site needs no plan. */
  plan: planConfigSchema.nullable(),
});

export type SiteConfig = z.infer<typeof siteConfigSchema>;
export type NodeConfig = z.infer<typeof nodeConfigSchema>;
export type StationConfig = z.infer<typeof stationConfigSchema>;
export type ConnectorConfig = z.infer<typeof connectorConfigSchema>;
export type TransformerConfig = z.infer<typeof transformerSchema>;
export type NeedsConfig = z.infer<typeof needsConfigSchema>;
export type PlanConfig = z.infer<typeof planConfigSchema>;
export type ControlConfig = z.infer<typeof controlConfigSchema>;
export type UnmanagedConfig = z.infer<typeof unmanagedSchema>;

export const DEFAULT_CONTROL: ControlConfig = {
  leaseS: 600,
  minDwellS: 900,
  deadbandA: 1,
  raiseIntervalS: 30,
  meterStaleS: 300,
  obeyWithinS: 20,
  unseen: 'full',
};

/** What a configuration says where nothing is written. */
export const DEFAULT_NODE = {
  transformer: null,
  unbalanceA: null,
  exportA: null,
  exportW: null,
} as const satisfies Partial<NodeConfig>;
export const DEFAULT_CONNECTOR = {
  current: 'ac',
  efficiency: 1,
  stepA: 0,
  stepsA: null,
  dischargeA: 0,
  rotationKnown: true,
} as const satisfies Partial<ConnectorConfig>;
export const DEFAULT_SITE = {
  wiring: 'wye',
  policy: 'balanced',
  needs: { energyWh: null, stayS: null, departMinute: null, learn: true },
  plan: null,
} as const satisfies Partial<SiteConfig>;

/** `wiredPhases` of a connector whose `phases` are all its own. */
export const wiredTo = (phases: readonly Phase[]): ConnectorConfig['wiredPhases'] =>
  phases.length >= 3 ? 3 : phases.length === 2 ? 2 : 1;

/** Every connector of the site with its station, in the order of the file. */
export function connectorsOf(config: SiteConfig): readonly {
  key: ConnectorKey;
  station: StationConfig;
  connector: ConnectorConfig;
  phases: readonly Phase[];
}[] {
  return config.stations.flatMap((station) =>
    station.connectors.map((connector) => ({
      key: connectorKey(station.id, connector.evseId),
      station,
      connector,
      phases: connector.phases,
    })),
  );
}
