// Which actions each version knows, and who may send them. Maps and sets only: an action name is
// the peer's text and must never reach an object's prototype.

import type { Protocol } from '@ampledger/domain';
import { RAW_SCHEMAS } from './oca.js';

const FROM_STATION: { readonly [P in Protocol]: readonly string[] } = {
  // OCPP 1.6 section 4 (operations initiated by charge point); Security Whitepaper ed. 3 section 4.
  'ocpp1.6': [
    'Authorize',
    'BootNotification',
    'DataTransfer',
    'DiagnosticsStatusNotification',
    'FirmwareStatusNotification',
    'Heartbeat',
    'LogStatusNotification',
    'MeterValues',
    'SecurityEventNotification',
    'SignCertificate',
    'SignedFirmwareStatusNotification',
    'StartTransaction',
    'StatusNotification',
    'StopTransaction',
  ],
  // OCPP 2.0.1 part 2, messages whose request goes from CS to CSMS.
  'ocpp2.0.1': [
    'Authorize',
    'BootNotification',
    'ClearedChargingLimit',
    'DataTransfer',
    'FirmwareStatusNotification',
    'Get15118EVCertificate',
    'GetCertificateStatus',
    'Heartbeat',
    'LogStatusNotification',
    'MeterValues',
    'NotifyChargingLimit',
    'NotifyCustomerInformation',
    'NotifyDisplayMessages',
    'NotifyEVChargingNeeds',
    'NotifyEVChargingSchedule',
    'NotifyEvent',
    'NotifyMonitoringReport',
    'NotifyReport',
    'PublishFirmwareStatusNotification',
    'ReportChargingProfiles',
    'ReservationStatusUpdate',
    'SecurityEventNotification',
    'SignCertificate',
    'StatusNotification',
    'TransactionEvent',
  ],
};

const REQUEST = /Request$/;
const actionsOf = (protocol: Protocol): readonly string[] =>
  [...RAW_SCHEMAS[protocol].keys()]
    .filter((name) => REQUEST.test(name))
    .map((name) => name.replace(REQUEST, ''));

const stationActionSets = {
  'ocpp1.6': new Set(FROM_STATION['ocpp1.6']),
  'ocpp2.0.1': new Set(FROM_STATION['ocpp2.0.1']),
};
/** Data transfer goes both ways. */
const toStation = (protocol: Protocol): readonly string[] =>
  actionsOf(protocol).filter(
    (action) => action === 'DataTransfer' || !stationActionSets[protocol].has(action),
  );
const engineActionSets = {
  'ocpp1.6': new Set(toStation('ocpp1.6')),
  'ocpp2.0.1': new Set(toStation('ocpp2.0.1')),
};
const allActions = new Set([...actionsOf('ocpp1.6'), ...actionsOf('ocpp2.0.1')]);

/** What a station of this version may ask of us. */
export const stationActions = (protocol: Protocol): readonly string[] => FROM_STATION[protocol];

/** What we may ask of a station of this version. */
export const engineActions = (protocol: Protocol): readonly string[] => [...engineActionSets[protocol]];

export const isStationAction = (protocol: Protocol, action: string): boolean =>
  stationActionSets[protocol].has(action);

export const isEngineAction = (protocol: Protocol, action: string): boolean =>
  engineActionSets[protocol].has(action);

/** True for an action of any version that we speak, whoever sends it. */
export const isStandardAction = (action: string): boolean => allActions.has(action);
