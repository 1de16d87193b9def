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

export const siteConfigSchema = z.object({
  id: slug.transform((id) => id as SiteId),
  name: z.string().max(200).optional(),
  timeZone: z.string(),
  /** Phase to neutral, volts. */
  voltageV: z.number().positive().max(1000),
  nodes: z.array(nodeConfigSchema).min(1).max(10_000).readonly(),
  stations: z.array(stationConfigSchema).max(10_000).readonly(),
  control: controlConfigSchema,
});

export type SiteConfig = z.infer<typeof siteConfigSchema>;
export type NodeConfig = z.infer<typeof nodeConfigSchema>;
export type StationConfig = z.infer<typeof stationConfigSchema>;
export type ConnectorConfig = z.infer<typeof connectorConfigSchema>;
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
