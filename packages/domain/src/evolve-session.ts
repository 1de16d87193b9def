// Sessions: who is there, and what they want.

import { type ConnectorKey, connectorKey, type SessionId, type StationId, ZERO } from '@ampledger/kernel';
import { meterAt, usageAt } from './car-phases.js';
import { CLOCK_SET_AFTER, orderingStamp } from './clock-lag.js';
import type { ConnectorStatus, EventData, Grant } from './event-types.js';
import { touch, updateConnector } from './evolve.js';
import { recordEnergy } from './evolve-meter.js';
import { observeArrival, observeEnd } from './habits.js';
import { deliveredBy } from './needs.js';
import {
  type ConcludedSession,
  type ConnectorState,
  NO_USAGE,
  type SessionState,
  type SiteState,
} from './state.js';

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
    overBoot: false,
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

/** A session whose start we never heard of is opened by its first update; so is one that seemed to be over. */
export function evolveSessionUpdated(
  state: SiteState,
  data: EventData<'SessionUpdated'>,
  { receivedAt: at, stationAt = null }: Stamps,
): void {
  const key = connectorKey(data.station, data.evseId);
  const before = state.connectors.get(key);
  if (!before) return;
  const lives = livesAfterAll(before, data, stationAt);
  if (before.ended.includes(data.session) && !lives) return;
  if (before.session?.id !== data.session) {
    if (before.session !== null) return;
    const { session: id, transaction } = data;
    const unknown = { stationAt, idToken: null, meterStartWh: null, meterLastWh: null, needs: null };
    openSession(state, key, { id, transaction, startedAt: at, ...unknown, overBoot: false });
    if (lives && before.concluded !== null) reopen(state, key, before.concluded);
  }
  if (data.status === null || state.connectors.get(key)?.status === data.status) return;
  updateConnector(state, key, (c) => ({
    ...c,
    status: data.status,
    usage: usageAt(data.status, c.usage),
    meter: meterAt(data.status, c.meter),
  }));
  touch(state);
}

/** States of a transaction with a car. */
const WITH_CAR: ReadonlySet<ConnectorStatus> = new Set([
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
]);

/**
 * Whether a session whose end was only concluded tells that it has a car: not by what was queued from before that.
 */
function livesAfterAll(
  { concluded }: ConnectorState,
  { session, status }: EventData<'SessionUpdated'>,
  stationAt: number | null,
): boolean {
  if (concluded?.session !== session || status === null || !WITH_CAR.has(status)) return false;
  return stationAt === null || concluded.stationAt === null || stationAt > concluded.stationAt;
}

/** A reading of a concluded session that shows a current: its car is there, whatever the station said. */
export function drawsAfterAll(
  { concluded }: ConnectorState,
  session: SessionId | null,
  stationAt: number | null,
): ConcludedSession | null {
  if (concluded === null || concluded.session !== session) return null;
  const isAfter = stationAt === null || concluded.stationAt === null || stationAt > concluded.stationAt;
  return isAfter ? concluded : null;
}

export function reopen(state: SiteState, key: ConnectorKey, concluded: ConcludedSession): void {
  if (state.connectors.get(key)?.session?.id !== concluded.session) openSession(state, key, concluded.was);
  updateConnector(state, key, reopened(concluded));
  state.recentSessions = state.recentSessions.filter(({ id }) => id !== concluded.session);
}

const reopened =
  ({ session, was, usage, held }: ConcludedSession) =>
  (connector: ConnectorState): ConnectorState => ({
    ...connector,
    session: { ...was, overBoot: false },
    usage: { ...NO_USAGE, changed: usage.changed, onFewer: usage.onFewer },
    ended: connector.ended.filter((id) => id !== session),
    ledger: {
      ...connector.ledger,
      session: held.session,
      open: [...held.open, ...connector.ledger.open],
      manual: [...held.manual, ...connector.ledger.manual],
    },
  });

/** A new transaction: profiles of the one before are gone (OCPP 1.6 section 3.13.1), and what it had been allocated. */
function openSession(state: SiteState, key: ConnectorKey, session: SessionState): void {
  updateConnector(state, key, (c) => ({
    ...c,
    session,
    concluded: null,
    usage: NO_USAGE,
    allocation: null,
    turn: { on: false, since: session.startedAt, deficitAh: 0, deficitAt: session.startedAt },
    ledger: withoutSessionsBut(c.ledger, session.id),
  }));
  state.habits = observeArrival(state.habits, session.startedAt);
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
  updateConnector(state, key, (c) => (c.concluded?.session === data.session ? { ...c, concluded: null } : c));
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

/** Ends the session that runs at a connector, as follows from what the station said of something else. */
export function concludeSession(
  state: SiteState,
  key: ConnectorKey,
  { receivedAt, stationAt = null }: Stamps,
): void {
  const before = state.connectors.get(key);
  if (!before?.session) return;
  const { session: was, usage } = before;
  const { id } = was;
  const { session, open, manual } = before.ledger;
  const ofSession = ({ grant }: { readonly grant: Grant }): boolean => grant.kind === 'session';
  const held = { session, open: open.filter(ofSession), manual: manual.filter(ofSession) };
  endNamed(state, key, id, receivedAt);
  updateConnector(state, key, (c) => ({
    ...c,
    concluded: { session: id, stationAt, held, was, usage },
  }));
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
    meter:
      before.meter === null
        ? null
        : { ...before.meter, at, drawA: ZERO, exact: true, phasesShown: 0, overdrawn: false },
    ledger: withoutSessionsBut(before.ledger, null),
  });
  const { startedAt } = before.session;
  state.habits = observeEnd(state.habits, { startedAt, endedAt: at, energyWh: deliveredBy(before.session) });
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
