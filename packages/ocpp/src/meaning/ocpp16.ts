// OCPP 1.6: each message of a station and its meaning. A connector n of 1.6 is EVSE n with one
// outlet; connector 0 is the whole station.

import { sessionId } from '@ampledger/kernel';
import type { z } from 'zod';
import type { OpenSession, StationContext } from '../contract.js';
import { formatInstant } from '../date-time.js';
import type * as hot from '../schemas/hot-16.js';
import {
  answer,
  type Handler,
  isKnownEvse,
  messageEvent,
  messageEvents,
  pseudonymOf,
  refuse,
  sessionAt,
  sessionOf,
} from './message.js';
import { meterEvents } from './meter.js';
import { clip, clipOrNull } from './plain.js';
import { heartbeat, PLAIN_16 } from './plain-answers.js';
import { startTransaction, stopTransaction } from './transaction-16.js';

/** OCPP 1.6 section 4.2. */
const bootNotification: Handler<z.infer<typeof hot.bootNotification16>> = (context, call) => {
  const {
    chargePointVendor,
    chargePointModel,
    chargePointSerialNumber,
    chargeBoxSerialNumber,
    firmwareVersion,
  } = call.payload;
  const data = {
    station: context.station,
    vendor: clip(chargePointVendor, 255),
    model: clip(chargePointModel, 255),
    serialNumber: clipOrNull(chargePointSerialNumber ?? chargeBoxSerialNumber, 255),
    firmware: clipOrNull(firmwareVersion, 255),
    reason: null,
  };
  const body = {
    status: 'Accepted',
    currentTime: formatInstant(context.receivedAt),
    interval: context.heartbeatIntervalS,
  };
  return answer(body, messageEvent(context, call, { type: 'StationBooted', data }));
};

/** OCPP 1.6 section 4.9. */
const statusNotification: Handler<z.infer<typeof hot.statusNotification16>> = (context, call) => {
  const { connectorId: evseId, status, errorCode, timestamp } = call.payload;
  if (!isKnownEvse(context, evseId, 'zero-too')) {
    return refuse('payload/connectorId: is no connector of this station');
  }
  const data = {
    station: context.station,
    evseId,
    connectorId: evseId === 0 ? 0 : 1,
    status,
    errorCode: errorCode === 'NoError' ? null : errorCode,
  };
  return answer({}, messageEvent(context, call, { type: 'ConnectorStatusChanged', data }, timestamp));
};

/** OCPP 1.6 section 4.1. Who may charge is decided elsewhere: everybody may. */
const authorize: Handler<z.infer<typeof hot.authorize16>> = (context, call) => {
  const idToken = pseudonymOf(context, call.payload.idTag);
  const data = { station: context.station, idToken: idToken ?? '', status: 'Accepted' as const };
  const event = { type: 'AuthorizationAnswered' as const, data };
  const events = idToken === null ? [] : messageEvent(context, call, event);
  return answer({ idTagInfo: { status: 'Accepted' } }, events);
};

/** OCPP 1.6 section 4.3. */
const dataTransfer: Handler<z.infer<typeof hot.dataTransfer16>> = (context, call) => {
  const { vendorId, messageId, data: text } = call.payload;
  const data = {
    station: context.station,
    vendor: clip(vendorId, 255),
    message: clipOrNull(messageId, 50),
    data: clipOrNull(text, 4000),
  };
  const events = messageEvent(context, call, { type: 'DataTransferReceived', data });
  return answer({ status: 'UnknownVendorId' }, events);
};

type MeterValues = z.infer<typeof hot.meterValues16>;

/**
 * The session that a reading belongs to. Without a transaction, or with one that is not ours to
 * give, it is the one that runs at the connector (field lessons L20, L22). A number that we gave
 * stays with its session, even a closed one: samples may come after the stop (L21).
 */
function meteredSession(
  context: StationContext,
  payload: MeterValues,
): Pick<OpenSession, 'session' | 'evseId'> | null {
  const { connectorId, transactionId = 0 } = payload;
  const open = sessionOf(context, String(transactionId));
  if (open !== null && (connectorId === 0 || connectorId === open.evseId)) return open;
  // The meter stands at the connector, whatever transaction the message names.
  if (open !== null || transactionId <= 0) return connectorId === 0 ? null : sessionAt(context, connectorId);
  return { session: sessionId(context.station, String(transactionId)), evseId: connectorId };
}

/** OCPP 1.6 section 4.7. */
const meterValues: Handler<MeterValues> = (context, call) => {
  const { connectorId, meterValue } = call.payload;
  if (!isKnownEvse(context, connectorId, 'zero-too')) {
    return refuse('payload/connectorId: is no connector of this station');
  }
  const metered = meteredSession(context, call.payload);
  const evseId = connectorId === 0 ? (metered?.evseId ?? 0) : connectorId;
  const place = { evseId, session: metered?.session ?? null, remarks: [] };
  return answer({}, messageEvents(context, call, meterEvents(context, place, meterValue)));
};

/** The payload of each has passed its own schema; `interpretCall` alone may call them. */
export const HANDLERS_16: ReadonlyMap<string, Handler<never>> = new Map<string, Handler<never>>([
  ['Authorize', authorize],
  ['BootNotification', bootNotification],
  ['DataTransfer', dataTransfer],
  ['Heartbeat', heartbeat],
  ['MeterValues', meterValues],
  ['StartTransaction', startTransaction],
  ['StatusNotification', statusNotification],
  ['StopTransaction', stopTransaction],
  ...PLAIN_16,
]);
