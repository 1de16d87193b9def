// The OCPP 2.0.1 messages that stations send all day, by hand (OCPP 2.0.1 part 2 section 1). A test
// holds them equal to the OCA's schemas.

import { z } from 'zod';
import {
  customData,
  dateTime,
  LOCATIONS,
  MEASURANDS_201,
  PHASES_NAMED,
  READING_CONTEXTS,
  text,
} from './hot-parts.js';

const idToken = z.strictObject({
  customData,
  additionalInfo: z
    .array(z.strictObject({ customData, additionalIdToken: text(36), type: text(50) }))
    .min(1)
    .optional(),
  idToken: text(36),
  type: z.enum([
    'Central',
    'eMAID',
    'ISO14443',
    'ISO15693',
    'KeyCode',
    'Local',
    'MacAddress',
    'NoAuthorization',
  ]),
});

const evse = z.strictObject({ customData, id: z.int(), connectorId: z.int().optional() });

const component = z.strictObject({
  customData,
  evse: evse.optional(),
  name: text(50),
  instance: text(50).optional(),
});

const variable = z.strictObject({ customData, name: text(50), instance: text(50).optional() });

const sampledValue = z.strictObject({
  customData,
  value: z.number(),
  context: z.enum(READING_CONTEXTS).optional(),
  measurand: z.enum(MEASURANDS_201).optional(),
  phase: z.enum(PHASES_NAMED).optional(),
  location: z.enum(LOCATIONS).optional(),
  signedMeterValue: z
    .strictObject({
      customData,
      signedMeterData: text(2500),
      signingMethod: text(50),
      encodingMethod: text(50),
      publicKey: text(2500),
    })
    .optional(),
  unitOfMeasure: z
    .strictObject({ customData, unit: text(20).optional(), multiplier: z.int().optional() })
    .optional(),
});

const meterValue = z
  .array(z.strictObject({ customData, sampledValue: z.array(sampledValue).min(1), timestamp: dateTime }))
  .min(1);

export const bootNotification201 = z.strictObject({
  customData,
  chargingStation: z.strictObject({
    customData,
    serialNumber: text(25).optional(),
    model: text(20),
    modem: z.strictObject({ customData, iccid: text(20).optional(), imsi: text(20).optional() }).optional(),
    vendorName: text(50),
    firmwareVersion: text(50).optional(),
  }),
  reason: z.enum([
    'ApplicationReset',
    'FirmwareUpdate',
    'LocalReset',
    'PowerUp',
    'RemoteReset',
    'ScheduledReset',
    'Triggered',
    'Unknown',
    'Watchdog',
  ]),
});

export const heartbeat201 = z.strictObject({ customData });

export const statusNotification201 = z.strictObject({
  customData,
  timestamp: dateTime,
  connectorStatus: z.enum(['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted']),
  evseId: z.int(),
  connectorId: z.int(),
});

export const authorize201 = z.strictObject({
  customData,
  idToken,
  certificate: text(5500).optional(),
  iso15118CertificateHashData: z
    .array(
      z.strictObject({
        customData,
        hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
        issuerNameHash: text(128),
        issuerKeyHash: text(128),
        serialNumber: text(40),
        responderURL: text(512),
      }),
    )
    .min(1)
    .max(4)
    .optional(),
});

const transactionInfo = z.strictObject({
  customData,
  transactionId: text(36),
  chargingState: z.enum(['Charging', 'EVConnected', 'SuspendedEV', 'SuspendedEVSE', 'Idle']).optional(),
  timeSpentCharging: z.int().optional(),
  stoppedReason: z
    .enum([
      'DeAuthorized',
      'EmergencyStop',
      'EnergyLimitReached',
      'EVDisconnected',
      'GroundFault',
      'ImmediateReset',
      'Local',
      'LocalOutOfCredit',
      'MasterPass',
      'Other',
      'OvercurrentFault',
      'PowerLoss',
      'PowerQuality',
      'Reboot',
      'Remote',
      'SOCLimitReached',
      'StoppedByEV',
      'TimeLimitReached',
      'Timeout',
    ])
    .optional(),
  remoteStartId: z.int().optional(),
});

export const transactionEvent201 = z.strictObject({
  customData,
  eventType: z.enum(['Ended', 'Started', 'Updated']),
  meterValue: meterValue.optional(),
  timestamp: dateTime,
  triggerReason: z.enum([
    'Authorized',
    'CablePluggedIn',
    'ChargingRateChanged',
    'ChargingStateChanged',
    'Deauthorized',
    'EnergyLimitReached',
    'EVCommunicationLost',
    'EVConnectTimeout',
    'MeterValueClock',
    'MeterValuePeriodic',
    'TimeLimitReached',
    'Trigger',
    'UnlockCommand',
    'StopAuthorized',
    'EVDeparted',
    'EVDetected',
    'RemoteStop',
    'RemoteStart',
    'AbnormalCondition',
    'SignedDataReceived',
    'ResetCommand',
  ]),
  seqNo: z.int(),
  offline: z.boolean().optional(),
  numberOfPhasesUsed: z.int().optional(),
  cableMaxCurrent: z.int().optional(),
  reservationId: z.int().optional(),
  transactionInfo,
  evse: evse.optional(),
  idToken: idToken.optional(),
});

export const meterValues201 = z.strictObject({ customData, evseId: z.int(), meterValue });

const reportDatum = z.strictObject({
  customData,
  component,
  variable,
  variableAttribute: z
    .array(
      z.strictObject({
        customData,
        type: z.enum(['Actual', 'Target', 'MinSet', 'MaxSet']).optional(),
        value: text(2500).optional(),
        mutability: z.enum(['ReadOnly', 'WriteOnly', 'ReadWrite']).optional(),
        persistent: z.boolean().optional(),
        constant: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(4),
  variableCharacteristics: z
    .strictObject({
      customData,
      unit: text(16).optional(),
      dataType: z.enum([
        'string',
        'decimal',
        'integer',
        'dateTime',
        'boolean',
        'OptionList',
        'SequenceList',
        'MemberList',
      ]),
      minLimit: z.number().optional(),
      maxLimit: z.number().optional(),
      valuesList: text(1000).optional(),
      supportsMonitoring: z.boolean(),
    })
    .optional(),
});

export const notifyReport201 = z.strictObject({
  customData,
  requestId: z.int(),
  generatedAt: dateTime,
  reportData: z.array(reportDatum).min(1).optional(),
  tbc: z.boolean().optional(),
  seqNo: z.int(),
});

const eventDatum = z.strictObject({
  customData,
  eventId: z.int(),
  timestamp: dateTime,
  trigger: z.enum(['Alerting', 'Delta', 'Periodic']),
  cause: z.int().optional(),
  actualValue: text(2500),
  techCode: text(50).optional(),
  techInfo: text(500).optional(),
  cleared: z.boolean().optional(),
  transactionId: text(36).optional(),
  component,
  variableMonitoringId: z.int().optional(),
  eventNotificationType: z.enum([
    'HardWiredNotification',
    'HardWiredMonitor',
    'PreconfiguredMonitor',
    'CustomMonitor',
  ]),
  variable,
});

export const notifyEvent201 = z.strictObject({
  customData,
  generatedAt: dateTime,
  tbc: z.boolean().optional(),
  seqNo: z.int(),
  eventData: z.array(eventDatum).min(1),
});

const percent = z.int().min(0).max(100);

export const notifyEvChargingNeeds201 = z.strictObject({
  customData,
  maxScheduleTuples: z.int().optional(),
  evseId: z.int(),
  chargingNeeds: z.strictObject({
    customData,
    acChargingParameters: z
      .strictObject({
        customData,
        energyAmount: z.int(),
        evMinCurrent: z.int(),
        evMaxCurrent: z.int(),
        evMaxVoltage: z.int(),
      })
      .optional(),
    dcChargingParameters: z
      .strictObject({
        customData,
        evMaxCurrent: z.int(),
        evMaxVoltage: z.int(),
        energyAmount: z.int().optional(),
        evMaxPower: z.int().optional(),
        stateOfCharge: percent.optional(),
        evEnergyCapacity: z.int().optional(),
        fullSoC: percent.optional(),
        bulkSoC: percent.optional(),
      })
      .optional(),
    requestedEnergyTransfer: z.enum(['DC', 'AC_single_phase', 'AC_two_phase', 'AC_three_phase']),
    departureTime: dateTime.optional(),
  }),
});

export const dataTransfer201 = z.strictObject({
  customData,
  messageId: text(50).optional(),
  data: z.unknown().optional(),
  vendorId: text(255),
});
