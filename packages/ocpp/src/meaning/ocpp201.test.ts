import type { DomainEvent } from '@ampledger/domain';
import { describe, expect, it } from 'vitest';
import type { StationContext } from '../contract.js';
import { interpretCall } from './interpret.js';
import { AT, callOf, contextOf, NOW, openSession, STATION } from './test-context.js';

const context = contextOf('ocpp2.0.1');

function interpret(action: string, payload: unknown, change: Partial<StationContext> = {}) {
  const outcome = interpretCall({ ...context, ...change }, callOf(action, payload));
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

const eventsOf = (action: string, payload: unknown, change: Partial<StationContext> = {}): DomainEvent[] =>
  interpret(action, payload, change).events.map(({ event }) => event);

const register = (value: number) => ({
  timestamp: AT,
  sampledValue: [{ value, context: 'Sample.Periodic' }],
});
const transactionEvent = (eventType: string, more: object = {}, info: object = {}) => ({
  eventType,
  timestamp: AT,
  triggerReason: 'Trigger',
  seqNo: 3,
  transactionInfo: { transactionId: 'tx', ...info },
  ...more,
});
const about = { station: STATION, session: 'cp-1:tx', transaction: 'tx' };
const sampled = (energyWh: number, remarks: string[] = []) => ({
  type: 'MeterSampled',
  data: {
    station: STATION,
    evseId: 1,
    session: 'cp-1:tx',
    currentA: null,
    powerW: null,
    energyWh,
    socPct: null,
    remarks,
  },
});

describe('OCPP 2.0.1', () => {
  it('BootNotification', () => {
    const payload = {
      reason: 'PowerUp',
      chargingStation: { vendorName: 'V', model: 'M', serialNumber: 'S' },
    };
    const { answer, events } = interpret('BootNotification', payload);
    expect(answer).toEqual({ status: 'Accepted', currentTime: new Date(NOW).toISOString(), interval: 300 });
    const data = {
      station: STATION,
      vendor: 'V',
      model: 'M',
      serialNumber: 'S',
      firmware: null,
      reason: 'PowerUp',
    };
    expect(events).toMatchObject([{ event: { type: 'StationBooted', data } }]);
  });

  it('StatusNotification', () => {
    const payload = { timestamp: AT, connectorStatus: 'Occupied', evseId: 2, connectorId: 1 };
    const data = { station: STATION, evseId: 2, connectorId: 1, status: 'Occupied', errorCode: null };
    expect(eventsOf('StatusNotification', payload)).toEqual([{ type: 'ConnectorStatusChanged', data }]);
  });

  it('Authorize', () => {
    const { answer, events } = interpret('Authorize', { idToken: { idToken: 'T', type: 'ISO14443' } });
    expect(answer).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(events).toMatchObject([{ event: { data: { idToken: '#T', status: 'Accepted' } } }]);
    expect(eventsOf('Authorize', { idToken: { idToken: '', type: 'NoAuthorization' } })).toEqual([]);
  });

  it('MeterValues', () => {
    const payload = { evseId: 1, meterValue: [register(5)] };
    expect(eventsOf('MeterValues', payload, { openSessions: [openSession('tx', 1)] })).toEqual([sampled(5)]);
    expect(eventsOf('MeterValues', { ...payload, evseId: 0 })).toMatchObject([
      { data: { evseId: 0, session: null } },
    ]);
  });

  it('NotifyReport', () => {
    const reportData = [
      {
        component: { name: 'EVSE', evse: { id: 1 } },
        variable: { name: 'Power' },
        variableAttribute: [{ type: 'MaxSet', value: '22000' }, { value: '11000' }],
      },
      {
        component: { name: 'SecurityCtrlr', evse: { id: 1e9 } },
        variable: { name: 'BasicAuthPassword', instance: 'i' },
        variableAttribute: [{ value: 'pw' }],
      },
    ];
    const payload = { requestId: 4, generatedAt: AT, seqNo: 0, tbc: true, reportData };
    const variables = [
      { component: 'EVSE', variable: 'Power', instance: null, evseId: 1, value: '11000' },
      { component: 'SecurityCtrlr', variable: 'BasicAuthPassword', instance: 'i', evseId: null, value: null },
    ];
    const data = { station: STATION, requestId: 4, last: false, variables };
    expect(eventsOf('NotifyReport', payload)).toEqual([{ type: 'StationVariablesReported', data }]);
  });

  it('NotifyEvent, without what nobody has specified', () => {
    const datum = {
      eventId: 1,
      timestamp: AT,
      trigger: 'Alerting',
      actualValue: 'x',
      component: { name: 'C', customData: { vendorId: 'v', secret: 1 } },
      variable: { name: 'V' },
      eventNotificationType: 'CustomMonitor',
    };
    const [event] = eventsOf('NotifyEvent', { generatedAt: AT, seqNo: 0, eventData: [datum] });
    expect(event).toEqual({
      type: 'StationEventNotified',
      data: { station: STATION, events: [{ message: 'NotifyEvent', ...datum, component: { name: 'C' } }] },
    });
  });

  it.each<[string, unknown, string | null]>([
    ['text', 'text', 'text'],
    ['an object', { a: 1 }, '{"a":1}'],
    ['nothing', undefined, null],
  ])('DataTransfer of %s', (_, content, expected) => {
    const { answer, events } = interpret('DataTransfer', { vendorId: 'v', messageId: 'm', data: content });
    expect(answer).toEqual({ status: 'UnknownVendorId' });
    expect(events).toMatchObject([{ event: { data: { vendor: 'v', message: 'm', data: expected } } }]);
  });

  it('answers what it does not serve honestly', () => {
    expect(interpret('SignCertificate', { csr: 'x' }).answer).toMatchObject({ status: 'Rejected' });
    expect(interpret('NotifyCustomerInformation', { data: 'Jane' })).toEqual({ answer: {}, events: [] });
  });

  it.each([
    ['StatusNotification', { timestamp: AT, connectorStatus: 'Available', evseId: 9, connectorId: 1 }],
    ['StatusNotification', { timestamp: AT, connectorStatus: 'Available', evseId: 1, connectorId: 1e9 }],
    ['MeterValues', { evseId: -1, meterValue: [register(1)] }],
    ['TransactionEvent', transactionEvent('Started', { evse: { id: 9 } })],
  ])('%s %j names nothing of the station', (action, payload) => {
    const outcome = interpretCall(context, callOf(action, payload));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'PropertyConstraintViolation' } });
  });
});

describe('TransactionEvent', () => {
  const evse = { id: 1, connectorId: 1 };
  const idToken = { idToken: 'T', type: 'ISO14443' };
  const open = { openSessions: [openSession('tx', 1)] };
  const updated = (evseId: number, status: string | null) => ({
    type: 'SessionUpdated',
    data: { ...about, evseId, seqNo: 3, status },
  });
  const authorized = {
    type: 'AuthorizationAnswered',
    data: { station: STATION, idToken: '#T', status: 'Accepted' },
  };

  it.each<[string, object, Partial<StationContext>, unknown[]]>([
    [
      'Started',
      transactionEvent(
        'Started',
        { evse, idToken, meterValue: [register(100)] },
        { chargingState: 'EVConnected' },
      ),
      {},
      [
        { type: 'SessionStarted', data: { ...about, evseId: 1, idToken: '#T', meterStartWh: 100 } },
        updated(1, 'Preparing'),
        sampled(100),
      ],
    ],
    [
      'Started before the EVSE is known',
      transactionEvent('Started', { idToken, meterValue: [register(100)] }),
      {},
      [{ type: 'SessionStarted', data: { ...about, evseId: 0, idToken: '#T', meterStartWh: 100 } }],
    ],
    [
      'Started without an EVSE where there is one',
      transactionEvent('Started'),
      { evseIds: [2] },
      [{ type: 'SessionStarted', data: { ...about, evseId: 2, idToken: null, meterStartWh: null } }],
    ],
    [
      'Updated without an EVSE',
      transactionEvent('Updated', { meterValue: [register(150)] }, { chargingState: 'SuspendedEV' }),
      open,
      [updated(1, 'SuspendedEV'), sampled(150)],
    ],
    [
      'Updated that says where',
      transactionEvent('Updated', { evse, idToken }),
      {},
      [updated(1, null), authorized],
    ],
    [
      'Updated from a time offline',
      transactionEvent('Updated', { offline: true, meterValue: [register(150)] }),
      open,
      [updated(1, null), sampled(150, ['offline'])],
    ],
    [
      'Ended',
      transactionEvent(
        'Ended',
        { meterValue: [register(100), register(900)] },
        { stoppedReason: 'EVDisconnected' },
      ),
      open,
      [
        sampled(100),
        sampled(900),
        { type: 'SessionEnded', data: { ...about, evseId: 1, meterStopWh: 900, reason: 'EVDisconnected' } },
      ],
    ],
    [
      'Ended and unknown',
      transactionEvent('Ended'),
      {},
      [{ type: 'SessionEnded', data: { ...about, evseId: null, meterStopWh: null, reason: null } }],
    ],
  ])('%s', (_, payload, change, expected) => {
    expect(eventsOf('TransactionEvent', payload, change)).toEqual(expected);
  });

  it.each([
    ['Charging', 'Charging'],
    ['EVConnected', 'Preparing'],
    ['SuspendedEV', 'SuspendedEV'],
    ['SuspendedEVSE', 'SuspendedEVSE'],
    ['Idle', 'Finishing'],
  ])('chargingState %s is %s', (chargingState, status) => {
    expect(eventsOf('TransactionEvent', transactionEvent('Updated', {}, { chargingState }), open)).toEqual([
      updated(1, status),
    ]);
  });

  it('owes idTokenInfo for a token, and nothing without', () => {
    expect(interpret('TransactionEvent', transactionEvent('Ended', { idToken })).answer).toEqual({
      idTokenInfo: { status: 'Accepted' },
    });
    expect(interpret('TransactionEvent', transactionEvent('Ended')).answer).toEqual({});
  });

  it('has the same keys in a replay, though the session is closed by then', () => {
    const payload = transactionEvent('Ended', { idToken, meterValue: [register(900)] });
    const keysOf = (id: string, change: Partial<StationContext>): string[] => {
      const outcome = interpretCall({ ...context, ...change }, callOf('TransactionEvent', payload, id));
      return outcome.ok ? outcome.value.events.map(({ idParts }) => JSON.stringify(idParts)) : [];
    };
    const first = keysOf('a', open);
    const replayed = keysOf('b', { connection: 'c9', receivedAt: 1 });
    expect(first.length).toBe(3);
    expect(first).toEqual(expect.arrayContaining(replayed));
  });
});
