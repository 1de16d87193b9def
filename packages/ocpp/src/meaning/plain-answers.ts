// The messages that need no judgement: what the schema wants back, and whether the engine's history
// keeps them beside the raw frame.

import type { ValidCall } from '../contract.js';
import { formatInstant } from '../date-time.js';
import { answer, type Handler, messageEvent } from './message.js';
import { plainRecord } from './plain.js';

type Recorded = 'recorded' | 'not-recorded';

const timeOf = (payload: object): string | undefined => {
  const { timestamp, generatedAt, timeBase } = payload as Record<string, unknown>;
  return [timestamp, generatedAt, timeBase].find((time) => typeof time === 'string') as string | undefined;
};

/** Answers with `payload`, whatever the call says. */
export const plainAnswer =
  (payload: object, recorded: Recorded = 'not-recorded'): Handler<object> =>
  (context, call) =>
    answer(payload, recorded === 'recorded' ? notified(context, call) : []);

/** The message as one StationEventNotified. */
export function notified(context: Parameters<Handler>[0], call: ValidCall<object>) {
  const record = { message: call.action, ...plainRecord(call.payload, context.pseudonym) };
  const data = { station: context.station, events: [record] };
  return messageEvent(context, call, { type: 'StationEventNotified', data }, timeOf(call.payload));
}

/** Heartbeat, in both versions: the time, and no event. */
export const heartbeat: Handler = (context) => answer({ currentTime: formatInstant(context.receivedAt) });

const REASON_NOT_SERVED = { reasonCode: 'NotEnabled' };

/** OCPP 1.6 and its Security Whitepaper, ed. 3. */
export const PLAIN_16: readonly (readonly [string, Handler<object>])[] = [
  ['DiagnosticsStatusNotification', plainAnswer({}, 'recorded')],
  ['FirmwareStatusNotification', plainAnswer({}, 'recorded')],
  ['LogStatusNotification', plainAnswer({}, 'recorded')],
  ['SecurityEventNotification', plainAnswer({}, 'recorded')],
  ['SignedFirmwareStatusNotification', plainAnswer({}, 'recorded')],
  // The engine is no certificate authority (Security Whitepaper A02).
  ['SignCertificate', plainAnswer({ status: 'Rejected' })],
];

/** OCPP 2.0.1. */
export const PLAIN_201: readonly (readonly [string, Handler<object>])[] = [
  // An outside limit can only lower ours: it is kept for the record and changes no offer (K12, K13).
  ['ClearedChargingLimit', plainAnswer({}, 'recorded')],
  ['NotifyChargingLimit', plainAnswer({}, 'recorded')],
  ['FirmwareStatusNotification', plainAnswer({}, 'recorded')],
  ['LogStatusNotification', plainAnswer({}, 'recorded')],
  ['PublishFirmwareStatusNotification', plainAnswer({}, 'recorded')],
  ['ReservationStatusUpdate', plainAnswer({}, 'recorded')],
  ['SecurityEventNotification', plainAnswer({}, 'recorded')],
  ['NotifyMonitoringReport', plainAnswer({})],
  ['NotifyDisplayMessages', plainAnswer({})],
  // About a person: not kept (N09, N10).
  ['NotifyCustomerInformation', plainAnswer({})],
  ['ReportChargingProfiles', plainAnswer({}, 'recorded')],
  // What the car means to do: a forecast, not a promise (K15, K16).
  ['NotifyEVChargingSchedule', plainAnswer({ status: 'Accepted' }, 'recorded')],
  // The engine holds no contract certificates and asks no OCSP responder (M01, M02, M06, A02).
  [
    'Get15118EVCertificate',
    plainAnswer({ status: 'Failed', exiResponse: '', statusInfo: REASON_NOT_SERVED }),
  ],
  ['GetCertificateStatus', plainAnswer({ status: 'Failed', statusInfo: REASON_NOT_SERVED })],
  ['SignCertificate', plainAnswer({ status: 'Rejected', statusInfo: REASON_NOT_SERVED })],
];
