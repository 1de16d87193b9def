// What an OCPP 2.0.1 station says.

import type { Answer, Message } from '../caller.js';
import type { BootReason, Dialect, StationControl } from '../dialect.js';
import type { Evse } from '../evse.js';
import { type Random, uuidFrom } from '../random.js';
import type { Sample, Session, StopReason } from '../session.js';
import type { Measurand } from '../settings.js';

type Messages = Omit<Dialect, 'handle' | 'badFrame'>;

const BOOT_REASONS: Readonly<Record<BootReason, string>> = {
  PowerUp: 'PowerUp',
  RemoteReset: 'RemoteReset',
  ScheduledReset: 'ScheduledReset',
  Triggered: 'Triggered',
};

const STOPPED: Readonly<Record<StopReason, { readonly reason: string; readonly trigger: string }>> = {
  EVDisconnected: { reason: 'EVDisconnected', trigger: 'EVCommunicationLost' },
  Remote: { reason: 'Remote', trigger: 'RemoteStop' },
  DeAuthorized: { reason: 'DeAuthorized', trigger: 'Deauthorized' },
  Reboot: { reason: 'Reboot', trigger: 'AbnormalCondition' },
  PowerLoss: { reason: 'PowerLoss', trigger: 'AbnormalCondition' },
  UnlockCommand: { reason: 'Remote', trigger: 'UnlockCommand' },
  HardReset: { reason: 'ImmediateReset', trigger: 'ResetCommand' },
  SoftReset: { reason: 'ImmediateReset', trigger: 'ResetCommand' },
};

const CONTEXT_TRIGGER: Readonly<Record<Sample['context'], string>> = {
  'Sample.Periodic': 'MeterValuePeriodic',
  'Sample.Clock': 'MeterValueClock',
  Trigger: 'Trigger',
  'Transaction.Begin': 'MeterValuePeriodic',
  'Transaction.End': 'MeterValuePeriodic',
};

const PHASE_NAMES = ['L1', 'L2', 'L3'] as const;
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const idToken = (token: string) => ({ idToken: token, type: 'ISO14443' });

/** OCPP 2.0.1 ConnectorStatusEnumType. */
export function statusOf201(evse: Evse): string {
  if (!evse.operative && evse.car === null) return 'Unavailable';
  return evse.car === null ? 'Available' : 'Occupied';
}

function sampledValues201(
  sample: Sample,
  measurands: readonly Measurand[],
  bare: boolean,
): readonly object[] {
  if (bare) return [{ value: rounded(sample.energyWh, 0) }];
  const context = sample.context;
  const values = {
    'Current.Import': sample.currentA.map((amperes, i) => ({
      value: rounded(amperes, 2),
      context,
      measurand: 'Current.Import',
      phase: PHASE_NAMES[i],
      unitOfMeasure: { unit: 'A' },
    })),
    'Power.Active.Import': [
      {
        value: rounded(sample.powerW, 1),
        context,
        measurand: 'Power.Active.Import',
        unitOfMeasure: { unit: 'W' },
      },
    ],
    'Energy.Active.Import.Register': [
      {
        value: rounded(sample.energyWh, 1),
        context,
        measurand: 'Energy.Active.Import.Register',
        unitOfMeasure: { unit: 'Wh' },
      },
    ],
  } satisfies Record<Measurand, readonly object[]>;
  return measurands.flatMap((measurand) => values[measurand] as readonly object[]);
}

const call = (action: string, payload: Record<string, unknown>): Message => ({
  action,
  payload: () => payload,
});

const TRANSFERS = ['AC_single_phase', 'AC_two_phase', 'AC_three_phase'] as const;
/** Volts of the battery of a DC car, as it states its power. */
const DC_V = 400;

/** OCPP 2.0.1 K15: what the car said over ISO 15118. Energy is in every AC request. */
function chargingNeeds(control: StationControl, { evse }: Session): Message | null {
  const { car } = evse;
  const energyWh = evse.saysWh;
  const departAt = car?.spec.says?.departAt;
  if (car === null || (energyWh === null && departAt === undefined)) return null;
  const energyAmount = Math.round(energyWh ?? 0);
  const parameters = evse.isDc
    ? {
        requestedEnergyTransfer: 'DC',
        dcChargingParameters: {
          evMaxCurrent: Math.floor((car.spec.maxA * evse.wattsPerA) / DC_V),
          evMaxVoltage: DC_V,
          ...(energyWh === null ? {} : { energyAmount }),
        },
      }
    : {
        requestedEnergyTransfer: TRANSFERS[evse.phasesInUse.length - 1],
        acChargingParameters: {
          energyAmount,
          evMinCurrent: Math.ceil(car.minA),
          evMaxCurrent: Math.floor(car.spec.maxA),
          evMaxVoltage: Math.round(control.voltageV),
        },
      };
  const departureTime = departAt === undefined ? {} : { departureTime: control.stamp(departAt) };
  return call('NotifyEVChargingNeeds', {
    evseId: evse.id,
    chargingNeeds: { ...parameters, ...departureTime },
  });
}

interface EventParts {
  readonly eventType: 'Started' | 'Updated' | 'Ended';
  readonly triggerReason: string;
  readonly at: number;
  readonly offline: boolean;
  readonly info?: Record<string, unknown>;
  readonly more?: Record<string, unknown>;
}

/** OCPP 2.0.1 E01-E09: numbered when it happens, sent when it can be. */
function transactionEvent(control: StationControl, session: Session, parts: EventParts): Message {
  const payload: Record<string, unknown> = {
    eventType: parts.eventType,
    timestamp: control.stamp(parts.at),
    triggerReason: parts.triggerReason,
    seqNo: session.seqNo++,
    ...(parts.offline ? { offline: true } : {}),
    evse: { id: session.evse.id, connectorId: 1 },
    transactionInfo: { transactionId: session.wireId, ...parts.info },
    ...parts.more,
  };
  const droppable = parts.eventType === 'Updated';
  return { action: 'TransactionEvent', payload: () => payload, transactional: true, droppable };
}

export function messages201(control: StationControl, random: Random, now: () => number): Messages {
  const meterValue = (sample: Sample, bare = false) => {
    const sampledValue = sampledValues201(sample, control.settings.measurands, bare);
    return [{ timestamp: control.stamp(sample.at), sampledValue }];
  };
  const meterValues = (evse: Evse, sample: Sample, bare: boolean): Message => {
    const payload = { evseId: evse.id, meterValue: meterValue(sample, bare) };
    return { action: 'MeterValues', payload: () => payload, droppable: true };
  };
  return {
    ...plainMessages(control),
    transactionId: () => uuidFrom(random),
    started: (session, offline) =>
      transactionEvent(control, session, {
        eventType: 'Started',
        triggerReason: session.remoteStartId === null ? 'Authorized' : 'RemoteStart',
        at: session.startedAt,
        offline,
        info: {
          chargingState: 'EVConnected',
          ...(session.remoteStartId === null ? {} : { remoteStartId: session.remoteStartId }),
        },
        more: { idToken: idToken(session.token) },
      }),
    onStarted: (_session, answer: Answer) => {
      const info =
        answer.kind === 'result'
          ? (answer.payload.idTokenInfo as { status?: unknown } | undefined)
          : undefined;
      return info === undefined || info.status === 'Accepted';
    },
    needs: (session) => chargingNeeds(control, session),
    changed: (session, offline) =>
      transactionEvent(control, session, {
        eventType: 'Updated',
        triggerReason: 'ChargingStateChanged',
        at: now(),
        offline,
        info: { chargingState: session.state },
      }),
    sampled: (session, sample, { bare, offline }) =>
      bare
        ? meterValues(session.evse, sample, true)
        : transactionEvent(control, session, {
            eventType: 'Updated',
            triggerReason: CONTEXT_TRIGGER[sample.context],
            at: sample.at,
            offline,
            info: { chargingState: session.state },
            more: { meterValue: meterValue(sample) },
          }),
    reading: (evse, sample) => meterValues(evse, sample, false),
    ended: (session, { reason, sample, offline }) =>
      transactionEvent(control, session, {
        eventType: 'Ended',
        triggerReason: STOPPED[reason].trigger,
        at: sample.at,
        offline,
        info: {
          stoppedReason: STOPPED[reason].reason,
          chargingState: reason === 'EVDisconnected' ? 'Idle' : 'EVConnected',
        },
        more: { meterValue: meterValue(sample) },
      }),
  };
}

const plainMessages = (
  control: StationControl,
): Pick<Messages, 'boot' | 'heartbeat' | 'status' | 'statusOf' | 'authorize' | 'authorized'> => ({
  boot: (reason) =>
    call('BootNotification', {
      reason: BOOT_REASONS[reason],
      chargingStation: {
        vendorName: 'Ampledger',
        model: 'Simulated 2.0.1',
        serialNumber: control.id.slice(0, 25),
        firmwareVersion: '1.0.0',
      },
    }),
  heartbeat: () => call('Heartbeat', {}),
  status: (evse) =>
    evse === null
      ? null
      : call('StatusNotification', {
          timestamp: control.stamp(),
          connectorStatus: statusOf201(evse),
          evseId: evse.id,
          connectorId: 1,
        }),
  statusOf: statusOf201,
  authorize: (token) => call('Authorize', { idToken: idToken(token) }),
  authorized: (payload) =>
    (payload.idTokenInfo as { readonly status?: unknown } | undefined)?.status === 'Accepted',
});
