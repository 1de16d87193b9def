// The OCPP 1.6 messages that stations send all day, by hand (OCPP 1.6 section 6). A test holds them
// equal to the OCA's schemas.

import { z } from 'zod';
import { dateTime, LOCATIONS, MEASURANDS_16, PHASES_NAMED, READING_CONTEXTS, text } from './hot-parts.js';

export const UNITS_16 = [
  'Wh',
  'kWh',
  'varh',
  'kvarh',
  'W',
  'kW',
  'VA',
  'kVA',
  'var',
  'kvar',
  'A',
  'V',
  'K',
  // The standard's own spelling; later editions of its schemas have both.
  'Celcius',
  'Celsius',
  'Fahrenheit',
  'Percent',
] as const;

const idTag = text(20);

const sampledValue = z.strictObject({
  value: z.string(),
  context: z.enum(READING_CONTEXTS).optional(),
  format: z.enum(['Raw', 'SignedData']).optional(),
  measurand: z.enum(MEASURANDS_16).optional(),
  phase: z.enum(PHASES_NAMED).optional(),
  location: z.enum(LOCATIONS).optional(),
  unit: z.enum(UNITS_16).optional(),
});

const meterValue = z.array(z.strictObject({ timestamp: dateTime, sampledValue: z.array(sampledValue) }));

export const bootNotification16 = z.strictObject({
  chargePointVendor: text(20),
  chargePointModel: text(20),
  chargePointSerialNumber: text(25).optional(),
  chargeBoxSerialNumber: text(25).optional(),
  firmwareVersion: text(50).optional(),
  iccid: text(20).optional(),
  imsi: text(20).optional(),
  meterType: text(25).optional(),
  meterSerialNumber: text(25).optional(),
});

export const heartbeat16 = z.strictObject({});

export const statusNotification16 = z.strictObject({
  connectorId: z.int(),
  errorCode: z.enum([
    'ConnectorLockFailure',
    'EVCommunicationError',
    'GroundFailure',
    'HighTemperature',
    'InternalError',
    'LocalListConflict',
    'NoError',
    'OtherError',
    'OverCurrentFailure',
    'PowerMeterFailure',
    'PowerSwitchFailure',
    'ReaderFailure',
    'ResetFailure',
    'UnderVoltage',
    'OverVoltage',
    'WeakSignal',
  ]),
  info: text(100).optional(),
  status: z.enum([
    'Available',
    'Preparing',
    'Charging',
    'SuspendedEVSE',
    'SuspendedEV',
    'Finishing',
    'Reserved',
    'Unavailable',
    'Faulted',
  ]),
  timestamp: dateTime.optional(),
  vendorId: text(255).optional(),
  vendorErrorCode: text(50).optional(),
});

export const authorize16 = z.strictObject({ idTag });

export const startTransaction16 = z.strictObject({
  connectorId: z.int(),
  idTag,
  meterStart: z.int(),
  reservationId: z.int().optional(),
  timestamp: dateTime,
});

export const stopTransaction16 = z.strictObject({
  idTag: idTag.optional(),
  meterStop: z.int(),
  timestamp: dateTime,
  transactionId: z.int(),
  reason: z
    .enum([
      'EmergencyStop',
      'EVDisconnected',
      'HardReset',
      'Local',
      'Other',
      'PowerLoss',
      'Reboot',
      'Remote',
      'SoftReset',
      'UnlockCommand',
      'DeAuthorized',
    ])
    .optional(),
  transactionData: meterValue.optional(),
});

export const meterValues16 = z.strictObject({
  connectorId: z.int(),
  transactionId: z.int().optional(),
  meterValue,
});

export const dataTransfer16 = z.strictObject({
  vendorId: text(255),
  messageId: text(50).optional(),
  data: z.string().optional(),
});
