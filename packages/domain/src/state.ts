// A site's state: the fold of its events, and nothing else. Entities are immutable values; the
// maps that hold them belong to the fold, which replaces entries in place (copying a map of a
// thousand connectors for every meter reading would cost more than the reading itself).

import type { ConnectorKey, NodeId, PerPhase, Phase, SessionId, SiteId, StationId } from '@ampledger/kernel';
import type { DemandPeak } from './demand-peak.js';
import type {
  Allocation,
  ConnectorStatus,
  EnvelopeData,
  EventData,
  Grant,
  Protocol,
  Role,
} from './event-types.js';
import type { Habits } from './habits.js';
import type { SiteConfig } from './site-config.js';

/** Raised with every change of what the fold makes of events: older snapshots are then not used. */
export const FOLD_VERSION = 8;

export type Capabilities = Omit<EventData<'StationCapabilitiesRead'>, 'station'>;

export interface OpenCall {
  readonly call: string;
  readonly action: string;
  readonly at: number;
  readonly timeoutS: number;
  /** Profiles that an Accepted answer ends. */
  readonly clears: EventData<'CallRequested'>['clears'];
}

export interface StationState {
  readonly online: boolean;
  readonly everConnected: boolean;
  readonly connection: string | null;
  readonly protocol: Protocol | null;
  readonly connectedAt: number | null;
  readonly lastHeardAt: number | null;
  /** Boots heard of: what was accepted in an earlier one is to be set anew. */
  readonly boots: number;
  /** Since when the station has been running without a confirmed default profile; null when it has one. */
  readonly unsureSince: number | null;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly capabilities: Capabilities | null;
  /** It chooses phases by itself, by the last that it said of that: kept over boots, after which it is asked again. */
  readonly switchesPhases: boolean;
  /** When a reading call was last answered, whatever the answer, and how many were made since the last boot or connect. */
  readonly readAt: number | null;
  readonly readTries: number;
  /** By how much the station's clock is behind ours at least, ms; null until it sent a timestamp. */
  readonly clockLagMs: number | null;
  /** An age that stamps keep having: a slow clock, where buffered samples would grow younger. */
  readonly suspectLag: { readonly ageMs: number; readonly samples: number } | null;
  readonly openCalls: readonly OpenCall[];
}

export interface OpenGrant {
  readonly call: string;
  readonly grant: Grant;
  readonly requestedAt: number;
  readonly by: EventData<'CallRequested'>['by'];
  /**
   * `unknown`: no answer came; the station may hold it or not. `lingering`: the same, but a later limit
   * has been accepted since; a slow station may still act on the earlier one.
   */
  readonly state: 'in-flight' | 'unknown' | 'lingering';
}

export interface AcceptedGrant {
  readonly grant: Grant;
  readonly acceptedAt: number;
  /** In which boot and on which connection. */
  readonly boot: number;
  readonly connection: string | null;
}

/** A profile that an operator sent by hand, at its worst case. */
export interface ManualGrant {
  readonly grant: Grant;
}

/** What the station is known to hold for one connector, and what it may hold. */
export interface ConnectorLedger {
  readonly session: AcceptedGrant | null;
  readonly idle: AcceptedGrant | null;
  /** Limits that were in force until lately, newest first: a car may be on its way down from them. */
  readonly past: readonly { readonly limitA: number; readonly until: number }[];
  readonly open: readonly OpenGrant[];
  readonly manual: readonly ManualGrant[];
  /** Consecutive refusals or silences since the last acceptance, and when the last was. */
  readonly refusals: number;
  readonly refusedAt: number | null;
  readonly raisedAt: number | null;
}

export interface SessionState {
  readonly id: SessionId;
  readonly transaction: string;
  readonly startedAt: number;
  /** The station's own stamp of the start. */
  readonly stationAt: number | null;
  readonly idToken: string | null;
  readonly meterStartWh: number | null;
  readonly meterLastWh: number | null;
  /** What the car or its driver said; null: nothing. */
  readonly needs: SessionNeeds | null;
  /** The station has booted since it began: its end may be lost. */
  readonly overBoot: boolean;
}

export interface SessionNeeds {
  /** Watt-hours from `saidAt` on, and what the meter showed then. */
  readonly energyWh: number | null;
  readonly energySaidAt: number | null;
  readonly energyFromWh: number | null;
  readonly departAt: number | null;
  readonly minA: number | null;
  readonly maxA: number | null;
  readonly source: EventData<'ChargingNeedsNotified'>['source'];
}

export interface MeterState {
  /** Time of receipt, and the station's own time. */
  readonly at: number;
  readonly stationAt: number | null;
  /** Amperes on the grid's phases. */
  readonly drawA: PerPhase;
  /** Currents were measured; otherwise they are worked out from power, evenly. */
  readonly exact: boolean;
  /** On how many phases the reading showed a current; 0: none, or it does not tell them apart. */
  readonly phasesShown: number;
  /** It drew more than it may have held at any moment of the time that it may take to obey. */
  readonly overdrawn: boolean;
}

/** How much of its offer the car takes. */
export interface UsageState {
  /** The car needs no more than this; null: it takes what it gets. */
  readonly capA: number | null;
  /** Since when it has been drawing less than offered. */
  readonly lowSince: number | null;
  /** Grid phases that the car was seen to use, of those it is wired to; null: not known, so any of them. */
  readonly phases: readonly Phase[] | null;
  /** Phases that readings in a row showed, and since when: they hold once they have been seen long enough. */
  readonly seen: {
    readonly phases: readonly Phase[];
    readonly since: number;
    readonly samples: number;
  } | null;
  /** It used other phases than those that had been learned: nothing is learned of it any more. */
  readonly changed: boolean;
  /** The most phases that it drew on at once in this session, and whether it has drawn on fewer since. */
  readonly phasesMost: number;
  readonly onFewer: boolean;
}

/** A session that must be over by what the station said of something else. */
export interface ConcludedSession {
  readonly session: SessionId;
  /** As it was: it goes on with its start, its needs, its register, and what was seen of its car's phases. */
  readonly was: SessionState;
  readonly usage: UsageState;
  /** The station's own stamp of what it said. */
  readonly stationAt: number | null;
  /** What it held: it counts again if the session goes on after all. */
  readonly held: Pick<ConnectorLedger, 'session' | 'open' | 'manual'>;
}

export interface ConnectorState {
  readonly status: ConnectorStatus | null;
  /** Per physical outlet of the EVSE. */
  readonly outlets: Readonly<Record<number, ConnectorStatus>>;
  readonly session: SessionState | null;
  /** Sessions that ended here lately: what still arrives for them changes no present state. */
  readonly ended: readonly SessionId[];
  /** The last of them whose end was never told. */
  readonly concluded: ConcludedSession | null;
  readonly meter: MeterState | null;
  readonly usage: UsageState;
  readonly ledger: ConnectorLedger;
  readonly disobeys: { readonly since: number; readonly drawA: number; readonly goodSamples: number } | null;
  readonly allocation: Allocation | null;
  readonly turn: Turn;
}

/** On or off by the optimizer's word, and since when; and what it was short of its fair share, ampere-hours. */
export interface Turn {
  readonly on: boolean;
  readonly since: number;
  readonly deficitAh: number;
  /** Until when the deficit is reckoned. */
  readonly deficitAt: number;
}

export interface PendingOperatorCall {
  readonly station: StationId;
  readonly call: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
  readonly requestedAt: number;
  readonly eventId: string;
}

export interface EndedSession extends SessionState {
  readonly connector: ConnectorKey;
  readonly endedAt: number;
}

export interface Owner {
  readonly epoch: number;
  readonly owner: string;
}

export interface SiteState {
  readonly site: SiteId;
  config: SiteConfig;
  /** Last event folded. */
  position: number;
  /** How many of the site's events were folded: what decisions name as their basis, in whatever log. */
  seq: number;
  receivedAt: number;
  /** Counts changes that an allocation may depend on. */
  revision: number;
  readonly envelopes: Map<string, EnvelopeData>;
  readonly loads: Map<NodeId, { readonly loadA: PerPhase; readonly at: number }>;
  readonly stations: Map<StationId, StationState>;
  readonly connectors: Map<ConnectorKey, ConnectorState>;
  operatorCalls: readonly PendingOperatorCall[];
  recentSessions: readonly EndedSession[];
  /** Who may decide; null: nobody ever claimed the role. */
  owners: Readonly<Record<Role, Owner | null>>;
  /** When the last allocation was made, and how many events it knew of. */
  allocatedAt: number | null;
  allocatedBasis: number;
  /** By source and signal. */
  readonly signals: Map<string, StoredSignal>;
  plan: PlanData | null;
  /** What the site's battery last told of itself, and when. */
  battery: { readonly storedWh: number; readonly at: number } | null;
  /** The month's highest quarter-hour at the grid connection. */
  peak: DemandPeak;
  /** What the site's own history says of arrivals, stays and loads. */
  habits: Habits;
}

export type SignalData = EventData<'SignalSet'>;
/** A signal with the time of its receipt. */
export type StoredSignal = SignalData & { readonly heardAt: number };
export type PlanData = EventData<'PlanMade'>;
export const signalKey = (source: string, signal: SignalData['signal']): string => `${signal}@${source}`;

export const INITIAL_STATION: StationState = {
  online: false,
  everConnected: false,
  connection: null,
  protocol: null,
  connectedAt: null,
  lastHeardAt: null,
  boots: 0,
  unsureSince: null,
  vendor: null,
  model: null,
  firmware: null,
  capabilities: null,
  switchesPhases: false,
  readAt: null,
  readTries: 0,
  clockLagMs: null,
  suspectLag: null,
  openCalls: [],
};

export const NO_USAGE: UsageState = {
  capA: null,
  lowSince: null,
  phases: null,
  seen: null,
  changed: false,
  phasesMost: 0,
  onFewer: false,
};

export const INITIAL_CONNECTOR: ConnectorState = {
  status: null,
  outlets: {},
  session: null,
  ended: [],
  concluded: null,
  meter: null,
  usage: NO_USAGE,
  ledger: {
    session: null,
    idle: null,
    past: [],
    open: [],
    manual: [],
    refusals: 0,
    refusedAt: null,
    raisedAt: null,
  },
  disobeys: null,
  allocation: null,
  turn: { on: false, since: 0, deficitAh: 0, deficitAt: 0 },
};

export const envelopeKey = (source: string, node: NodeId): string => `${source}@${node}`;

/** The state as JSON, and back: for snapshots and for comparing. */
export function serializeState(state: SiteState): object {
  return {
    ...state,
    envelopes: [...state.envelopes],
    loads: [...state.loads],
    stations: [...state.stations],
    connectors: [...state.connectors],
    signals: [...state.signals],
  };
}

export function deserializeState(json: object): SiteState {
  const raw = structuredClone(json) as Omit<
    SiteState,
    'envelopes' | 'loads' | 'stations' | 'connectors' | 'signals'
  > & {
    signals: [string, StoredSignal][];
    envelopes: [string, EnvelopeData][];
    loads: [NodeId, { loadA: PerPhase; at: number }][];
    stations: [StationId, StationState][];
    connectors: [ConnectorKey, ConnectorState][];
  };
  return {
    ...raw,
    envelopes: new Map(raw.envelopes),
    loads: new Map(raw.loads),
    stations: new Map(raw.stations),
    connectors: new Map(raw.connectors),
    signals: new Map(raw.signals),
  };
}
