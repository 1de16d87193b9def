// OCPP 1.6 transactions, whose number is ours to give. The number follows from what the station
// tells of the start, so that a retry gets it again, whatever crashed in between.

import { createHash } from 'node:crypto';
import type { DomainEvent } from '@ampledger/domain';
import { invariant, type StationId, sessionId } from '@ampledger/kernel';
import type { z } from 'zod';
import type { InterpretedEvent, OpenSession, StationContext } from '../contract.js';
import { parseInstant } from '../date-time.js';
import type { startTransaction16, stopTransaction16 } from '../schemas/hot-16.js';
import { answer, type Handler, isKnownEvse, pseudonymOf, refuse, sessionOf, stamped } from './message.js';
import { meterEvents, plausibleRegisterWh } from './meter.js';
import { clipOrNull } from './plain.js';

type Start = z.infer<typeof startTransaction16>;
type Stop = z.infer<typeof stopTransaction16>;

const SALTS_MAX = 16;
const ACCEPTED = { status: 'Accepted' };

/** 31 bits of a digest over the start: some stations keep the number in a signed 32-bit field. */
function transactionNumber(station: StationId, start: Start, idToken: string | null, salt: number): number {
  const { connectorId, timestamp, meterStart } = start;
  const natural = JSON.stringify([station, connectorId, idToken, timestamp, meterStart, salt]);
  return createHash('sha256').update(natural).digest().readUInt32BE(0) & 0x7fffffff;
}

/**
 * The number of a transaction: positive (field lesson L20), the same for a retry (L19). When the
 * number belongs to an open session of another connector or another token, the start is salted and
 * tried again; a retry finds its own session open and stays with it.
 */
export function chooseTransactionId(context: StationContext, start: Start): number {
  const idToken = pseudonymOf(context, start.idTag);
  for (let salt = 0; salt < SALTS_MAX; salt += 1) {
    const number = transactionNumber(context.station, start, idToken, salt);
    const open = sessionOf(context, String(number));
    const ours = open === null || (open.evseId === start.connectorId && open.idToken === idToken);
    if (number > 0 && ours) return number;
  }
  invariant(false, 'sixteen transaction numbers in a row were taken');
}

function sessionStarted(context: StationContext, start: Start, transaction: string): InterpretedEvent[] {
  const { station } = context;
  const session = sessionId(station, transaction);
  const evseId = start.connectorId;
  const meterStartWh = plausibleRegisterWh(start.meterStart);
  const idToken = pseudonymOf(context, start.idTag);
  const started: DomainEvent = {
    type: 'SessionStarted',
    data: { station, evseId, session, transaction, idToken, meterStartWh },
  };
  const place = { evseId, session, remarks: [] };
  const entry = { timestamp: start.timestamp, sampledValue: [{ value: start.meterStart }] };
  const stationAt = parseInstant(start.timestamp);
  return [{ event: started, stationAt }, ...meterEvents(context, place, [entry])].map((timed, index) =>
    stamped(timed, ['StartTransaction', transaction, index]),
  );
}

/** OCPP 1.6 section 4.8. */
export const startTransaction: Handler<Start> = (context, { payload }) => {
  if (!isKnownEvse(context, payload.connectorId, 'not-zero')) {
    return refuse('payload/connectorId: is no connector of this station');
  }
  const transactionId = chooseTransactionId(context, payload);
  const events = sessionStarted(context, payload, String(transactionId));
  return answer({ transactionId, idTagInfo: ACCEPTED }, events);
};

/**
 * The session that a StopTransaction means. A station that started offline may only know 0, -1 or a
 * number of its own (field lesson L20, OCPP 1.6 errata 3.18): then its token names the session, or
 * there is only one. A number that we could have given is looked up among this station's own
 * sessions and nowhere else (CVE-2026-28230).
 */
export function stoppedSession(context: StationContext, stop: Stop): OpenSession | null {
  const exact = sessionOf(context, String(stop.transactionId));
  if (exact !== null || stop.transactionId > 0) return exact;
  const idToken = pseudonymOf(context, stop.idTag);
  const sameToken = context.openSessions.filter((open) => idToken !== null && open.idToken === idToken);
  const [only] = sameToken.length === 1 ? sameToken : context.openSessions;
  return sameToken.length === 1 || context.openSessions.length === 1 ? (only ?? null) : null;
}

function stopSamples(context: StationContext, stop: Stop, open: OpenSession): InterpretedEvent[] {
  const place = { evseId: open.evseId, session: open.session, remarks: ['transaction-data'] };
  return meterEvents(context, place, stop.transactionData ?? []).map((timed) =>
    stamped(timed, ['StopTransaction', open.transaction, 'data', timed.index]),
  );
}

/** OCPP 1.6 section 4.10. Always answered: a station repeats an unanswered stop for ever (field lesson L19). */
export const stopTransaction: Handler<Stop> = (context, { id, payload }) => {
  const open = stoppedSession(context, payload);
  const { station } = context;
  const transaction = open?.transaction ?? String(payload.transactionId);
  const ended: DomainEvent = {
    type: 'SessionEnded',
    data: {
      station,
      evseId: open?.evseId ?? null,
      session: sessionId(station, transaction),
      transaction,
      meterStopWh: plausibleRegisterWh(payload.meterStop),
      reason: clipOrNull(payload.reason, 64),
    },
  };
  // A number that was never ours says nothing about which stop this is.
  const nameless = open === null && payload.transactionId <= 0 ? [id, payload.timestamp] : [];
  const key = ['StopTransaction', transaction, ...nameless, 'end'];
  const samples = open === null ? [] : stopSamples(context, payload, open);
  const body = payload.idTag === undefined ? {} : { idTagInfo: ACCEPTED };
  return answer(body, [
    ...samples,
    stamped({ event: ended, stationAt: parseInstant(payload.timestamp) }, key),
  ]);
};
