// OCPP 2.0.1: each message of a station and its meaning. Transactions are in transaction-event.ts.

import type { EventData } from '@ampledger/domain';
import type { z } from 'zod';
import { formatInstant } from '../date-time.js';
import { isSecretName } from '../redact.js';
import type * as hot from '../schemas/hot-201.js';
import { notifyEvChargingNeeds } from './charging-needs.js';
import {
  answer,
  type Handler,
  isKnownEvse,
  messageEvent,
  messageEvents,
  pseudonymOf,
  refuse,
  sessionAt,
} from './message.js';
import { meterEvents } from './meter.js';
import { clip, clipOrNull, plainRecord } from './plain.js';
import { heartbeat, PLAIN_201 } from './plain-answers.js';
import { transactionEvent } from './transaction-event.js';

const OUTLET_MAX = 1000;

/** OCPP 2.0.1 B01. */
const bootNotification: Handler<z.infer<typeof hot.bootNotification201>> = (context, call) => {
  const { chargingStation, reason } = call.payload;
  const data = {
    station: context.station,
    vendor: clip(chargingStation.vendorName, 255),
    model: clip(chargingStation.model, 255),
    serialNumber: clipOrNull(chargingStation.serialNumber, 255),
    firmware: clipOrNull(chargingStation.firmwareVersion, 255),
    reason: clip(reason, 64),
  };
  const body = {
    status: 'Accepted',
    currentTime: formatInstant(context.receivedAt),
    interval: context.heartbeatIntervalS,
  };
  return answer(body, messageEvent(context, call, { type: 'StationBooted', data }));
};

/** OCPP 2.0.1 G01. */
const statusNotification: Handler<z.infer<typeof hot.statusNotification201>> = (context, call) => {
  const { evseId, connectorId, connectorStatus: status, timestamp } = call.payload;
  if (!isKnownEvse(context, evseId, 'zero-too')) return refuse('payload/evseId: is no EVSE of this station');
  if (connectorId < 0 || connectorId > OUTLET_MAX) return refuse('payload/connectorId: is out of range');
  const data = { station: context.station, evseId, connectorId, status, errorCode: null };
  return answer({}, messageEvent(context, call, { type: 'ConnectorStatusChanged', data }, timestamp));
};

/** OCPP 2.0.1 C01. Who may charge is decided elsewhere: everybody may. */
const authorize: Handler<z.infer<typeof hot.authorize201>> = (context, call) => {
  const idToken = pseudonymOf(context, call.payload.idToken.idToken);
  const data = { station: context.station, idToken: idToken ?? '', status: 'Accepted' as const };
  const event = { type: 'AuthorizationAnswered' as const, data };
  const events = idToken === null ? [] : messageEvent(context, call, event);
  return answer({ idTokenInfo: { status: 'Accepted' } }, events);
};

/** OCPP 2.0.1 J01, J02. */
const meterValues: Handler<z.infer<typeof hot.meterValues201>> = (context, call) => {
  const { evseId, meterValue } = call.payload;
  if (!isKnownEvse(context, evseId, 'zero-too')) return refuse('payload/evseId: is no EVSE of this station');
  const session = evseId === 0 ? null : (sessionAt(context, evseId)?.session ?? null);
  const place = { evseId, session, remarks: [] };
  return answer({}, messageEvents(context, call, meterEvents(context, place, meterValue)));
};

type ReportDatum = NonNullable<z.infer<typeof hot.notifyReport201>['reportData']>[number];
type Variable = EventData<'StationVariablesReported'>['variables'][number];

function reportedVariable({ component, variable, variableAttribute }: ReportDatum): Variable {
  const actual = variableAttribute.find(({ type = 'Actual' }) => type === 'Actual');
  const evseId = component.evse?.id ?? null;
  return {
    component: clip(component.name, 50),
    variable: clip(variable.name, 50),
    instance: clipOrNull(variable.instance ?? component.instance, 50),
    evseId: evseId !== null && evseId >= 0 && evseId <= 1000 ? evseId : null,
    value: isSecretName(variable.name) ? null : clipOrNull(actual?.value, 2000),
  };
}

/** OCPP 2.0.1 B07. */
const notifyReport: Handler<z.infer<typeof hot.notifyReport201>> = (context, call) => {
  const { requestId, tbc = false, reportData = [], generatedAt } = call.payload;
  const variables = reportData.map(reportedVariable);
  const data = { station: context.station, requestId, last: !tbc, variables };
  const event = { type: 'StationVariablesReported' as const, data };
  return answer({}, messageEvent(context, call, event, generatedAt));
};

/** OCPP 2.0.1 N07. */
const notifyEvent: Handler<z.infer<typeof hot.notifyEvent201>> = (context, call) => {
  const { eventData, generatedAt } = call.payload;
  const events = eventData.map((datum) => ({
    message: call.action,
    ...plainRecord(datum, context.pseudonym),
  }));
  const event = { type: 'StationEventNotified' as const, data: { station: context.station, events } };
  return answer({}, messageEvent(context, call, event, generatedAt));
};

/** OCPP 2.0.1 P02. */
const dataTransfer: Handler<z.infer<typeof hot.dataTransfer201>> = (context, call) => {
  const { vendorId, messageId, data: content } = call.payload;
  const text = content === undefined || typeof content === 'string' ? content : JSON.stringify(content);
  const data = {
    station: context.station,
    vendor: clip(vendorId, 255),
    message: clipOrNull(messageId, 50),
    data: clipOrNull(text, 4000),
  };
  const events = messageEvent(context, call, { type: 'DataTransferReceived', data });
  return answer({ status: 'UnknownVendorId' }, events);
};

/** The payload of each has passed its own schema; `interpretCall` alone may call them. */
export const HANDLERS_201: ReadonlyMap<string, Handler<never>> = new Map<string, Handler<never>>([
  ['Authorize', authorize],
  ['BootNotification', bootNotification],
  ['DataTransfer', dataTransfer],
  ['Heartbeat', heartbeat],
  ['MeterValues', meterValues],
  ['NotifyEVChargingNeeds', notifyEvChargingNeeds],
  ['NotifyEvent', notifyEvent],
  ['NotifyReport', notifyReport],
  ['StatusNotification', statusNotification],
  ['TransactionEvent', transactionEvent],
  ...PLAIN_201,
]);
