// Calls and their answers: how limits enter the ledger, and how they leave it.

import { type ConnectorKey, connectorKey, type StationId, splitConnectorKey } from '@ampledger/kernel';
import { ledgerInput } from './counted.js';
import type { EventData, Grant } from './event-types.js';
import { touch, updateConnector, updateStation } from './evolve.js';
import { acceptedA, LATE_ACT_MS, type LedgerInput } from './ledger.js';
import { topologyOf } from './links.js';
import {
  type ConnectorLedger,
  INITIAL_STATION,
  type OpenGrant,
  type SiteState,
  type StationState,
} from './state.js';

/** Beyond this many unanswered grants the two highest stand for the rest. */
const OPEN_KEPT = 16;
const MANUAL_KEPT = 16;
const PAST_KEPT = 8;

/** From the moment a call is requested its grants count, whether or not it ever reaches the station. */
export function evolveCallRequested(state: SiteState, data: EventData<'CallRequested'>, at: number): void {
  const { station, call, action, timeoutS, clears, by } = data;
  updateStation(state, station, (s) => ({
    ...s,
    openCalls: [...s.openCalls, { call, action, at, timeoutS, clears }],
    readTries: READING.has(action) ? s.readTries + 1 : s.readTries,
  }));
  cleared(state, station, { clears, by: 'request' });
  for (const grant of data.grants) {
    updateConnector(state, grant.connector, (c) => ({
      ...c,
      ledger: {
        ...c.ledger,
        open: bounded([...c.ledger.open, { call, grant, requestedAt: at, by, state: 'in-flight' }]),
        raisedAt: isRaise(state, grant, at) ? at : c.ledger.raisedAt,
      },
    }));
  }
}

const READING: ReadonlySet<string> = new Set(['GetConfiguration', 'GetVariables', 'GetBaseReport']);

function isRaise(state: SiteState, grant: Grant, at: number): boolean {
  const placed = topologyOf(state.config).byKey.get(grant.connector);
  if (!placed) return false;
  const input: LedgerInput = ledgerInput(state, placed);
  return grant.limitA > (acceptedA(input, at) ?? 0);
}

/** Keeps the list short without ever forgetting the worst of it: the two oldest become one. */
function bounded(open: readonly OpenGrant[]): readonly OpenGrant[] {
  const [first, second, ...rest] = open;
  if (open.length <= OPEN_KEPT || !first || !second) return open;
  return [{ ...second, grant: worseOf(first.grant, second.grant) }, ...rest];
}

/** A grant under which at least as much may be held as under either. */
function worseOf(a: Grant, b: Grant): Grant {
  const endless = a.leaseEndsAt === null || b.leaseEndsAt === null;
  return {
    ...b,
    limitA: Math.max(a.limitA, b.limitA),
    tailA: Math.max(a.tailA, b.tailA),
    leaseEndsAt: endless ? null : Math.max(a.leaseEndsAt ?? 0, b.leaseEndsAt ?? 0),
  };
}

export function evolveCallAnswered(state: SiteState, data: EventData<'CallAnswered'>, at: number): void {
  const { station, call } = data;
  const answered = state.stations.get(station)?.openCalls.find((c) => c.call === call);
  const spoke = data.outcome === 'result' || data.outcome === 'error';
  const read = spoke && answered !== undefined && READING.has(answered.action) ? { readAt: at } : {};
  updateStation(state, station, (s) => ({
    ...s,
    ...read,
    openCalls: s.openCalls.filter((c) => c.call !== call),
  }));
  const verdict = verdictOf(data);
  if (answered !== undefined && verdict === 'accepted')
    cleared(state, station, { clears: answered.clears, by: 'answer' });
  for (const key of connectorsWithCall(state, station, call)) settle(state, key, { call, verdict, at });
}

/**
 * Profiles that an operator takes away: ours do not count from the request on, so that the station
 * counts in full until commissioned anew; the operator's own count until the answer.
 */
function cleared(
  state: SiteState,
  station: StationId,
  { clears, by }: { clears: EventData<'CallRequested'>['clears']; by: 'request' | 'answer' },
): void {
  if (clears !== 'all' && clears.length === 0) return;
  const gone = (grant: Grant): boolean => clears === 'all' || clears.includes(grant.profileId);
  const config = state.config.stations.find((s) => s.id === station);
  for (const { evseId } of config?.connectors ?? []) {
    updateConnector(state, connectorKey(station, evseId), (c) => {
      const { idle, session, manual, open } = c.ledger;
      const ledger = {
        ...c.ledger,
        idle: idle !== null && gone(idle.grant) ? null : idle,
        session: session !== null && gone(session.grant) ? null : session,
        manual: by === 'answer' ? manual.filter((m) => !gone(m.grant)) : manual,
        open: by === 'answer' ? open.filter((o) => o.by === 'engine' || !gone(o.grant)) : open,
      };
      return { ...c, ledger };
    });
  }
  touch(state);
}

function connectorsWithCall(state: SiteState, station: StationId, call: string): readonly ConnectorKey[] {
  const config = state.config.stations.find((s) => s.id === station);
  const keys = (config?.connectors ?? []).map(({ evseId }) => connectorKey(station, evseId));
  return keys.filter((key) => state.connectors.get(key)?.ledger.open.some((open) => open.call === call));
}

type Verdict = 'accepted' | 'refused' | 'unknown' | 'unsent';

/** CALLERROR codes that say the station has not done it. */
const REFUSALS: ReadonlySet<string> = new Set([
  'NotImplemented',
  'NotSupported',
  'SecurityError',
  'FormationViolation',
  'FormatViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'OccurrenceConstraintViolation',
  'TypeConstraintViolation',
  'MessageTypeNotSupported',
]);

/** What an answer says of the limits in the call. When in doubt, the station may hold them. */
function verdictOf({ outcome, status }: EventData<'CallAnswered'>): Verdict {
  switch (outcome) {
    case 'unsent':
      return 'unsent';
    case 'timeout':
    case 'lost':
    case 'invalid':
      return 'unknown';
    case 'error':
      return REFUSALS.has(status ?? '') ? 'refused' : 'unknown';
    case 'result':
      return status === 'Accepted' ? 'accepted' : 'refused';
  }
}

function settle(
  state: SiteState,
  key: ConnectorKey,
  answer: { call: string; verdict: Verdict; at: number },
): void {
  const before = state.connectors.get(key)?.ledger;
  const station = state.stations.get(splitConnectorKey(key).stationId) ?? INITIAL_STATION;
  updateConnector(state, key, (c) => ({
    ...c,
    ledger: settleLedger(c.ledger, { ...answer, session: c.session?.id ?? null, station }),
  }));
  const after = state.connectors.get(key)?.ledger;
  if (before !== after && !isRoutine(before, after, answer.verdict)) touch(state);
}

/** A session's limit taken without ado: nothing that an allocation depends on. */
function isRoutine(
  before: ConnectorLedger | undefined,
  after: ConnectorLedger | undefined,
  verdict: Verdict,
): boolean {
  const plain = before?.refusals === 0 && before.open.length === 1 && before.open[0]?.state === 'in-flight';
  return verdict === 'accepted' && plain && before?.idle === after?.idle && before?.manual === after?.manual;
}

interface Settling {
  readonly call: string;
  readonly verdict: Verdict;
  readonly at: number;
  readonly session: string | null;
  readonly station: StationState;
}

function settleLedger(ledger: ConnectorLedger, settling: Settling): ConnectorLedger {
  const { call, verdict, at } = settling;
  const open = ledger.open.find((o) => o.call === call);
  if (!open) return ledger;
  const without = ledger.open.filter((o) => o.call !== call);
  switch (verdict) {
    case 'unsent':
      return { ...ledger, open: without };
    case 'refused':
      // Rejected leaves the limit before it in force.
      return { ...ledger, open: without, refusals: ledger.refusals + 1, refusedAt: at };
    case 'unknown': {
      const unknown = ledger.open.map((o): OpenGrant => (o.call === call ? { ...o, state: 'unknown' } : o));
      return { ...ledger, open: unknown, refusals: ledger.refusals + 1, refusedAt: at };
    }
    case 'accepted':
      return acceptGrant({ ...ledger, refusals: 0, refusedAt: null }, open, settling);
  }
}

/**
 * An accepted profile replaces every earlier one of its id. One that was never answered goes on
 * counting while the station may still act on it; after that the limit is sent once more.
 */
function acceptGrant(
  ledger: ConnectorLedger,
  open: OpenGrant,
  { session, station, at }: Settling,
): ConnectorLedger {
  const { grant } = open;
  const index = ledger.open.indexOf(open);
  const left = ledger.open.flatMap((o, i): readonly OpenGrant[] => {
    if (i > index || o.grant.profileId !== grant.profileId) return [o];
    return o.call !== open.call && at - o.requestedAt < LATE_ACT_MS ? [{ ...o, state: 'lingering' }] : [];
  });
  if (open.by === 'operator') {
    const manual = [...ledger.manual.filter((m) => m.grant.profileId !== grant.profileId), { grant }];
    return { ...ledger, open: left, manual: manual.slice(-MANUAL_KEPT) };
  }
  const accepted = { grant, acceptedAt: at, boot: station.boots, connection: station.connection };
  const before = (ledger.session ?? ledger.idle)?.grant.limitA ?? 0;
  const past = [{ limitA: before, until: at }, ...ledger.past].slice(0, PAST_KEPT);
  if (grant.kind === 'idle') return { ...ledger, past, open: left, idle: accepted };
  if (grant.session !== session) return { ...ledger, open: left };
  return { ...ledger, past, open: left, session: accepted };
}

/** The socket is gone: whatever was on its way may have arrived or not, and nothing will tell. */
export function connectionLost(state: SiteState, station: StationId): void {
  updateStation(state, station, (s) => (s.openCalls.length === 0 ? s : { ...s, openCalls: [] }));
  const config = state.config.stations.find((s) => s.id === station);
  for (const { evseId } of config?.connectors ?? []) {
    updateConnector(state, connectorKey(station, evseId), (c) => {
      if (!c.ledger.open.some((open) => open.state === 'in-flight')) return c;
      const open = c.ledger.open.map(
        (o): OpenGrant => (o.state === 'in-flight' ? { ...o, state: 'unknown' } : o),
      );
      return { ...c, ledger: { ...c.ledger, open } };
    });
  }
}
