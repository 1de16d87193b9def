// The fold: (state, event) → state, without clock, chance or I/O. The state passed in is used up
// (see state.ts); two folds of the same events give equal states.

import { type ConnectorKey, connectorKey, type StationId, unreachable } from '@ampledger/kernel';
import { evolveTurn } from './deficit.js';
import { NO_PEAK, type Touched, withPeak } from './demand-peak.js';
import type { DomainEvent, EventData, Role } from './event-types.js';
import { evolveCallAnswered, evolveCallRequested } from './evolve-calls.js';
import { evolveMeter } from './evolve-meter.js';
import {
  evolveNeeds,
  evolveSessionEnded,
  evolveSessionStarted,
  evolveSessionUpdated,
} from './evolve-session.js';
import {
  connectorsOfStation,
  evolveBooted,
  evolveConnected,
  evolveDisconnected,
  evolveEngineStarted,
  evolveStatus,
} from './evolve-station.js';
import { NO_HABITS, observeLoad, withoutNodes } from './habits.js';
import { topologyOf } from './links.js';
import { signalOverAt } from './prices.js';
import type { SiteConfig } from './site-config.js';
import {
  type ConnectorState,
  envelopeKey,
  INITIAL_CONNECTOR,
  INITIAL_STATION,
  type SiteState,
  type StationState,
  signalKey,
} from './state.js';

/** What the fold sees of a recorded event. */
export interface FoldEvent {
  readonly id: string;
  readonly position: number;
  readonly type: string;
  readonly data: object;
  readonly meta: { readonly receivedAt: number; readonly stationAt?: number };
}

export const MAX_OPERATOR_CALLS = 100;
const MAX_SIGNALS = 32;

/** Folds an event of the site; undefined stays undefined until the site is configured. */
export function evolve(state: SiteState | undefined, event: FoldEvent): SiteState | undefined {
  const known = { type: event.type, data: event.data } as DomainEvent;
  const before = state ?? (known.type === 'SiteConfigured' ? emptySite(known.data.site) : undefined);
  if (before === undefined) return undefined;
  if (known.type === 'SiteRemoved') return undefined;
  if ('station' in known.data) heard(before, known.data.station, event);
  const touched = touchedBy(before, known);
  if (touched === null) apply(before, known, event);
  else withPeak(before, touched, event.meta.receivedAt, () => apply(before, known, event));
  before.position = event.position;
  before.seq++;
  before.receivedAt = event.meta.receivedAt;
  return before;
}

/** What of the flow at the grid connection an event may change; null: nothing. */
function touchedBy(state: SiteState, { type, data }: DomainEvent): Touched | null {
  switch (type) {
    case 'SiteConfigured':
      return { kind: 'all' };
    case 'StationBooted':
    case 'StationConnected':
      return ofStation(state, data.station);
    case 'NodeLoadMeasured':
      return { kind: 'load', node: data.node };
    case 'MeterSampled':
    case 'ConnectorStatusChanged':
    case 'SessionStarted':
    case 'SessionUpdated':
    case 'SessionEnded': {
      if (data.evseId === null) return ofStation(state, data.station);
      const placed = topologyOf(state.config).byKey.get(connectorKey(data.station, data.evseId));
      if (placed !== undefined) return { kind: 'connectors', placed: [placed] };
      // A station's main meter is nobody's draw.
      return type === 'MeterSampled' ? null : ofStation(state, data.station);
    }
    default:
      return null;
  }
}

function ofStation(state: SiteState, station: StationId): Touched {
  const { byKey } = topologyOf(state.config);
  const placed = connectorsOfStation(state, station).flatMap((key) => byKey.get(key) ?? []);
  return { kind: 'connectors', placed };
}

function apply(state: SiteState, event: DomainEvent, { meta, id }: FoldEvent): void {
  const at = meta.receivedAt;
  switch (event.type) {
    case 'SiteConfigured':
      return configure(state, event.data.site);
    case 'EngineStarted':
      return evolveEngineStarted(state);
    case 'OwnerClaimed':
      return claimed(state, event.data);
    case 'EnvelopeSet':
      dropOver(state.envelopes, at);
      state.envelopes.set(envelopeKey(event.data.source, event.data.node), event.data);
      return touch(state);
    case 'EnvelopeRemoved':
      state.envelopes.delete(envelopeKey(event.data.source, event.data.node));
      return touch(state);
    case 'NodeLoadMeasured':
      state.loads.set(event.data.node, { loadA: event.data.loadA, at });
      state.habits = observeLoad(state.habits, event.data.node, event.data.loadA, at);
      return touch(state);
    case 'StationConnected':
      return evolveConnected(state, event.data, at);
    case 'StationDisconnected':
      return evolveDisconnected(state, event.data);
    case 'StationBooted':
      return evolveBooted(state, event.data, at);
    case 'StationCapabilitiesRead': {
      const { station, ...capabilities } = event.data;
      return updateStation(state, station, (s) => ({
        ...s,
        capabilities,
        switchesPhases: capabilities.phaseSwitching ?? s.switchesPhases,
        readAt: at,
      }));
    }
    case 'ConnectorStatusChanged':
      return evolveStatus(state, event.data, meta);
    case 'SessionStarted':
      return evolveSessionStarted(state, event.data, meta);
    case 'SessionUpdated':
      return evolveSessionUpdated(state, event.data, meta);
    case 'SessionEnded':
      return evolveSessionEnded(state, event.data, meta);
    case 'MeterSampled':
      return evolveMeter(state, event.data, meta);
    case 'ChargingNeedsNotified':
      return evolveNeeds(state, event.data, at);
    case 'SignalSet':
      return signalSet(state, event.data, at);
    case 'SignalRemoved':
      state.signals.delete(signalKey(event.data.source, event.data.signal));
      return touch(state);
    case 'BatteryLevelReported':
      state.battery = { storedWh: event.data.storedWh, at };
      return touch(state);
    case 'PlanMade':
      if (isStale(state, 'optimizer', event.data.epoch)) return;
      state.plan = event.data;
      return touch(state);
    case 'LimitsAllocated':
      return isStale(state, 'optimizer', event.data.epoch) ? undefined : allocated(state, event.data);
    case 'OperatorCallRequested':
      return operatorCallRequested(state, event.data, at, id);
    case 'OperatorCallRefused':
      return dropOperatorCall(state, event.data.call);
    case 'CallRequested':
      if (isStale(state, 'command', event.data.epoch)) return;
      dropOperatorCall(state, event.data.call);
      return evolveCallRequested(state, event.data, at);
    case 'CallAnswered':
      return evolveCallAnswered(state, event.data, at);
    case 'ConnectorDisobeyed':
      touch(state);
      return updateConnector(state, event.data.connector, (c) => ({
        ...c,
        disobeys: { since: at, drawA: event.data.drawA, goodSamples: 0 },
      }));
    case 'ConnectorObeyedAgain':
      touch(state);
      return updateConnector(state, event.data.connector, (c) => ({ ...c, disobeys: null }));
    case 'SiteRemoved':
    case 'StationVariablesReported':
    case 'StationEventNotified':
    case 'DataTransferReceived':
    case 'AuthorizationAnswered':
      return;
    default:
      return unreachable(event);
  }
}

function emptySite(config: SiteConfig): SiteState {
  return {
    site: config.id,
    config,
    position: 0,
    seq: 0,
    receivedAt: 0,
    revision: 0,
    envelopes: new Map(),
    loads: new Map(),
    stations: new Map(),
    connectors: new Map(),
    operatorCalls: [],
    recentSessions: [],
    owners: { optimizer: null, command: null },
    allocatedAt: null,
    allocatedBasis: 0,
    signals: new Map(),
    plan: null,
    battery: null,
    peak: NO_PEAK,
    habits: NO_HABITS,
  };
}

/** Stations that stay keep all that is known of them; what is gone from the file is forgotten. */
function configure(state: SiteState, config: SiteConfig): void {
  const stations = new Map(state.stations);
  const connectors = new Map(state.connectors);
  state.stations.clear();
  state.connectors.clear();
  for (const station of config.stations) {
    state.stations.set(station.id, stations.get(station.id) ?? INITIAL_STATION);
    for (const { evseId } of station.connectors) {
      const key = connectorKey(station.id, evseId);
      state.connectors.set(key, connectors.get(key) ?? INITIAL_CONNECTOR);
    }
  }
  const nodes = new Set(config.nodes.map((node) => node.id));
  for (const [key, envelope] of state.envelopes) if (!nodes.has(envelope.node)) state.envelopes.delete(key);
  for (const node of state.loads.keys()) if (!nodes.has(node)) state.loads.delete(node);
  state.habits = withoutNodes(state.habits, (node) => nodes.has(node));
  state.config = config;
  touch(state);
}

function heard(state: SiteState, station: StationId, event: FoldEvent): void {
  if (!isStationsWord(event)) return;
  const known = state.stations.get(station);
  if (known) state.stations.set(station, { ...known, lastHeardAt: event.meta.receivedAt });
}

/** Whether the station itself spoke: not our own words to it, nor the answers it did not give. */
function isStationsWord({ type, data }: FoldEvent): boolean {
  if (type === 'CallAnswered')
    return 'outcome' in data && (data.outcome === 'result' || data.outcome === 'error');
  return type !== 'CallRequested' && type !== 'OperatorCallRequested' && type !== 'OperatorCallRefused';
}

/** Decided by one whose role somebody else has taken over: as if it had not been decided. */
export const isStale = (state: SiteState, role: Role, epoch: number): boolean =>
  epoch < (state.owners[role]?.epoch ?? 0);

function claimed(state: SiteState, { role, epoch, owner }: EventData<'OwnerClaimed'>): void {
  if (epoch <= (state.owners[role]?.epoch ?? 0)) return;
  state.owners = { ...state.owners, [role]: { epoch, owner } };
}

function allocated(state: SiteState, data: EventData<'LimitsAllocated'>): void {
  state.allocatedAt = data.at;
  state.allocatedBasis = data.basis;
  for (const allocation of data.allocations) {
    updateConnector(state, allocation.connector, (c) => ({
      ...c,
      allocation,
      // A car that is switched off may come back on other phases: it is to show them anew.
      usage:
        allocation.limitA === 0 && c.usage.phases !== null
          ? { ...c.usage, phases: null, seen: null }
          : c.usage,
      turn: evolveTurn(c.turn, { held: c.allocation, next: allocation, at: data.at }),
    }));
  }
}

/** What is over is forgotten when something new is said, and of too many sources the one heard longest ago. */
function signalSet(state: SiteState, data: EventData<'SignalSet'>, at: number): void {
  const { signals } = state;
  for (const [key, signal] of signals) if (signalOverAt(signal) <= at) signals.delete(key);
  const key = signalKey(data.source, data.signal);
  // In the order in which they were heard.
  signals.delete(key);
  signals.set(key, { ...data, heardAt: at });
  const [oldest] = signals.keys();
  if (signals.size > MAX_SIGNALS && oldest !== undefined) signals.delete(oldest);
  touch(state);
}

function operatorCallRequested(
  state: SiteState,
  data: EventData<'OperatorCallRequested'>,
  at: number,
  eventId: string,
): void {
  const waiting = { ...data, requestedAt: at, eventId };
  state.operatorCalls = [...state.operatorCalls, waiting].slice(-MAX_OPERATOR_CALLS);
}

/** Envelopes whose time is over are forgotten when a new one comes. */
function dropOver(envelopes: SiteState['envelopes'], at: number): void {
  for (const [key, { to }] of envelopes) if (to !== null && to <= at) envelopes.delete(key);
}

function dropOperatorCall(state: SiteState, call: string): void {
  if (state.operatorCalls.some((c) => c.call === call)) {
    state.operatorCalls = state.operatorCalls.filter((c) => c.call !== call);
  }
}

export function touch(state: SiteState): void {
  state.revision++;
}

export function updateStation(
  state: SiteState,
  id: StationId,
  change: (s: StationState) => StationState,
): void {
  const station = state.stations.get(id);
  if (station) state.stations.set(id, change(station));
}

export function updateConnector(
  state: SiteState,
  key: ConnectorKey,
  change: (c: ConnectorState) => ConnectorState,
): void {
  const connector = state.connectors.get(key);
  if (connector) state.connectors.set(key, change(connector));
}
