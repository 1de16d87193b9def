import type { DomainEvent } from '@ampledger/domain';
import { describe, expect, it } from 'vitest';
import type { StationContext } from '../contract.js';
import { interpretCall } from './interpret.js';
import { AT, callOf, contextOf, NOW, openSession, STATION } from './test-context.js';

const context = contextOf('ocpp1.6');

function interpret(action: string, payload: unknown, change: Partial<StationContext> = {}) {
  const outcome = interpretCall({ ...context, ...change }, callOf(action, payload));
  if (!outcome.ok) throw new Error(outcome.error.code);
  return outcome.value;
}

const eventsOf = (action: string, payload: unknown, change: Partial<StationContext> = {}): DomainEvent[] =>
  interpret(action, payload, change).events.map(({ event }) => event);

const start = { connectorId: 1, idTag: 'TAG', meterStart: 100, timestamp: AT };
const transactionIdOf = (payload: object, change: Partial<StationContext> = {}): number =>
  (interpret('StartTransaction', payload, change).answer as { transactionId: number }).transactionId;

describe('OCPP 1.6', () => {
  it('BootNotification', () => {
    const payload = {
      chargePointVendor: 'V',
      chargePointModel: 'M',
      chargeBoxSerialNumber: 'S',
      firmwareVersion: '1.0',
    };
    const { answer, events } = interpret('BootNotification', payload);
    expect(answer).toEqual({ status: 'Accepted', currentTime: new Date(NOW).toISOString(), interval: 300 });
    const data = {
      station: STATION,
      vendor: 'V',
      model: 'M',
      serialNumber: 'S',
      firmware: '1.0',
      reason: null,
    };
    expect(events.map(({ event }) => event)).toEqual([{ type: 'StationBooted', data }]);
  });

  it('Heartbeat', () => {
    expect(interpret('Heartbeat', {})).toEqual({
      answer: { currentTime: new Date(NOW).toISOString() },
      events: [],
    });
  });

  it.each([
    [
      { connectorId: 2, errorCode: 'NoError', status: 'Charging', timestamp: AT },
      { evseId: 2, connectorId: 1, status: 'Charging', errorCode: null },
    ],
    [
      { connectorId: 0, errorCode: 'OtherError', status: 'Faulted' },
      { evseId: 0, connectorId: 0, status: 'Faulted', errorCode: 'OtherError' },
    ],
  ])('StatusNotification %j', (payload, expected) => {
    const { answer, events } = interpret('StatusNotification', payload);
    expect(answer).toEqual({});
    expect(events).toMatchObject([{ event: { type: 'ConnectorStatusChanged', data: expected } }]);
    expect(events[0]?.stationAt).toBe('timestamp' in payload ? Date.parse(AT) : undefined);
  });

  it('Authorize', () => {
    const { answer, events } = interpret('Authorize', { idTag: 'TAG' });
    expect(answer).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(events).toMatchObject([
      { event: { type: 'AuthorizationAnswered', data: { idToken: '#TAG', status: 'Accepted' } } },
    ]);
  });

  it('DataTransfer', () => {
    const { answer, events } = interpret('DataTransfer', { vendorId: 'v', data: '🔌'.repeat(2_500) });
    expect(answer).toEqual({ status: 'UnknownVendorId' });
    const data = { station: STATION, vendor: 'v', message: null, data: '🔌'.repeat(2_000) };
    expect(events).toMatchObject([{ event: { type: 'DataTransferReceived', data } }]);
  });

  it.each([
    ['StatusNotification', { connectorId: 3, errorCode: 'NoError', status: 'Available' }],
    ['StatusNotification', { connectorId: -1, errorCode: 'NoError', status: 'Available' }],
    ['MeterValues', { connectorId: 1e9, meterValue: [] }],
    ['StartTransaction', { ...start, connectorId: 0 }],
  ])('%s %j names no connector of the station', (action, payload) => {
    const outcome = interpretCall(context, callOf(action, payload));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'PropertyConstraintViolation' } });
  });
});

describe('StartTransaction', () => {
  it('opens a session and samples its first register', () => {
    const { answer, events } = interpret('StartTransaction', start);
    const { transactionId } = answer as { transactionId: number };
    const transaction = String(transactionId);
    const session = `cp-1:${transaction}`;
    expect(answer).toEqual({ transactionId, idTagInfo: { status: 'Accepted' } });
    expect(events.map(({ event }) => event)).toEqual([
      {
        type: 'SessionStarted',
        data: { station: STATION, evseId: 1, session, transaction, idToken: '#TAG', meterStartWh: 100 },
      },
      {
        type: 'MeterSampled',
        data: {
          station: STATION,
          evseId: 1,
          session,
          currentA: null,
          powerW: null,
          energyWh: 100,
          socPct: null,
          remarks: [],
        },
      },
    ]);
  });

  it('gets the same positive number for the same start, whatever the message id', () => {
    const first = interpretCall(context, callOf('StartTransaction', start, 'a'));
    const open = [openSession(String(transactionIdOf(start)), 1)];
    const retry = interpretCall(
      { ...context, openSessions: open, connection: 'c9', receivedAt: NOW + 60_000 },
      callOf('StartTransaction', start, 'b'),
    );
    expect(retry).toEqual(first);
  });

  it('gets another number for another start', () => {
    const others = [
      start,
      { ...start, connectorId: 2 },
      { ...start, idTag: 'X' },
      { ...start, meterStart: 0 },
      { ...start, timestamp: '2024-05-01T11:59:59Z' },
    ];
    const numbers = others.map((payload) => transactionIdOf(payload));
    expect(new Set(numbers).size).toBe(others.length);
    expect(numbers.every((number) => Number.isInteger(number) && number > 0 && number < 2 ** 31)).toBe(true);
  });

  it('is salted when the number belongs to another open session', () => {
    const number = transactionIdOf(start);
    const elsewhere = transactionIdOf(start, { openSessions: [openSession(String(number), 2)] });
    const someone = transactionIdOf(start, { openSessions: [openSession(String(number), 1, 'OTHER')] });
    expect(elsewhere).not.toBe(number);
    expect(someone).toBe(elsewhere);
  });

  it('leaves out a register that cannot be', () => {
    const [started, ...rest] = eventsOf('StartTransaction', { ...start, meterStart: -5 });
    expect(started).toMatchObject({ data: { meterStartWh: null } });
    expect(rest).toMatchObject([{ data: { energyWh: null, remarks: ['implausible-energy'] } }]);
  });
});

describe('StopTransaction', () => {
  const stop = { transactionId: 7, meterStop: 5_000, timestamp: AT, reason: 'Local' };
  const open = [openSession('7', 1), openSession('8', 2, 'OTHER')];
  const endOf = (payload: object, change: Partial<StationContext>) =>
    eventsOf('StopTransaction', payload, change).at(-1);

  it('ends the session, after its samples', () => {
    const transactionData = [
      { timestamp: AT, sampledValue: [{ value: '4000' }] },
      { timestamp: AT, sampledValue: [{ value: '230', measurand: 'Voltage' }] },
    ];
    const { answer, events } = interpret(
      'StopTransaction',
      { ...stop, idTag: 'TAG', transactionData },
      { openSessions: open },
    );
    expect(answer).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(events.map(({ event }) => event)).toEqual([
      {
        type: 'MeterSampled',
        data: {
          station: STATION,
          evseId: 1,
          session: 'cp-1:7',
          currentA: null,
          powerW: null,
          energyWh: 4000,
          socPct: null,
          remarks: ['transaction-data'],
        },
      },
      {
        type: 'SessionEnded',
        data: {
          station: STATION,
          evseId: 1,
          session: 'cp-1:7',
          transaction: '7',
          meterStopWh: 5_000,
          reason: 'Local',
        },
      },
    ]);
  });

  it('has one key, open or closed, whatever the message id', () => {
    const keyOf = (id: string, openSessions: StationContext['openSessions']) => {
      const outcome = interpretCall({ ...context, openSessions }, callOf('StopTransaction', stop, id));
      return outcome.ok ? outcome.value.events.at(-1)?.idParts : null;
    };
    expect(keyOf('a', open)).toEqual(keyOf('b', []));
  });

  it.each<[string, object, typeof open, unknown]>([
    ['an unknown transaction', { ...stop, transactionId: 99 }, open, { evseId: null, transaction: '99' }],
    [
      '-1 with one session open',
      { ...stop, transactionId: -1 },
      open.slice(0, 1),
      { evseId: 1, transaction: '7' },
    ],
    [
      '0 with a token of one session',
      { ...stop, transactionId: 0, idTag: 'OTHER' },
      open,
      { evseId: 2, transaction: '8' },
    ],
    [
      '0 with two sessions and no token',
      { ...stop, transactionId: 0 },
      open,
      { evseId: null, transaction: '0' },
    ],
    ['-1 with nothing open', { ...stop, transactionId: -1 }, [], { evseId: null, transaction: '-1' }],
  ])('%s', (_, payload, openSessions, expected) => {
    expect(endOf(payload, { openSessions })).toMatchObject({ type: 'SessionEnded', data: expected });
  });

  it('of two nameless stops gives two events', () => {
    const keyOf = (timestamp: string) =>
      JSON.stringify(
        interpret('StopTransaction', { ...stop, transactionId: -1, timestamp }).events[0]?.idParts,
      );
    expect(keyOf(AT)).not.toBe(keyOf('2024-05-01T13:00:00Z'));
  });
});

describe('MeterValues belong', () => {
  const open = [openSession('7', 1), openSession('8', 2)];
  const values = [{ timestamp: AT, sampledValue: [{ value: '1' }] }];
  it.each<[string, object, unknown]>([
    ['to the transaction they name', { connectorId: 1, transactionId: 7 }, { evseId: 1, session: 'cp-1:7' }],
    ['to the running session without one', { connectorId: 2 }, { evseId: 2, session: 'cp-1:8' }],
    [
      'to the running session with -1',
      { connectorId: 2, transactionId: -1 },
      { evseId: 2, session: 'cp-1:8' },
    ],
    ['to a session that is over', { connectorId: 1, transactionId: 5 }, { evseId: 1, session: 'cp-1:5' }],
    [
      'to their connector before their transaction',
      { connectorId: 1, transactionId: 8 },
      { evseId: 1, session: 'cp-1:7' },
    ],
    ['to nobody on the station’s own meter', { connectorId: 0 }, { evseId: 0, session: null }],
    [
      'to the transaction on the station’s own meter',
      { connectorId: 0, transactionId: 8 },
      { evseId: 2, session: 'cp-1:8' },
    ],
  ])('%s', (_, payload, expected) => {
    expect(eventsOf('MeterValues', { ...payload, meterValue: values }, { openSessions: open })).toMatchObject(
      [{ type: 'MeterSampled', data: expected }],
    );
  });

  it('have a key for each entry, and none for empty ones', () => {
    const meterValue = [{ timestamp: AT, sampledValue: [] }, ...values, ...values];
    const { events } = interpret('MeterValues', { connectorId: 1, meterValue });
    expect(events.length).toBe(2);
    expect(events.map(({ stationAt }) => stationAt)).toEqual([Date.parse(AT), Date.parse(AT)]);
  });
});
