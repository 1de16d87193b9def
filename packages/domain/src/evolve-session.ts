// Sessions and meters.

import {
  type ConnectorKey,
  connectorKey,
  mapPhases,
  type PerPhase,
  type SessionId,
  type StationId,
  ZERO,
} from '@ampledger/kernel';
import { ledgerInput } from './counted.js';
import type { EventData } from './event-types.js';
import { touch, updateConnector, updateStation } from './evolve.js';
import { acceptedA, exceeds, isOverdrawn, type LedgerInput } from './ledger.js';
import { type PlacedConnector, topologyOf } from './links.js';
import type { ConnectorState, SessionState, SiteState } from './state.js';
import { evolveUsage } from './usage.js';

const ENDED_KEPT = 16;
const RECENT_KEPT = 50;
/** A sample older than this on arrival was buffered: history, not the present. */
const BUFFERED_MS = 60_000;
/** Stamps before this are of a clock that was never set. */
const CLOCK_SET_AFTER = Date.UTC(2020, 0, 1);

export function evolveSessionStarted(
  state: SiteState,
  data: EventData<'SessionStarted'>,
  { receivedAt: at, stationAt = null }: { readonly receivedAt: number; readonly stationAt?: number | null },
): void {
  const key = connectorKey(data.station, data.evseId);
  const before = state.connectors.get(key);
  if (!before || before.session?.id === data.session || before.ended.includes(data.session)) return;
  // A start that is replayed after a later one began is history.
  const running = before.session?.stationAt ?? null;
  if (running !== null && stationAt !== null && stationAt < running)
    return endNamed(state, key, data.session, at);
  if (before.session !== null) endSession(state, key, at);
  openSession(state, key, {
    id: data.session,
    transaction: data.transaction,
    startedAt: at,
    stationAt,
    idToken: data.idToken,
    meterStartWh: data.meterStartWh,
    meterLastWh: data.meterStartWh,
  });
}

/** A session whose start we never heard of is opened by its first update. */
export function evolveSessionUpdated(state: SiteState, data: EventData<'SessionUpdated'>, at: number): void {
  const key = connectorKey(data.station, data.evseId);
  const before = state.connectors.get(key);
  if (!before || before.ended.includes(data.session)) return;
  if (before.session?.id !== data.session) {
    if (before.session !== null) return;
    const { session: id, transaction } = data;
    const unknown = { stationAt: null, idToken: null, meterStartWh: null, meterLastWh: null };
    openSession(state, key, { id, transaction, startedAt: at, ...unknown });
  }
  if (data.status === null || state.connectors.get(key)?.status === data.status) return;
  updateConnector(state, key, (c) => ({ ...c, status: data.status }));
  touch(state);
}

/** A new transaction: profiles of the one before are gone (OCPP 1.6 section 3.13.1). */
function openSession(state: SiteState, key: ConnectorKey, session: SessionState): void {
  updateConnector(state, key, (c) => ({
    ...c,
    session,
    usage: { capA: null, lowSince: null },
    turn: { on: false, since: session.startedAt },
    ledger: withoutSessionsBut(c.ledger, session.id),
  }));
  touch(state);
}

export function evolveSessionEnded(state: SiteState, data: EventData<'SessionEnded'>, at: number): void {
  const key =
    data.evseId === null
      ? findSession(state, data.station, data.session)
      : connectorKey(data.station, data.evseId);
  if (key === undefined) return;
  if (data.meterStopWh !== null) recordEnergy(state, key, data.session, data.meterStopWh);
  endNamed(state, key, data.session, at);
}

function findSession(state: SiteState, station: StationId, session: SessionId): ConnectorKey | undefined {
  for (const [key, connector] of state.connectors) {
    if (connector.session?.id === session && key.startsWith(`${station}/`)) return key;
  }
  return undefined;
}

/** Ends the session that runs at a connector. */
export function endSession(state: SiteState, key: ConnectorKey, at: number): void {
  const session = state.connectors.get(key)?.session;
  if (session) endNamed(state, key, session.id, at);
}

function endNamed(state: SiteState, key: ConnectorKey, session: SessionId, at: number): void {
  const before = state.connectors.get(key);
  if (!before || before.ended.includes(session)) return;
  const ended = [session, ...before.ended].slice(0, ENDED_KEPT);
  if (before.session?.id !== session) {
    state.connectors.set(key, { ...before, ended });
    return;
  }
  state.recentSessions = [{ ...before.session, connector: key, endedAt: at }, ...state.recentSessions].slice(
    0,
    RECENT_KEPT,
  );
  state.connectors.set(key, {
    ...before,
    ended,
    session: null,
    usage: { capA: null, lowSince: null },
    meter: before.meter === null ? null : { ...before.meter, at, drawA: ZERO, overdrawn: false },
    ledger: withoutSessionsBut(before.ledger, null),
  });
  touch(state);
}

/** Drops what was granted to other sessions: their profiles ended with them. */
function withoutSessionsBut(
  ledger: ConnectorState['ledger'],
  keep: SessionId | null,
): ConnectorState['ledger'] {
  const kept = (grant: { kind: string; session: SessionId | null }): boolean =>
    grant.kind === 'idle' || (keep !== null && grant.session === keep);
  return {
    ...ledger,
    session: ledger.session !== null && kept(ledger.session.grant) ? ledger.session : null,
    open: ledger.open.filter((open) => kept(open.grant)),
    manual: ledger.manual.filter((manual) => kept(manual.grant)),
    refusals: 0,
    refusedAt: null,
  };
}

export function evolveMeter(
  state: SiteState,
  data: EventData<'MeterSampled'>,
  meta: { readonly receivedAt: number; readonly stationAt?: number },
): void {
  learnClock(state, data.station, meta);
  const key = connectorKey(data.station, data.evseId);
  const placed = topologyOf(state.config).byKey.get(key);
  const before = state.connectors.get(key);
  if (!placed || !before) return;
  if (data.energyWh !== null && data.session !== null) recordEnergy(state, key, data.session, data.energyWh);
  const drawA = drawOf(data, placed, state.config.voltageV);
  if (drawA === null || !isLive(before, data, meta)) return;
  if (data.session !== null && before.ended.includes(data.session)) return;
  const overdrawn = isOverdrawn(ledgerInput(state, placed), Math.max(...drawA), meta.receivedAt);
  if (overdrawn || before.meter?.overdrawn) touch(state);
  const meter = { at: meta.receivedAt, stationAt: meta.stationAt ?? null, drawA, overdrawn };
  updateConnector(state, key, (c) => ({ ...c, meter }));
  evolveUse(state, placed, Math.max(...drawA), meta.receivedAt);
}

/** The station's lag is the least age that any of its stamps had on arrival on this connection. */
function learnClock(
  state: SiteState,
  station: StationId,
  meta: { receivedAt: number; stationAt?: number },
): void {
  const { stationAt } = meta;
  if (stationAt === undefined) return;
  const lagMs = meta.receivedAt - stationAt;
  const known = state.stations.get(station)?.clockLagMs ?? null;
  if (known === null || lagMs < known) updateStation(state, station, (s) => ({ ...s, clockLagMs: lagMs }));
}

/** Whether a sample tells of the present: an older one never takes the place of a newer (lesson of the field). */
function isLive(
  connector: ConnectorState,
  { remarks }: EventData<'MeterSampled'>,
  meta: { readonly receivedAt: number; readonly stationAt?: number },
): boolean {
  if (remarks.includes('offline') || remarks.includes('transaction-data')) return false;
  const { stationAt } = meta;
  if (stationAt === undefined || stationAt < CLOCK_SET_AFTER) return true;
  if (meta.receivedAt - stationAt > BUFFERED_MS) return false;
  const last = connector.meter?.stationAt;
  return last === undefined || last === null || stationAt >= last;
}

/** Amperes on the grid's phases, from the station's own phase order; from power where there are no currents. */
function drawOf(data: EventData<'MeterSampled'>, placed: PlacedConnector, voltageV: number): PerPhase | null {
  const { phases } = placed.config;
  const { currentA, powerW } = data;
  if (currentA?.some((value) => value !== null)) {
    return mapPhases((phase) => Math.abs(currentA[phases.indexOf(phase) as 0 | 1 | 2] ?? 0));
  }
  if (powerW === null) return null;
  const eachA = Math.abs(powerW) / (voltageV * phases.length);
  return mapPhases((phase) => (phases.includes(phase) ? eachA : 0));
}

function evolveUse(state: SiteState, placed: PlacedConnector, drawA: number, at: number): void {
  const input = ledgerInput(state, placed);
  const usage = evolveUsage(input, drawA, at);
  const { connector } = input;
  const disobeys = countGood(connector, input, drawA, at);
  if (usage === connector.usage && disobeys === connector.disobeys) return;
  if (usage.capA !== connector.usage.capA) touch(state);
  state.connectors.set(placed.key, { ...connector, usage, disobeys });
}

/** A disobeying connector shows that it obeys again when it draws less than it did, at the limit it holds. */
function countGood(
  connector: ConnectorState,
  input: LedgerInput,
  drawA: number,
  at: number,
): ConnectorState['disobeys'] {
  const { disobeys } = connector;
  if (disobeys === null) return null;
  const limitA = acceptedA(input, at);
  const shows = limitA !== null && drawA > 0 && !exceeds(drawA, limitA) && drawA < disobeys.drawA - 1;
  return { ...disobeys, goodSamples: shows ? disobeys.goodSamples + 1 : 0 };
}

function recordEnergy(state: SiteState, key: ConnectorKey, session: SessionId, energyWh: number): void {
  // The end of a session may be heard after the connector was seen without a car.
  if (state.connectors.get(key)?.ended.includes(session) !== true)
    return recordRunning(state, key, session, energyWh);
  state.recentSessions = state.recentSessions.map((ended) =>
    ended.id === session
      ? { ...ended, meterLastWh: Math.max(ended.meterLastWh ?? energyWh, energyWh) }
      : ended,
  );
}

function recordRunning(state: SiteState, key: ConnectorKey, session: SessionId, energyWh: number): void {
  updateConnector(state, key, (c) => {
    if (c.session?.id !== session) return c;
    const meterStartWh = c.session.meterStartWh ?? energyWh;
    const meterLastWh = Math.max(c.session.meterLastWh ?? energyWh, energyWh);
    return { ...c, session: { ...c.session, meterStartWh, meterLastWh } };
  });
}
