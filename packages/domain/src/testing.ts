// Given/when/then for everything that works on a site's state: sites in one line, histories as
// lists of events, the state that they fold to.

import {
  type ConnectorKey,
  connectorKey,
  nodeId,
  type PerPhase,
  type Phase,
  type SessionId,
  sessionId,
  siteId,
  stationId,
} from '@ampledger/kernel';
import { eventFor } from './envelope.js';
import type { DomainEvent, Grant } from './event-types.js';
import { evolve } from './evolve.js';
import {
  type ConnectorConfig,
  DEFAULT_CONNECTOR,
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type NodeConfig,
  type SiteConfig,
  wiredTo,
} from './site-config.js';
import type { SiteState } from './state.js';

export const T0 = Date.UTC(2026, 0, 5, 8);
export const SITE = siteId('test');

export interface NodeSpec {
  readonly id: string;
  readonly parent?: string;
  readonly limitA?: PerPhase | number;
  readonly limitW?: number;
  readonly reserveA?: number;
  readonly unmanaged?: NodeConfig['unmanaged'];
  readonly transformer?: NodeConfig['transformer'];
  readonly unbalanceA?: number;
  readonly exportA?: PerPhase;
}

export interface StationSpec {
  readonly id: string;
  readonly node: string;
  readonly connectors?: readonly Partial<ConnectorConfig>[];
}

const CONNECTOR: Omit<ConnectorConfig, 'wiredPhases'> = {
  ...DEFAULT_CONNECTOR,
  evseId: 1,
  phases: [0, 1, 2],
  minA: 6,
  maxA: 32,
  priority: 0,
  weight: 1,
  fallbackA: 0,
  idleA: 0,
};

export function siteOf(spec: {
  readonly nodes: readonly NodeSpec[];
  readonly stations: readonly StationSpec[];
  readonly control?: Partial<SiteConfig['control']>;
  readonly site?: Partial<SiteConfig>;
}): SiteConfig {
  return {
    ...DEFAULT_SITE,
    id: SITE,
    timeZone: 'Europe/Berlin',
    voltageV: 230,
    nodes: spec.nodes.map(nodeOf),
    stations: spec.stations.map(({ id, node, connectors = [{}] }) => ({
      id: stationId(id),
      node: nodeId(node),
      passwordHash: null,
      connectors: connectors.map((connector, i) => ({
        ...CONNECTOR,
        wiredPhases: wiredTo(connector.phases ?? CONNECTOR.phases),
        evseId: i + 1,
        ...connector,
      })),
    })),
    control: { ...DEFAULT_CONTROL, ...spec.control },
    ...spec.site,
  };
}

function nodeOf({
  id,
  parent,
  limitA,
  limitW,
  reserveA = 0,
  unmanaged = { kind: 'none' },
  ...rest
}: NodeSpec): NodeConfig {
  return {
    ...DEFAULT_NODE,
    ...rest,
    id: nodeId(id),
    parent: parent === undefined ? null : nodeId(parent),
    limitA: limitA === undefined ? null : typeof limitA === 'number' ? [limitA, limitA, limitA] : limitA,
    limitW: limitW ?? null,
    reserveA,
    unmanaged,
  };
}

/** An event with the time of its receipt, in seconds after T0. */
export type Told = readonly [atS: number, event: DomainEvent, stationAtS?: number];

/** Folds a history, positions 1, 2, 3, ... */
export function given(history: readonly Told[], before?: SiteState): SiteState {
  let state = before;
  let position = before?.position ?? 0;
  for (const [atS, event, stationAtS] of history) {
    position++;
    const receivedAt = T0 + atS * 1000;
    const stamp = stationAtS === undefined ? {} : { stationAt: T0 + stationAtS * 1000 };
    const recorded = eventFor({ event, site: SITE, receivedAt, idParts: [position], ...stamp });
    state = evolve(state, { ...recorded, position });
  }
  if (state === undefined) throw new Error('The history has no site');
  return state;
}

export const at = (seconds: number): number => T0 + seconds * 1000;
export const key = (station: string, evseId = 1): ConnectorKey => connectorKey(stationId(station), evseId);
export const session = (station: string, transaction: string): SessionId =>
  sessionId(stationId(station), transaction);

export const configured = (site: SiteConfig): DomainEvent => ({
  type: 'SiteConfigured',
  data: { site, origin: 'file' },
});
export const connected = (station: string, connection = 'c1'): DomainEvent => ({
  type: 'StationConnected',
  data: { station: stationId(station), connection, protocol: 'ocpp1.6', remote: '127.0.0.1' },
});
export const disconnected = (station: string, connection = 'c1'): DomainEvent => ({
  type: 'StationDisconnected',
  data: { station: stationId(station), connection, code: 1006, reason: '' },
});
export const booted = (station: string): DomainEvent => ({
  type: 'StationBooted',
  data: {
    station: stationId(station),
    vendor: 'v',
    model: 'm',
    serialNumber: null,
    firmware: null,
    reason: null,
  },
});
export const started = (station: string, transaction: string, evseId = 1): DomainEvent => ({
  type: 'SessionStarted',
  data: {
    station: stationId(station),
    evseId,
    session: session(station, transaction),
    transaction,
    idToken: null,
    meterStartWh: 0,
  },
});
export const ended = (station: string, transaction: string, evseId = 1): DomainEvent => ({
  type: 'SessionEnded',
  data: {
    station: stationId(station),
    evseId,
    session: session(station, transaction),
    transaction,
    meterStopWh: null,
    reason: null,
  },
});
export const status = (
  station: string,
  value: Extract<DomainEvent, { type: 'ConnectorStatusChanged' }>['data']['status'],
  evseId = 1,
): DomainEvent => ({
  type: 'ConnectorStatusChanged',
  data: { station: stationId(station), evseId, connectorId: 1, status: value, errorCode: null },
});
export const metered = (
  station: string,
  currentA: readonly [number | null, number | null, number | null],
  evseId = 1,
): DomainEvent => ({
  type: 'MeterSampled',
  data: {
    station: stationId(station),
    evseId,
    session: null,
    currentA,
    powerW: null,
    energyWh: null,
    socPct: null,
    remarks: [],
  },
});

export const needsNotified = (
  station: string,
  said: Partial<Extract<DomainEvent, { type: 'ChargingNeedsNotified' }>['data']>,
): DomainEvent => ({
  type: 'ChargingNeedsNotified',
  data: {
    station: stationId(station),
    evseId: 1,
    session: null,
    source: 'driver',
    energyWh: null,
    departAt: null,
    minA: null,
    maxA: null,
    ...said,
  },
});

export interface GrantSpec {
  readonly station: string;
  readonly evseId?: number;
  readonly limitA: number;
  readonly tailA?: number;
  readonly leaseEndsS?: number;
  /** Absent: the default profile. */
  readonly transaction?: string;
}

export function grantOf({ station, evseId = 1, limitA, tailA, leaseEndsS, transaction }: GrantSpec): Grant {
  return {
    connector: key(station, evseId),
    kind: transaction === undefined ? 'idle' : 'session',
    limitA,
    tailA: tailA ?? limitA,
    leaseEndsAt: leaseEndsS === undefined ? null : at(leaseEndsS),
    session: transaction === undefined ? null : session(station, transaction),
    profileId: transaction === undefined ? 710_000 + evseId : 720_000 + evseId,
  };
}

export const requested = (call: string, grant: GrantSpec): DomainEvent => ({
  type: 'CallRequested',
  data: {
    station: stationId(grant.station),
    call,
    action: 'SetChargingProfile',
    payload: {},
    grants: [grantOf(grant)],
    clears: [],
    by: 'engine',
    basis: 0,
    epoch: 0,
    timeoutS: 20,
  },
});
export const answered = (
  station: string,
  call: string,
  outcome: Extract<DomainEvent, { type: 'CallAnswered' }>['data']['outcome'] = 'result',
  answer = 'Accepted',
): DomainEvent => ({
  type: 'CallAnswered',
  data: {
    station: stationId(station),
    call,
    outcome,
    status: outcome === 'result' || outcome === 'error' ? answer : null,
    payload: null,
    description: null,
  },
});

/** A station that is online and has accepted its default profile, at `atS`. */
export const commissioned = (
  station: string,
  { atS = 0, evseIds = [1], idleA = 0 } = {},
): readonly Told[] => [
  [atS, connected(station)],
  ...evseIds.flatMap((evseId): Told[] => [
    [atS, requested(`idle-${station}-${evseId}`, { station, evseId, limitA: idleA })],
    [atS, answered(station, `idle-${station}-${evseId}`)],
  ]),
];

/** A limit that was requested and accepted at `atS`. */
export const granted = (atS: number, call: string, grant: GrantSpec): readonly Told[] => [
  [atS, requested(call, grant)],
  [atS, answered(grant.station, call)],
];

export const phases = (...list: Phase[]): readonly Phase[] => list;

/** What a station said of its limits: nothing but their units. */
export const capable = (id: string, rateUnits: readonly ('A' | 'W')[] = ['A']): DomainEvent => ({
  type: 'StationCapabilitiesRead',
  data: {
    station: stationId(id),
    rateUnits,
    ...{ maxStackLevel: null, maxPeriods: null, maxProfiles: null },
    ...{ phaseSwitching: null, connectorCount: null, raw: {} },
  },
});
