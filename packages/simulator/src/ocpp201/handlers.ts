// What an OCPP 2.0.1 station does when it is told to: power, transactions, and the device itself.

import type { Reply, StationControl } from '../dialect.js';
import { type Handler, on, status } from '../handler.js';
import type { InstalledProfile } from '../profile.js';
import { purposeOf, readProfile201, writeProfile201 } from '../profile-wire.js';
import { writeSchedule } from '../schedule-wire.js';
import { anything, int, list, nat, object, oneOf, optional, text } from '../shape.js';

type Handlers = Readonly<Record<string, Handler>>;

const purposes = oneOf(
  'ChargingStationExternalConstraints',
  'ChargingStationMaxProfile',
  'TxDefaultProfile',
  'TxProfile',
);
const evseRef = object({ id: nat, connectorId: optional(nat) });
const idToken = object({
  idToken: text(36),
  type: oneOf(
    'Central',
    'eMAID',
    'ISO14443',
    'ISO15693',
    'KeyCode',
    'Local',
    'MacAddress',
    'NoAuthorization',
  ),
  additionalInfo: optional(list(anything, 1, 100)),
});

interface ProfileFilter {
  readonly id: number | null;
  readonly evseId: number | null;
  readonly purpose: string | null;
  readonly stackLevel: number | null;
}

const matching =
  (filter: ProfileFilter) =>
  (profile: InstalledProfile): boolean => {
    if (filter.id !== null) return profile.id === filter.id;
    return (
      (filter.evseId === null || profile.evseId === filter.evseId) &&
      (filter.purpose === null || profile.purpose === purposeOf(filter.purpose)) &&
      (filter.stackLevel === null || profile.stackLevel === filter.stackLevel)
    );
  };

const clearRequest = object({
  chargingProfileId: optional(int),
  chargingProfileCriteria: optional(
    object({ evseId: optional(nat), chargingProfilePurpose: optional(purposes), stackLevel: optional(nat) }),
  ),
});

const profileHandlers = (control: StationControl): Handlers => ({
  SetChargingProfile: on(
    object({ evseId: nat, chargingProfile: readProfile201 }),
    ({ evseId, chargingProfile }) => {
      const { accepted, reasonCode } = control.setProfile(chargingProfile, evseId);
      return accepted ? status('Accepted') : { answer: { status: 'Rejected', statusInfo: { reasonCode } } };
    },
  ),
  ClearChargingProfile: on(clearRequest, ({ chargingProfileId, chargingProfileCriteria: criteria }) => {
    const filter = {
      id: chargingProfileId,
      evseId: criteria?.evseId ?? null,
      purpose: criteria?.chargingProfilePurpose ?? null,
      stackLevel: criteria?.stackLevel ?? null,
    };
    return status(control.charging.clear(matching(filter)) > 0 ? 'Accepted' : 'Unknown');
  }),
  GetCompositeSchedule: on(
    object({ evseId: nat, duration: nat, chargingRateUnit: optional(oneOf('A', 'W')) }),
    ({ evseId, duration, chargingRateUnit }): Reply => {
      const schedule = writeSchedule(control, { evseId, durationS: duration, unit: chargingRateUnit });
      if (schedule === null) return status('Rejected');
      return { answer: { status: 'Accepted', schedule: { evseId, ...schedule } } };
    },
  ),
});

const reportRequest = object({
  requestId: int,
  evseId: optional(nat),
  chargingProfile: object({
    chargingProfilePurpose: optional(purposes),
    stackLevel: optional(nat),
    chargingProfileId: optional(list(int, 1, 1000)),
    chargingLimitSource: optional(list(oneOf('EMS', 'Other', 'SO', 'CSO'), 1, 4)),
  }),
});

/** K09: one ReportChargingProfiles for each EVSE that has any. */
const reportHandlers = (control: StationControl): Handlers => ({
  GetChargingProfiles: on(reportRequest, ({ requestId, evseId, chargingProfile: wanted }) => {
    const filter = {
      id: null,
      evseId,
      purpose: wanted.chargingProfilePurpose,
      stackLevel: wanted.stackLevel,
    };
    const found = control.charging.profiles
      .filter(matching(filter))
      .filter((p) => wanted.chargingProfileId === null || wanted.chargingProfileId.includes(p.id))
      .filter(() => wanted.chargingLimitSource === null || wanted.chargingLimitSource.includes('CSO'));
    const places = [...new Set(found.map((profile) => profile.evseId))];
    return status(found.length === 0 ? 'NoProfiles' : 'Accepted', () =>
      places.forEach((place, i) => {
        const payload = {
          requestId,
          chargingLimitSource: 'CSO',
          evseId: place,
          tbc: i < places.length - 1,
          chargingProfile: found.filter((profile) => profile.evseId === place).map(writeProfile201),
        };
        control.submit({ action: 'ReportChargingProfiles', payload: () => payload });
      }),
    );
  }),
});

const startRequest = object({
  remoteStartId: int,
  evseId: optional(nat),
  idToken,
  groupIdToken: optional(idToken),
  chargingProfile: optional(readProfile201),
});

const transactionHandlers = (control: StationControl): Handlers => ({
  RequestStartTransaction: on(startRequest, ({ remoteStartId, evseId, idToken: token, chargingProfile }) => {
    const request = { evseId, token: token.idToken, remoteStartId, profile: chargingProfile };
    return status(control.requestStart(request) ? 'Accepted' : 'Rejected');
  }),
  RequestStopTransaction: on(object({ transactionId: text(36) }), ({ transactionId }) => {
    const session = [...control.charging.sessions.values()].find((one) => one.wireId === transactionId);
    if (session === undefined) return status('Rejected');
    return status('Accepted', () => control.requestStop(session, 'Remote'));
  }),
  GetTransactionStatus: on(object({ transactionId: optional(text(36)) }), ({ transactionId }) => {
    const sessions = [...control.charging.sessions.values()];
    const ongoing =
      transactionId === null ? {} : { ongoingIndicator: sessions.some((s) => s.wireId === transactionId) };
    return { answer: { ...ongoing, messagesInQueue: false } };
  }),
});

const TRIGGERS = {
  BootNotification: 'boot',
  Heartbeat: 'heartbeat',
  MeterValues: 'meter',
  StatusNotification: 'status',
  TransactionEvent: 'transaction',
} as const;

const triggerRequest = object({
  requestedMessage: oneOf(
    'BootNotification',
    'LogStatusNotification',
    'FirmwareStatusNotification',
    'Heartbeat',
    'MeterValues',
    'SignChargingStationCertificate',
    'SignV2GCertificate',
    'StatusNotification',
    'TransactionEvent',
    'SignCombinedCertificate',
    'PublishFirmwareStatusNotification',
  ),
  evse: optional(evseRef),
});

const unknownEvse = (control: StationControl, evseId: number): boolean =>
  evseId !== 0 && control.charging.evse(evseId) === undefined;

const deviceHandlers = (control: StationControl): Handlers => ({
  TriggerMessage: on(triggerRequest, ({ requestedMessage, evse }) => {
    const message = TRIGGERS[requestedMessage as keyof typeof TRIGGERS];
    if (message === undefined) return status('NotImplemented');
    if (unknownEvse(control, evse?.id ?? 0)) return status('Rejected');
    return status('Accepted', () => control.trigger(message, evse?.id ?? 0));
  }),
  Reset: on(object({ type: oneOf('Immediate', 'OnIdle'), evseId: optional(nat) }), ({ type, evseId }) => {
    // OCPP 2.0.1 B11: a reset of a single EVSE is refused where it is not supported.
    if (evseId !== null) return status('Rejected');
    const waits = type === 'OnIdle' && control.charging.sessions.size > 0;
    const when = type === 'OnIdle' ? 'idle' : 'now';
    return status(waits ? 'Scheduled' : 'Accepted', () => control.reset('HardReset', when));
  }),
  ChangeAvailability: on(
    object({ operationalStatus: oneOf('Inoperative', 'Operative'), evse: optional(evseRef) }),
    ({ operationalStatus, evse }) => {
      if (unknownEvse(control, evse?.id ?? 0)) return status('Rejected');
      return status(control.setOperative(evse?.id ?? 0, operationalStatus === 'Operative'));
    },
  ),
  UnlockConnector: on(object({ evseId: nat, connectorId: nat }), ({ evseId, connectorId }) => {
    if (control.charging.evse(evseId) === undefined || connectorId !== 1) return status('UnknownConnector');
    // OCPP 2.0.1 F05: not while a transaction that was authorised is going on.
    return status(control.charging.sessions.has(evseId) ? 'OngoingAuthorizedTransaction' : 'Unlocked');
  }),
  ClearCache: on(object({}), () => status('Accepted')),
  DataTransfer: on(object({ vendorId: text(255), messageId: optional(text(50)), data: anything }), () =>
    status('UnknownVendorId'),
  ),
});

export const handlers201 = (control: StationControl): Handlers => ({
  ...profileHandlers(control),
  ...reportHandlers(control),
  ...transactionHandlers(control),
  ...deviceHandlers(control),
});

export const UNSUPPORTED_201 = [
  'CancelReservation',
  'CertificateSigned',
  'ClearDisplayMessage',
  'ClearVariableMonitoring',
  'CostUpdated',
  'CustomerInformation',
  'DeleteCertificate',
  'GetDisplayMessages',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'GetMonitoringReport',
  'InstallCertificate',
  'PublishFirmware',
  'ReserveNow',
  'SendLocalList',
  'SetDisplayMessage',
  'SetMonitoringBase',
  'SetMonitoringLevel',
  'SetNetworkProfile',
  'SetVariableMonitoring',
  'UnpublishFirmware',
  'UpdateFirmware',
] as const;
