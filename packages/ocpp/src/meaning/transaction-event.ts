// OCPP 2.0.1 TransactionEvent: the station numbers its transactions and their events, so
// (transaction, seqNo, eventType) names an event for ever. A replayed queue has no second effect.

import type { ConnectorStatus, DomainEvent } from '@ampledger/domain';
import { sessionId } from '@ampledger/kernel';
import type { z } from 'zod';
import type { InterpretedEvent, StationContext } from '../contract.js';
import { parseInstant } from '../date-time.js';
import type { transactionEvent201 } from '../schemas/hot-201.js';
import { answer, type Handler, isKnownEvse, pseudonymOf, refuse, sessionOf, stamped } from './message.js';
import { meterEvents, registerWh } from './meter.js';
import { clipOrNull } from './plain.js';

type TransactionEvent = z.infer<typeof transactionEvent201>;
type ChargingState = NonNullable<TransactionEvent['transactionInfo']['chargingState']>;

/** OCPP 2.0.1 ChargingStateEnumType in the words of the connector. */
const STATUS_OF: { readonly [S in ChargingState]: ConnectorStatus } = {
  Charging: 'Charging',
  EVConnected: 'Preparing',
  SuspendedEV: 'SuspendedEV',
  SuspendedEVSE: 'SuspendedEVSE',
  Idle: 'Finishing',
};

interface Subject {
  readonly context: StationContext;
  readonly payload: TransactionEvent;
  readonly transaction: string;
  /** Null while the station has not said which EVSE it is. */
  readonly evseId: number | null;
}

/**
 * The EVSE of the transaction: named by the event, or by an earlier one (it may be left out once it is
 * known), or the only one there is.
 */
function evseOf(context: StationContext, payload: TransactionEvent): number | null {
  if (payload.evse !== undefined && payload.evse.id !== 0) return payload.evse.id;
  const open = sessionOf(context, payload.transactionInfo.transactionId);
  if (open !== null && open.evseId > 0) return open.evseId;
  return context.evseIds.length === 1 ? (context.evseIds[0] ?? null) : null;
}

const base = ({ context, transaction }: Subject) => ({
  station: context.station,
  session: sessionId(context.station, transaction),
  transaction,
});

function started(subject: Subject): DomainEvent[] {
  const { context, payload, evseId } = subject;
  if (payload.eventType !== 'Started') return [];
  const idToken = pseudonymOf(context, payload.idToken?.idToken);
  const meterStartWh = registerWh(payload.meterValue, 'first');
  return [{ type: 'SessionStarted', data: { ...base(subject), evseId: evseId ?? 0, idToken, meterStartWh } }];
}

/** Every Updated, and a Started that already tells the state of charge control. */
function updated(subject: Subject): DomainEvent[] {
  const { payload, evseId } = subject;
  const { chargingState } = payload.transactionInfo;
  const tells =
    payload.eventType === 'Updated' || (payload.eventType === 'Started' && chargingState !== undefined);
  if (!tells) return [];
  const status = chargingState === undefined ? null : STATUS_OF[chargingState];
  const data = { ...base(subject), evseId: evseId ?? 0, seqNo: payload.seqNo, status };
  return [{ type: 'SessionUpdated', data }];
}

function ended(subject: Subject): DomainEvent[] {
  const { payload, evseId } = subject;
  if (payload.eventType !== 'Ended') return [];
  const meterStopWh = registerWh(payload.meterValue, 'last');
  const reason = clipOrNull(payload.transactionInfo.stoppedReason, 64);
  return [{ type: 'SessionEnded', data: { ...base(subject), evseId, meterStopWh, reason } }];
}

/** A token shown to a session that runs already; the one that it starts with is the session's own. */
function authorized({ context, payload }: Subject): DomainEvent[] {
  const idToken = pseudonymOf(context, payload.idToken?.idToken);
  if (idToken === null || payload.eventType === 'Started') return [];
  return [{ type: 'AuthorizationAnswered', data: { station: context.station, idToken, status: 'Accepted' } }];
}

function samples(subject: Subject): ReturnType<typeof meterEvents> {
  const { context, payload, evseId } = subject;
  if (evseId === null) return [];
  // Kept from a time without a connection: history, and no picture of the present (E04).
  const remarks = payload.offline === true ? ['offline'] : [];
  return meterEvents(context, { evseId, session: base(subject).session, remarks }, payload.meterValue ?? []);
}

/**
 * Each event is keyed by what it is, not by its place among the others: a replay may find the
 * session closed and leave some of them out.
 */
function eventsOf(subject: Subject): InterpretedEvent[] {
  const { payload, transaction } = subject;
  const key = ['TransactionEvent', transaction, payload.seqNo, payload.eventType];
  const stationAt = parseInstant(payload.timestamp);
  const at = (event: DomainEvent): InterpretedEvent => stamped({ event, stationAt }, [...key, event.type]);
  return [
    ...started(subject).map(at),
    ...updated(subject).map(at),
    ...authorized(subject).map(at),
    ...samples(subject).map((timed) => stamped(timed, [...key, timed.event.type, timed.index])),
    ...ended(subject).map(at),
  ];
}

/** OCPP 2.0.1 part 2 chapter E. */
export const transactionEvent: Handler<TransactionEvent> = (context, { payload }) => {
  if (payload.evse !== undefined && !isKnownEvse(context, payload.evse.id, 'zero-too')) {
    return refuse('payload/evse/id: is no EVSE of this station');
  }
  const transaction = payload.transactionInfo.transactionId;
  const subject = { context, payload, transaction, evseId: evseOf(context, payload) };
  // idTokenInfo is owed whenever a token was sent.
  const body = payload.idToken === undefined ? {} : { idTokenInfo: { status: 'Accepted' } };
  return answer(body, eventsOf(subject));
};
