// What an OCPP 1.6 station says.

import type { Answer, Message } from '../caller.js';
import type { BootReason, Dialect, StationControl } from '../dialect.js';
import type { Evse } from '../evse.js';
import type { Sample, Session, StopReason } from '../session.js';
import type { Measurand } from '../settings.js';

type Messages = Omit<Dialect, 'handle' | 'badFrame'>;

/** OCPP 1.6 ChargePointStatus. */
export function statusOf16(control: StationControl, evse: Evse): string {
  const session = control.charging.sessions.get(evse.id);
  if (session !== undefined) return evse.state === 'EVConnected' ? 'Preparing' : evse.state;
  if (!evse.operative) return 'Unavailable';
  if (evse.car === null) return 'Available';
  return evse.served ? 'Finishing' : 'Preparing';
}

const REASONS: Readonly<Record<StopReason, string>> = {
  EVDisconnected: 'EVDisconnected',
  Remote: 'Remote',
  DeAuthorized: 'DeAuthorized',
  Reboot: 'Reboot',
  PowerLoss: 'PowerLoss',
  UnlockCommand: 'UnlockCommand',
  HardReset: 'HardReset',
  SoftReset: 'SoftReset',
};

/** A transaction that never got an id still has to be stopped; stations in the field say -1. */
const NO_TRANSACTION = -1;
const numberOf = (session: Session): number =>
  session.wireId === null ? NO_TRANSACTION : Number(session.wireId);

const PHASE_NAMES = ['L1', 'L2', 'L3'] as const;

export function sampledValues16(
  sample: Sample,
  measurands: readonly Measurand[],
  bare = false,
): readonly object[] {
  if (bare) return [{ value: String(Math.round(sample.energyWh)) }];
  const context = sample.context;
  const values = {
    'Current.Import': sample.currentA.map((amperes, i) => ({
      value: amperes.toFixed(2),
      context,
      measurand: 'Current.Import',
      phase: PHASE_NAMES[i],
      unit: 'A',
    })),
    'Power.Active.Import': [
      { value: sample.powerW.toFixed(1), context, measurand: 'Power.Active.Import', unit: 'W' },
    ],
    'Energy.Active.Import.Register': [
      { value: sample.energyWh.toFixed(1), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    ],
  } satisfies Record<Measurand, readonly object[]>;
  return measurands.flatMap((measurand) => values[measurand] as readonly object[]);
}

function transactionMessages(
  control: StationControl,
): Pick<Messages, 'started' | 'onStarted' | 'sampled' | 'ended'> {
  const meterValue = (sample: Sample, bare: boolean) => {
    const sampledValue = sampledValues16(sample, control.settings.measurands, bare);
    return { timestamp: control.stamp(sample.at), sampledValue };
  };
  return {
    started: (session) => {
      const payload = {
        connectorId: session.evse.id,
        idTag: session.token,
        meterStart: Math.round(session.meterStartWh),
        timestamp: control.stamp(session.startedAt),
      };
      return { action: 'StartTransaction', payload: () => payload, transactional: true };
    },
    onStarted: (session, answer: Answer) => {
      if (answer.kind !== 'result') return true;
      const id = answer.payload.transactionId;
      if (typeof id === 'number') session.wireId = String(id);
      return statusIn(answer.payload) === 'Accepted';
    },
    sampled: (session, sample, { bare }) => {
      const value = meterValue(sample, bare);
      const payload = (): Record<string, unknown> => ({
        connectorId: session.evse.id,
        ...(bare || session.wireId === null ? {} : { transactionId: Number(session.wireId) }),
        meterValue: [value],
      });
      return { action: 'MeterValues', payload, transactional: true, droppable: true };
    },
    ended: (session, { reason, sample }) => {
      const timestamp = control.stamp(sample.at);
      const payload = (): Record<string, unknown> => ({
        transactionId: numberOf(session),
        idTag: session.token,
        meterStop: Math.round(sample.energyWh),
        timestamp,
        reason: REASONS[reason],
      });
      return { action: 'StopTransaction', payload, transactional: true };
    },
  };
}

const statusIn = (payload: Readonly<Record<string, unknown>>): unknown =>
  (payload.idTagInfo as { readonly status?: unknown } | undefined)?.status;

const call = (action: string, payload: Record<string, unknown>): Message => ({
  action,
  payload: () => payload,
});

export const messages16 = (control: StationControl): Messages => ({
  ...transactionMessages(control),
  boot: (_reason: BootReason) =>
    call('BootNotification', {
      chargePointVendor: 'Ampledger',
      chargePointModel: 'Simulated 1.6',
      chargePointSerialNumber: control.id.slice(0, 25),
      firmwareVersion: '1.0.0',
    }),
  heartbeat: () => call('Heartbeat', {}),
  status: (evse) =>
    call('StatusNotification', {
      connectorId: evse?.id ?? 0,
      errorCode: 'NoError',
      status: evse === null ? 'Available' : statusOf16(control, evse),
      timestamp: control.stamp(),
    }),
  statusOf: (evse) => statusOf16(control, evse),
  authorize: (token) => call('Authorize', { idTag: token }),
  authorized: (payload) => statusIn(payload) === 'Accepted',
  transactionId: () => null,
  changed: () => null,
  needs: () => null,
  reading: (evse, sample) => {
    const sampledValue = sampledValues16(sample, control.settings.measurands);
    return call('MeterValues', {
      connectorId: evse.id,
      meterValue: [{ timestamp: control.stamp(sample.at), sampledValue }],
    });
  },
});
