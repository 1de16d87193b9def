// What an OCPP 1.6 station does when it is told to.

import type { Reply, StationControl } from '../dialect.js';
import { type Handler, on, status } from '../handler.js';
import { purposeOf, readProfile16 } from '../profile-wire.js';
import { writeSchedule } from '../schedule-wire.js';
import { int, list, nat, object, oneOf, optional, text } from '../shape.js';
import { type Configuration, readConfiguration } from './configuration.js';

type Handlers = Readonly<Record<string, Handler>>;

const configurationHandlers = (control: StationControl, configuration: Configuration): Handlers => ({
  GetConfiguration: on(object({ key: optional(list(text(50), 0, 50)) }), ({ key }) => ({
    answer: readConfiguration(configuration, key ?? []),
  })),
  ChangeConfiguration: on(object({ key: text(50), value: text(500) }), ({ key, value }) => {
    const setting = configuration.get(key);
    if (setting === undefined) return status('NotSupported');
    if (setting.write?.(value) !== true) return status('Rejected');
    return status('Accepted', () => control.settingsChanged());
  }),
  ClearCache: on(object({}), () => status('Accepted')),
  DataTransfer: on(
    object({ vendorId: text(255), messageId: optional(text(50)), data: optional((value: unknown) => value) }),
    () => status('UnknownVendorId'),
  ),
  GetLocalListVersion: on(object({}), () => ({ answer: { listVersion: -1 } })),
});

const clearFilter = object({
  id: optional(int),
  connectorId: optional(nat),
  chargingProfilePurpose: optional(oneOf('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile')),
  stackLevel: optional(nat),
});

const compositeRequest = object({
  connectorId: nat,
  duration: nat,
  chargingRateUnit: optional(oneOf('A', 'W')),
});

const profileHandlers = (control: StationControl): Handlers => ({
  SetChargingProfile: on(object({ connectorId: nat, csChargingProfiles: readProfile16 }), (request) =>
    status(
      control.setProfile(request.csChargingProfiles, request.connectorId).accepted ? 'Accepted' : 'Rejected',
    ),
  ),
  ClearChargingProfile: on(clearFilter, ({ id, connectorId, chargingProfilePurpose, stackLevel }) => {
    const purpose = chargingProfilePurpose === null ? null : purposeOf(chargingProfilePurpose);
    const cleared = control.charging.clear((profile) => {
      // OCPP 1.6 section 5.5: an id names one profile; the other fields are then of no use.
      if (id !== null) return profile.id === id;
      return (
        (connectorId === null || profile.evseId === connectorId) &&
        (purpose === null || profile.purpose === purpose) &&
        (stackLevel === null || profile.stackLevel === stackLevel)
      );
    });
    return status(cleared > 0 ? 'Accepted' : 'Unknown');
  }),
  GetCompositeSchedule: on(compositeRequest, ({ connectorId, duration, chargingRateUnit }): Reply => {
    const schedule = writeSchedule(control, {
      evseId: connectorId,
      durationS: duration,
      unit: chargingRateUnit,
    });
    if (schedule === null) return status('Rejected');
    const { scheduleStart, duration: durationS, chargingRateUnit: unit, chargingSchedulePeriod } = schedule;
    return {
      answer: {
        status: 'Accepted',
        connectorId,
        scheduleStart,
        chargingSchedule: {
          duration: durationS,
          startSchedule: scheduleStart,
          chargingRateUnit: unit,
          chargingSchedulePeriod,
        },
      },
    };
  }),
});

const transactionHandlers = (control: StationControl): Handlers => ({
  RemoteStartTransaction: on(
    object({ connectorId: optional(nat), idTag: text(20), chargingProfile: optional(readProfile16) }),
    ({ connectorId, idTag, chargingProfile }) => {
      const request = { evseId: connectorId, token: idTag, remoteStartId: null, profile: chargingProfile };
      return status(control.requestStart(request) ? 'Accepted' : 'Rejected');
    },
  ),
  RemoteStopTransaction: on(object({ transactionId: int }), ({ transactionId }) => {
    const session = [...control.charging.sessions.values()].find(
      (one) => one.wireId === String(transactionId),
    );
    if (session === undefined) return status('Rejected');
    return status('Accepted', () => control.requestStop(session, 'Remote'));
  }),
});

const TRIGGERS = {
  BootNotification: 'boot',
  Heartbeat: 'heartbeat',
  MeterValues: 'meter',
  StatusNotification: 'status',
} as const;

const triggerRequest = object({
  requestedMessage: oneOf(
    'BootNotification',
    'Heartbeat',
    'MeterValues',
    'StatusNotification',
    'DiagnosticsStatusNotification',
    'FirmwareStatusNotification',
  ),
  connectorId: optional(nat),
});

const deviceHandlers = (control: StationControl): Handlers => ({
  TriggerMessage: on(triggerRequest, ({ requestedMessage, connectorId }) => {
    const message = TRIGGERS[requestedMessage as keyof typeof TRIGGERS];
    if (message === undefined) return status('NotImplemented');
    if (connectorId !== null && connectorId > 0 && control.charging.evse(connectorId) === undefined)
      return status('Rejected');
    return status('Accepted', () => control.trigger(message, connectorId ?? 0));
  }),
  Reset: on(object({ type: oneOf('Hard', 'Soft') }), ({ type }) =>
    status('Accepted', () => control.reset(type === 'Hard' ? 'HardReset' : 'SoftReset', 'now')),
  ),
  ChangeAvailability: on(
    object({ connectorId: nat, type: oneOf('Inoperative', 'Operative') }),
    ({ connectorId, type }) => {
      if (connectorId > 0 && control.charging.evse(connectorId) === undefined) return status('Rejected');
      return status(control.setOperative(connectorId, type === 'Operative'));
    },
  ),
  UnlockConnector: on(object({ connectorId: nat }), ({ connectorId }) => {
    if (control.charging.evse(connectorId) === undefined) return status('NotSupported');
    const session = control.charging.sessions.get(connectorId);
    return status('Unlocked', () => {
      if (session !== undefined) control.requestStop(session, 'UnlockCommand');
    });
  }),
});

export const UNSUPPORTED_16 = [
  'CancelReservation',
  'GetDiagnostics',
  'ReserveNow',
  'SendLocalList',
  'UpdateFirmware',
] as const;

export const handlers16 = (control: StationControl, configuration: Configuration): Handlers => ({
  ...configurationHandlers(control, configuration),
  ...profileHandlers(control),
  ...transactionHandlers(control),
  ...deviceHandlers(control),
});
