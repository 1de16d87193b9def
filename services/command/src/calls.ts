// From a wish to the event that asks ingress to put a call on the wire, or the one that says why not.

import type {
  ConnectorState,
  DomainEvent,
  Grant,
  PlacedConnector,
  Protocol,
  SiteState,
  StationState,
} from '@ampledger/domain';
import { lagMs, lineWords, phaseWords, topologyOf, type Wiring } from '@ampledger/domain';
import {
  type ConnectorKey,
  connectorKey,
  deterministicId,
  type StationId,
  sessionId,
} from '@ampledger/kernel';
import {
  encodeLimit,
  manualClears,
  manualProfile,
  readingCalls,
  UNBOUNDED_A,
  wattsAtCar,
} from '@ampledger/ocpp';
import type { Planned } from './decide.js';
import type { Room, Shortage } from './room.js';
import { isEngineProfileId, type Wish } from './wishes.js';

/** Stations of the field take up to a minute for an answer (evcc issue 26837); the others count it at its worst after ten seconds. */
const LIMIT_TIMEOUT_S = 45;
const READ_TIMEOUT_S = 20;
const OPERATOR_TIMEOUT_S = 60;
/** One level for all of ours, never changed (some stations take only 0). */
const STACK_LEVEL = 0;
/** Profiles sent by hand for one connector. */
const MANUAL_MAX = 16;

export interface CallContext {
  readonly state: SiteState;
  readonly room: Room;
  readonly now: number;
}

export function callEvent({ station: id, wish }: Planned, context: CallContext): DomainEvent | null {
  const station = context.state.stations.get(id);
  if (!station?.protocol) return null;
  switch (wish.kind) {
    case 'read':
      return readEvent(id, station, wish.attempt, context);
    case 'limit':
      return limitEvent(id, station, wish, context);
    case 'operator':
      return operatorEvent(id, station, wish.call, context);
  }
}

const newCallId = (station: StationId, { state, now }: CallContext): string =>
  deterministicId('call', station, state.seq, state.owners.command?.epoch ?? 0, now);

function readEvent(
  id: StationId,
  station: StationState,
  attempt: number,
  context: CallContext,
): DomainEvent | null {
  if (!station.protocol) return null;
  const calls = readingCalls(station.protocol);
  const call = calls[attempt % calls.length];
  if (!call) return null;
  const { action, payload } = call;
  return requested(context, {
    station: id,
    call: newCallId(id, context),
    action,
    payload,
    timeoutS: READ_TIMEOUT_S,
  });
}

function limitEvent(
  id: StationId,
  station: StationState,
  { placed, grant }: Extract<Wish, { kind: 'limit' }>,
  context: CallContext,
): DomainEvent | null {
  const { state, now } = context;
  if (!station.protocol) return null;
  const connector = state.connectors.get(placed.key);
  const transaction = connector?.session?.transaction ?? null;
  // A station that changed its version in the middle of a transaction cannot be told about it.
  if (grant.kind === 'session' && !canName(transaction, station.protocol)) return null;
  const rateUnit = rateUnitFor(placed, station.capabilities?.rateUnits ?? []);
  // A limit in watts may be drawn on one phase alone: it is made for the phases that the meter shows.
  const phases = rateUnit === 'W' ? phasesSeen(placed, station, connector) : placed.config.wiredPhases;
  const encoded = encodeLimit({
    protocol: station.protocol,
    evseId: placed.config.evseId,
    grant,
    transaction,
    rateUnit,
    phases: placed.config.current === 'dc' ? null : phases,
    wattsPerA: wattsAtCar(state.config, placed, phases),
    stackLevel: STACK_LEVEL,
    // By the station's own clock.
    now: now - lagMs(station),
  });
  const { action, payload } = encoded;
  return requested(context, {
    station: id,
    call: newCallId(id, context),
    action,
    payload,
    grants: [encoded.grant],
    timeoutS: LIMIT_TIMEOUT_S,
  });
}

const canName = (transaction: string | null, protocol: Protocol): boolean =>
  transaction !== null && (protocol !== 'ocpp1.6' || /^-?\d{1,15}$/.test(transaction));

/**
 * Phases on which the car was seen to draw: one until the meter has shown more, and for good where there may be
 * fewer at any moment, because the station chooses them or the car has left some of them before.
 */
function phasesSeen(
  { config }: PlacedConnector,
  { switchesPhases }: StationState,
  connector: ConnectorState | undefined,
): 1 | 2 | 3 {
  if (switchesPhases || connector?.usage.onFewer) return 1;
  const seen = connector?.meter?.phasesShown ?? 0;
  const most = config.wiredPhases;
  return seen >= 3 ? most : seen === 2 && most > 1 ? 2 : 1;
}

/** DC stations are limited by their power, because the voltage of the car is not known. */
function rateUnitFor({ config }: PlacedConnector, units: readonly ('A' | 'W')[]): 'A' | 'W' {
  const wanted = config.current === 'dc' ? 'W' : 'A';
  const other = wanted === 'A' ? 'W' : 'A';
  return units.length > 0 && !units.includes(wanted) ? other : wanted;
}

interface Request {
  readonly station: StationId;
  readonly call: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
  readonly timeoutS: number;
  readonly grants?: readonly Grant[];
  readonly clears?: 'all' | readonly number[];
  readonly by?: 'engine' | 'operator';
}

function requested(
  { state }: CallContext,
  { grants = [], clears = [], by = 'engine', ...rest }: Request,
): DomainEvent {
  const payload = rest.payload as Extract<DomainEvent, { type: 'CallRequested' }>['data']['payload'];
  const epoch = state.owners.command?.epoch ?? 0;
  return {
    type: 'CallRequested',
    data: { ...rest, payload, grants, clears, by, basis: state.seq, epoch },
  };
}

/** A call that an operator asked for. A charging profile in it is held to the same rule as our own. */
function operatorEvent(
  id: StationId,
  station: StationState,
  { call, action, payload }: Extract<Wish, { kind: 'operator' }>['call'],
  context: CallContext,
): DomainEvent | null {
  if (!station.protocol) return null;
  const request = {
    station: id,
    call,
    action,
    payload,
    timeoutS: OPERATOR_TIMEOUT_S,
    by: 'operator' as const,
  };
  if (action === 'ClearChargingProfile') {
    const clears = manualClears(station.protocol, payload);
    if (clears === null)
      return refused(
        id,
        call,
        'Clear profiles by id, or all of them: what else it would end cannot be told.',
      );
    return clears === 'all' || clears.some(isEngineProfileId)
      ? clearingOurs(id, { ...request, clears }, context)
      : requested(context, { ...request, clears });
  }
  const found = grantsByHand(id, station, payload, { action, state: context.state });
  if (typeof found === 'string') return refused(id, call, found);
  for (const { placed, grant } of found) {
    const shortage = context.room.shortage(placed, grant);
    if (shortage !== null)
      return refused(id, call, tooMuch(placed.key, grant.limitA, shortage, context.state.config.wiring));
    context.room.take(placed, grant);
  }
  return requested(context, { ...request, grants: found.map(({ grant }) => grant) });
}

/** Without our profiles the station counts in full until it has them again: there must be room for that. */
function clearingOurs(id: StationId, request: Request, context: CallContext): DomainEvent {
  const { wiring } = context.state.config;
  for (const placed of topologyOf(context.state.config).connectors) {
    if (placed.station !== id) continue;
    const full = { kind: 'idle', limitA: placed.config.maxA } as const;
    const shortage = context.room.shortage(placed, full);
    if (shortage !== null)
      return refused(id, request.call, tooMuch(placed.key, full.limitA, shortage, wiring));
    context.room.take(placed, full);
  }
  return requested(context, request);
}

const refused = (station: StationId, call: string, reason: string): DomainEvent => ({
  type: 'OperatorCallRefused',
  data: { station, call, reason },
});

/** What a profile sent by hand may let the station hold, connector by connector, or why it cannot be sent. */
function grantsByHand(
  id: StationId,
  station: StationState,
  payload: Record<string, unknown>,
  { action, state }: { action: string; state: SiteState },
): readonly { placed: PlacedConnector; grant: Grant }[] | string {
  if (action === 'RemoteStartTransaction' || action === 'RequestStartTransaction') {
    return 'chargingProfile' in payload
      ? 'Start the transaction without a profile, and send the profile when it runs: until then nobody can tell what it is for.'
      : [];
  }
  if (action !== 'SetChargingProfile') return [];
  if (!station.protocol) return [];
  const { config } = state;
  const { protocol } = station;
  const profile = manualProfile(protocol, payload, { wattsPerA: config.voltageV, isDc: false });
  if (profile === null) return [];
  if (isEngineProfileId(profile.profileId))
    return `Profile id ${profile.profileId} is one of the engine's own; choose another.`;
  if (profile.stackLevel === STACK_LEVEL)
    return `Stack level ${STACK_LEVEL} is the engine's own, and a profile there would replace its limits; choose a higher one.`;
  const connectors = topologyOf(config).connectors.filter(
    (c) => c.station === id && (profile.evseId === 0 || c.key === connectorKey(id, profile.evseId)),
  );
  const isFull = ({ key }: PlacedConnector): boolean =>
    (state.connectors.get(key)?.ledger.manual.length ?? 0) >= MANUAL_MAX;
  if (connectors.some(isFull)) return `There are ${MANUAL_MAX} profiles already; clear some first.`;
  return connectors.map((placed) => {
    const counted = manualProfile(protocol, payload, {
      wattsPerA: wattsAtCar(config, placed, 1),
      isDc: placed.config.current === 'dc',
    });
    const worstA = Math.min(counted?.worstCaseA ?? UNBOUNDED_A, placed.config.maxA);
    const grant: Grant = {
      connector: placed.key,
      kind: profile.kind,
      limitA: worstA,
      tailA: worstA,
      leaseEndsAt: null,
      session: sessionByHand(id, placed, profile.transaction, state),
      profileId: profile.profileId,
    };
    return { placed, grant };
  });
}

function sessionByHand(
  id: StationId,
  placed: PlacedConnector,
  transaction: string | null,
  state: SiteState,
): Grant['session'] {
  if (transaction !== null) return sessionId(id, transaction);
  return state.connectors.get(placed.key)?.session?.id ?? null;
}

function tooMuch(
  connector: ConnectorKey,
  limitA: number,
  { node, phase, line, missing }: Shortage,
  wiring: Wiring,
): string {
  const missingA = `${Math.ceil(missing * 10) / 10} A`;
  const amount =
    phase === null
      ? `${Math.ceil(missing)} W`
      : line === null
        ? `${missingA} on ${phaseWords(wiring, phase)}`
        : `${missingA} on line ${lineWords(phase)} of its transformer’s ${line} side`;
  return `It would let ${connector} hold ${limitA} A; ${node} has ${amount} too little for it. Cap the site lower first, or send a lower limit.`;
}
