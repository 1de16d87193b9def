// From a wish to the event that asks ingress to put a call on the wire, or the one that says why not.

import type { DomainEvent, Grant, PlacedConnector, SiteState, StationState } from '@ampledger/domain';
import { topologyOf } from '@ampledger/domain';
import { connectorKey, deterministicId, phaseName, type StationId, sessionId } from '@ampledger/kernel';
import { encodeLimit, manualClears, manualProfile, readingCalls } from '@ampledger/ocpp';
import type { Planned } from './decide.js';
import type { Room, Shortage } from './room.js';
import { isEngineProfileId, type Wish } from './wishes.js';

/** Stations of the field take up to a minute for an answer (evcc issue 26837); the others count it at its worst after ten seconds. */
const LIMIT_TIMEOUT_S = 45;
const READ_TIMEOUT_S = 20;
const OPERATOR_TIMEOUT_S = 60;
/** One level for all of ours, never changed (some stations take only 0). */
const STACK_LEVEL = 0;

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
  deterministicId('call', station, state.position, now);

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
  const units = station.capabilities?.rateUnits ?? [];
  const rateUnit = units.length > 0 && !units.includes('A') ? 'W' : 'A';
  const encoded = encodeLimit({
    protocol: station.protocol,
    evseId: placed.config.evseId,
    grant,
    transaction: state.connectors.get(placed.key)?.session?.transaction ?? null,
    rateUnit,
    // A limit in watts may be drawn on one phase alone: it is made for one, so that no phase can be over.
    phases: rateUnit === 'W' ? 1 : phaseCount(placed),
    voltageV: state.config.voltageV,
    stackLevel: STACK_LEVEL,
    now,
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

const phaseCount = ({ config }: PlacedConnector): 1 | 2 | 3 => config.phases.length as 1 | 2 | 3;

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
  return { type: 'CallRequested', data: { ...rest, payload, grants, clears, by, basis: state.position } };
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
    return requested(context, { ...request, clears });
  }
  const found = grantsByHand(id, station, payload, { action, state: context.state });
  if (typeof found === 'string') return refused(id, call, found);
  for (const { placed, grant } of found) {
    const shortage = context.room.shortage(placed, grant.limitA);
    if (shortage !== null) return refused(id, call, tooMuch(grant, shortage));
    context.room.take(placed, grant.limitA);
  }
  return requested(context, { ...request, grants: found.map(({ grant }) => grant) });
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
  if (
    action !== 'SetChargingProfile' &&
    action !== 'RemoteStartTransaction' &&
    action !== 'RequestStartTransaction'
  )
    return [];
  if (!station.protocol) return [];
  const { voltageV } = state.config;
  const profile = manualProfile(station.protocol, payload, { voltageV, phases: 1 });
  if (profile === null) return [];
  if (isEngineProfileId(profile.profileId))
    return `Profile id ${profile.profileId} is one of the engine's own; choose another.`;
  const connectors = topologyOf(state.config).connectors.filter(
    (c) => c.station === id && (profile.evseId === 0 || c.key === connectorKey(id, profile.evseId)),
  );
  return connectors.map((placed) => ({
    placed,
    grant: {
      connector: placed.key,
      kind: profile.kind,
      limitA: Math.min(profile.worstCaseA, placed.config.maxA),
      tailA: Math.min(profile.worstCaseA, placed.config.maxA),
      leaseEndsAt: null,
      session: sessionByHand(id, placed, profile.transaction, state),
      profileId: profile.profileId,
    },
  }));
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

function tooMuch(grant: Grant, { node, phase, missing }: Shortage): string {
  const amount =
    phase === null
      ? `${Math.ceil(missing)} W`
      : `${Math.ceil(missing * 10) / 10} A on ${phaseName(phase as 0 | 1 | 2)}`;
  return `The profile would let ${grant.connector} hold ${grant.limitA} A; ${node} has ${amount} too little for it. Cap the site lower first, or send a lower limit.`;
}
