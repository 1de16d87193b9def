// Sessions and meters.

import {
  type ConnectorKey,
  connectorKey,
  mapPhases,
  type PerPhase,
  type Phase,
  type SessionId,
  type StationId,
  ZERO,
} from '@ampledger/kernel';
import { CLOCK_SET_AFTER, observeStamp, orderingStamp } from './clock-lag.js';
import { ledgerInput } from './counted.js';
import type { EventData } from './event-types.js';
import { touch, updateConnector } from './evolve.js';
import { acceptedA, exceeds, isOverdrawn, type LedgerInput } from './ledger.js';
import { type PlacedConnector, topologyOf } from './links.js';
import { type ConnectorState, NO_USAGE, type SessionState, type SiteState } from './state.js';
import { evolveUsage } from './usage.js';

const ENDED_KEPT = 16;
const RECENT_KEPT = 50;
const LONG_ON_ITS_WAY_MS = 60_000;

export function evolveSessionStarted(
  state: SiteState,
  data: EventData<'SessionStarted'>,
  { receivedAt: at, stationAt = null }: Stamps,
): void {
  const key = connectorKey(data.station, data.evseId);
  const before = state.connectors.get(key);
  if (!before || before.session?.id === data.session || before.ended.includes(data.session)) return;
  // A start that is replayed after a later one began is history.
  if (before.session !== null && isEarlier(at, stationAt, before.session.stationAt))
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
    needs: null,
  });
}

interface Stamps {
  readonly receivedAt: number;
  readonly stationAt?: number | null;
}

/**
 * Whether a start is of before the session that runs. Clocks that were never set put nothing in
 * order; beside a session without a stamp, a start that was long on its way is an earlier one.
 */
function isEarlier(at: number, start: number | null, running: number | null): boolean {
  if (start === null || start < CLOCK_SET_AFTER) return false;
  if (running === null) return at - start > LONG_ON_ITS_WAY_MS;
  return running >= CLOCK_SET_AFTER && start < running;
}

/** A session whose start we never heard of is opened by its first update. */
export function evolveSessionUpdated(
  state: SiteState,
  data: EventData<'SessionUpdated'>,
  { receivedAt: at, stationAt = null }: Stamps,
): void {
  const key = connectorKey(data.station, data.evseId);
  const before = state.connectors.get(key);
  if (!before || before.ended.includes(data.session)) return;
  if (before.session?.id !== data.session) {
    if (before.session !== null) return;
    const { session: id, transaction } = data;
    const unknown = { stationAt, idToken: null, meterStartWh: null, meterLastWh: null, needs: null };
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
    usage: NO_USAGE,
    turn: { on: false, since: session.startedAt, deficitAh: 0, deficitAt: session.startedAt },
    ledger: withoutSessionsBut(c.ledger, session.id),
  }));
  touch(state);
}

export function evolveSessionEnded(
  state: SiteState,
  data: EventData<'SessionEnded'>,
  { receivedAt: at, stationAt }: { readonly receivedAt: number; readonly stationAt?: number },
): void {
  const key =
    data.evseId === null
      ? findSession(state, data.station, data.session)
      : connectorKey(data.station, data.evseId);
  if (key === undefined) return;
  if (data.meterStopWh !== null) recordEnergy(state, key, data.session, data.meterStopWh);
  endNamed(state, key, data.session, at);
  // What was sampled before the end and comes after it is history.
  const stamp = orderingStamp(at, stationAt);
  updateConnector(state, key, (c) =>
    c.meter === null || stamp === null
      ? c
      : { ...c, meter: { ...c.meter, stationAt: Math.max(stamp, c.meter.stationAt ?? 0) } },
  );
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
    usage: NO_USAGE,
    meter: before.meter === null ? null : { ...before.meter, at, drawA: ZERO, exact: true, overdrawn: false },
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
  const key = connectorKey(data.station, data.evseId);
  const placed = topologyOf(state.config).byKey.get(key);
  const before = state.connectors.get(key);
  if (!placed || !before) return;
  if (data.energyWh !== null && data.session !== null) recordEnergy(state, key, data.session, data.energyWh);
  const live = stampIsLive(state, data, meta);
  const draw = drawOf(data, placed, state.config.voltageV);
  const stationAt = orderingStamp(meta.receivedAt, meta.stationAt);
  if (draw === null || !live || !isNewest(before, stationAt)) return;
  if (data.session !== null && before.ended.includes(data.session)) return;
  const { drawA, exact } = draw;
  const overdrawn = isOverdrawn(ledgerInput(state, placed), Math.max(...drawA), meta.receivedAt);
  if (overdrawn || before.meter?.overdrawn) touch(state);
  const meter = { at: meta.receivedAt, stationAt, drawA, exact, overdrawn };
  updateConnector(state, key, (c) => ({ ...c, meter }));
  evolveUse(state, placed, Math.max(...drawA), meta.receivedAt);
}

/** Whether a sample tells of the present, by the station's clock; what the stamp says of it is kept. */
function stampIsLive(
  state: SiteState,
  { station: id, remarks }: EventData<'MeterSampled'>,
  { receivedAt, stationAt }: { readonly receivedAt: number; readonly stationAt?: number },
): boolean {
  if (remarks.includes('offline') || remarks.includes('transaction-data')) return false;
  const station = state.stations.get(id);
  if (stationAt === undefined || station === undefined) return true;
  const { clock, live } = observeStamp(station, { receivedAt, stationAt });
  state.stations.set(id, { ...station, ...clock });
  return live;
}

/** An older sample never takes the place of a newer one (lesson of the field). */
function isNewest({ meter }: ConnectorState, stamp: number | null): boolean {
  const last = meter?.stationAt ?? null;
  return stamp === null || last === null || stamp >= last;
}

/**
 * Amperes on the grid's phases, from the station's own phase order. A connector with fewer phases may
 * name the grid's instead. Without currents: from power, as if it were even; that is not exact.
 */
function drawOf(
  { currentA, powerW }: EventData<'MeterSampled'>,
  { config: { phases } }: PlacedConnector,
  voltageV: number,
): { readonly drawA: PerPhase; readonly exact: boolean } | null {
  if (currentA?.some((value) => value !== null)) {
    const byGrid = currentA.some((value, i) => i >= phases.length && (value ?? 0) !== 0);
    const on = (phase: Phase): number => (byGrid ? phase : phases.indexOf(phase));
    const drawA = mapPhases((p) => (phases.includes(p) ? Math.abs(currentA[on(p) as Phase] ?? 0) : 0));
    return { drawA, exact: true };
  }
  if (powerW === null) return null;
  const eachA = Math.abs(powerW) / (voltageV * phases.length);
  return { drawA: mapPhases((phase) => (phases.includes(phase) ? eachA : 0)), exact: phases.length === 1 };
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

/** A disobeying connector shows that it obeys again when it keeps to a limit below its rating. */
function countGood(
  connector: ConnectorState,
  input: LedgerInput,
  drawA: number,
  at: number,
): ConnectorState['disobeys'] {
  const { disobeys } = connector;
  if (disobeys === null) return null;
  const limitA = acceptedA(input, at);
  const shows = limitA !== null && drawA > 0 && !exceeds(drawA, limitA) && limitA < input.config.maxA;
  return { ...disobeys, goodSamples: shows ? disobeys.goodSamples + 1 : 0 };
}

/** What was said before of something that is not said now stands. */
export function evolveNeeds(state: SiteState, data: EventData<'ChargingNeedsNotified'>, at: number): void {
  const key = connectorKey(data.station, data.evseId);
  const running = state.connectors.get(key)?.session;
  if (!running || (data.session !== null && data.session !== running.id)) return;
  const before = running.needs;
  const energy =
    data.energyWh === null
      ? {
          energyWh: before?.energyWh ?? null,
          energySaidAt: before?.energySaidAt ?? null,
          energyFromWh: before?.energyFromWh ?? null,
        }
      : { energyWh: data.energyWh, energySaidAt: at, energyFromWh: running.meterLastWh };
  const needs = {
    ...energy,
    departAt: data.departAt ?? before?.departAt ?? null,
    minA: data.minA ?? before?.minA ?? null,
    maxA: data.maxA ?? before?.maxA ?? null,
    source: data.source,
  };
  updateConnector(state, key, (c) => (c.session === null ? c : { ...c, session: { ...c.session, needs } }));
  touch(state);
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
