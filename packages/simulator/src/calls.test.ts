// Every call of the central system, on the wire: the right answer, valid by the schemas.

import { describe, expect, it } from 'vitest';
import { createBench, START } from './central-system.fixture.js';

const CAR = { phases: 3, maxA: 16, energyNeedWh: 40_000, lagSMax: 0 } as const;
const iso = (ms: number) => new Date(ms).toISOString();

async function charging(protocol: 'ocpp1.6' | 'ocpp2.0.1') {
  const bench = createBench(protocol);
  await bench.clock.advance(1000);
  bench.station.plugIn(1, CAR);
  await bench.clock.advance(10_000);
  return bench;
}

const set16 = (limit: number, about: object = {}, schedule: object = {}) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId: 1,
    chargingSchedule: {
      chargingRateUnit: 'A',
      startSchedule: iso(START - 60_000),
      chargingSchedulePeriod: [
        { startPeriod: 0, limit },
        { startPeriod: 660, limit: 6 },
      ],
      ...schedule,
    },
    ...about,
  },
});

const set201 = (limit: number, transactionId: string | null, about: object = {}) => ({
  evseId: 1,
  chargingProfile: {
    id: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId,
    chargingSchedule: [
      {
        id: 1,
        chargingRateUnit: 'A',
        startSchedule: iso(START - 60_000),
        chargingSchedulePeriod: [
          { startPeriod: 0, limit },
          { startPeriod: 660, limit: 6 },
        ],
      },
    ],
    ...about,
  },
});

describe('ocpp1.6 calls', () => {
  it('obeys a lease, reports it, and falls back in its last period', async () => {
    const { ask, station, clock, system } = await charging('ocpp1.6');
    expect(await ask('SetChargingProfile', set16(10), 100)).toMatchObject({
      payload: { status: 'Accepted' },
    });
    expect([station.drawA(1), station.compositeLimitA(1)]).toEqual([[10, 10, 10], 10]);
    const composite = await ask('GetCompositeSchedule', { connectorId: 1, duration: 900 });
    expect(composite.payload).toMatchObject({
      status: 'Accepted',
      connectorId: 1,
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 10 },
          { startPeriod: 588, limit: 6 },
        ],
      },
    });
    await clock.runUntil(START + 600_000 - 1);
    expect(station.drawA(1)[0]).toBe(10);
    await clock.advance(1);
    expect(station.drawA(1)[0]).toBe(6);
    expect(await ask('ClearChargingProfile', { id: 1 })).toMatchObject({ payload: { status: 'Accepted' } });
    expect(await ask('ClearChargingProfile', { id: 1 })).toMatchObject({ payload: { status: 'Unknown' } });
    expect(system.invalid).toEqual([]);
  });

  it.each([
    ['Heartbeets', {}, 'NotImplemented'],
    ['constructor', {}, 'NotImplemented'],
    ['ReserveNow', {}, 'NotSupported'],
    ['SetChargingProfile', { connectorId: 1 }, 'FormationViolation'],
    ['SetChargingProfile', set16(10, { stackLevel: -1 }), 'FormationViolation'],
    ['SetChargingProfile', set16(8.15), 'FormationViolation'],
    ['Reset', { type: 'Warm' }, 'FormationViolation'],
    ['Reset', { type: 'Hard', by: 'force' }, 'FormationViolation'],
    ['Reset', [], 'FormationViolation'],
  ])('%s %j is %s', async (action, payload, error) => {
    const { ask, system } = await charging('ocpp1.6');
    expect((await ask(action, payload)).error).toBe(error);
    expect(system.invalid).toEqual([]);
  });

  it('reads and changes its configuration', async () => {
    const { ask, system, clock } = await charging('ocpp1.6');
    const keys = ['ChargingScheduleAllowedChargingRateUnit', 'MeterValueSampleInterval', 'Nonsense'];
    expect((await ask('GetConfiguration', { key: keys })).payload).toEqual({
      configurationKey: [
        { key: 'ChargingScheduleAllowedChargingRateUnit', readonly: true, value: 'Current,Power' },
        { key: 'MeterValueSampleInterval', readonly: false, value: '60' },
      ],
      unknownKey: ['Nonsense'],
    });
    const all = (await ask('GetConfiguration', {})).payload as { configurationKey: unknown[] };
    expect(all.configurationKey.length).toBeGreaterThan(20);
    const change = (key: string, value: string) => ask('ChangeConfiguration', { key, value });
    expect((await change('MeterValueSampleInterval', '10')).payload).toEqual({ status: 'Accepted' });
    expect((await change('MeterValueSampleInterval', 'often')).payload).toEqual({ status: 'Rejected' });
    expect((await change('NumberOfConnectors', '9')).payload).toEqual({ status: 'Rejected' });
    expect((await change('Nonsense', '9')).payload).toEqual({ status: 'NotSupported' });
    const before = system.of('MeterValues').length;
    await clock.advance(60_000);
    expect(system.of('MeterValues').length - before).toBe(6);
  });

  it('starts and stops from afar, with a profile', async () => {
    const { ask, station, clock, system } = createBench('ocpp1.6');
    await clock.advance(1000);
    station.plugIn(1, CAR, { idToken: null });
    const { csChargingProfiles } = set16(12, { transactionId: undefined });
    const start = { connectorId: 1, idTag: 'REMOTE', chargingProfile: csChargingProfiles };
    expect((await ask('RemoteStartTransaction', start, 1000)).payload).toEqual({ status: 'Accepted' });
    expect(system.of('StartTransaction')[0]?.payload).toMatchObject({ idTag: 'REMOTE' });
    expect(station.drawA(1)[0]).toBe(12);
    expect((await ask('RemoteStartTransaction', start)).payload).toEqual({ status: 'Rejected' });
    expect((await ask('RemoteStopTransaction', { transactionId: 99 })).payload).toEqual({
      status: 'Rejected',
    });
    expect((await ask('RemoteStopTransaction', { transactionId: 1 }, 100)).payload).toEqual({
      status: 'Accepted',
    });
    expect(system.of('StopTransaction')[0]?.payload).toMatchObject({ transactionId: 1, reason: 'Remote' });
    expect([station.drawA(1)[0], station.profiles().length]).toEqual([0, 0]);
    expect(system.of('StatusNotification').at(-1)?.payload).toMatchObject({ status: 'Finishing' });
  });

  it('waits for a car after a remote start, but not for ever', async () => {
    const { ask, station, clock, system } = createBench('ocpp1.6');
    await clock.advance(1000);
    await ask('RemoteStartTransaction', { idTag: 'EARLY' });
    await clock.advance(30_000);
    station.plugIn(1, CAR, { idToken: null });
    await clock.advance(1000);
    expect(system.of('StartTransaction')).toHaveLength(1);
    station.unplug(1);
    await ask('RemoteStartTransaction', { idTag: 'EARLY' });
    await clock.advance(61_000);
    station.plugIn(1, CAR, { idToken: null });
    await clock.advance(1000);
    expect(system.of('StartTransaction')).toHaveLength(1);
  });

  it('sends what it is triggered to, becomes unavailable, unlocks and resets', async () => {
    const { ask, station, clock, system } = await charging('ocpp1.6');
    for (const requestedMessage of ['BootNotification', 'Heartbeat', 'MeterValues', 'StatusNotification']) {
      const before = system.of(requestedMessage).length;
      expect((await ask('TriggerMessage', { requestedMessage }, 100)).payload).toEqual({
        status: 'Accepted',
      });
      expect(system.of(requestedMessage).length).toBeGreaterThan(before);
    }
    const firmware = await ask('TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' });
    expect(firmware.payload).toEqual({ status: 'NotImplemented' });
    const away = await ask('ChangeAvailability', { connectorId: 1, type: 'Inoperative' });
    expect(away.payload).toEqual({ status: 'Scheduled' });
    expect((await ask('UnlockConnector', { connectorId: 1 }, 100)).payload).toEqual({ status: 'Unlocked' });
    expect(system.of('StopTransaction').at(-1)?.payload).toMatchObject({ reason: 'UnlockCommand' });
    expect(system.of('StatusNotification').at(-1)?.payload).toMatchObject({ status: 'Unavailable' });
    await ask('ChangeAvailability', { connectorId: 0, type: 'Operative' });
    station.unplug(1);
    station.plugIn(1, CAR);
    await clock.advance(1000);
    expect((await ask('Reset', { type: 'Hard' })).payload).toEqual({ status: 'Accepted' });
    await clock.advance(60_000);
    expect(system.connections).toBe(2);
    expect(system.of('StopTransaction').at(-1)?.payload).toMatchObject({ reason: 'HardReset' });
    // Once it is up again, the car that is still there goes on in a new transaction.
    expect(station.drawA(1)[0]).toBe(16);
    expect(system.invalid).toEqual([]);
  });

  it('answers the rest', async () => {
    const { ask, system } = await charging('ocpp1.6');
    expect((await ask('DataTransfer', { vendorId: 'x' })).payload).toEqual({ status: 'UnknownVendorId' });
    expect((await ask('ClearCache', {})).payload).toEqual({ status: 'Accepted' });
    expect((await ask('GetLocalListVersion', {})).payload).toEqual({ listVersion: -1 });
    const unknown = await ask('GetCompositeSchedule', { connectorId: 7, duration: 60 });
    expect(unknown.payload).toEqual({ status: 'Rejected' });
    expect(system.invalid).toEqual([]);
  });
});

describe('ocpp2.0.1 calls', () => {
  it('obeys a profile of its transaction, reports and clears it', async () => {
    const { ask, station, system } = await charging('ocpp2.0.1');
    const { transaction } = station.outlet(1);
    expect(await ask('SetChargingProfile', set201(10, transaction), 100)).toMatchObject({
      payload: { status: 'Accepted' },
    });
    expect([station.drawA(1)[0], station.compositeLimitA(1)]).toEqual([10, 10]);
    const wrong = await ask('SetChargingProfile', set201(32, 'another'));
    expect(wrong.payload).toEqual({ status: 'Rejected', statusInfo: { reasonCode: 'TxNotFound' } });
    const composite = await ask('GetCompositeSchedule', { evseId: 1, duration: 300, chargingRateUnit: 'W' });
    expect(composite.payload).toMatchObject({
      status: 'Accepted',
      schedule: {
        evseId: 1,
        duration: 300,
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 6900, numberPhases: 3 }],
      },
    });
    const report = await ask(
      'GetChargingProfiles',
      { requestId: 5, chargingProfile: { chargingProfilePurpose: 'TxProfile' } },
      100,
    );
    expect(report.payload).toEqual({ status: 'Accepted' });
    expect(system.of('ReportChargingProfiles')[0]?.payload).toMatchObject({
      requestId: 5,
      chargingLimitSource: 'CSO',
      evseId: 1,
      tbc: false,
      chargingProfile: [{ id: 1, transactionId: transaction }],
    });
    expect(
      (
        await ask('ClearChargingProfile', {
          chargingProfileCriteria: { chargingProfilePurpose: 'TxDefaultProfile' },
        })
      ).payload,
    ).toEqual({ status: 'Unknown' });
    expect((await ask('ClearChargingProfile', { chargingProfileCriteria: { evseId: 1 } })).payload).toEqual({
      status: 'Accepted',
    });
    const none = await ask('GetChargingProfiles', { requestId: 6, chargingProfile: {} });
    expect(none.payload).toEqual({ status: 'NoProfiles' });
    expect(system.invalid).toEqual([]);
  });

  it.each([
    ['Heartbeets', {}, 'NotImplemented'],
    ['SetDisplayMessage', {}, 'NotSupported'],
    ['SetChargingProfile', { evseId: 1 }, 'FormatViolation'],
    ['GetVariables', { getVariableData: [] }, 'FormatViolation'],
    ['Reset', 'now', 'FormatViolation'],
  ])('%s %j is %s', async (action, payload, error) => {
    const { ask, system } = await charging('ocpp2.0.1');
    expect((await ask(action, payload)).error).toBe(error);
    expect(system.invalid).toEqual([]);
  });

  it('answers what is no message', async () => {
    const { system, clock } = await charging('ocpp2.0.1');
    system.sendText('{"a":1}');
    system.sendText('[2,"x"]');
    system.sendText('[[[');
    await clock.advance(1);
    expect(system.errors.map((frame) => frame.slice(0, 3))).toEqual([
      [4, '-1', 'RpcFrameworkError'],
      [4, 'x', 'FormatViolation'],
      [4, '-1', 'RpcFrameworkError'],
    ]);
  });

  it('reads, writes and reports its variables', async () => {
    const { ask, system, clock } = await charging('ocpp2.0.1');
    const at = (name: string, variable: string, more: object = {}) => ({
      component: { name, ...more },
      variable: { name: variable },
    });
    const get = await ask('GetVariables', {
      getVariableData: [
        at('SmartChargingCtrlr', 'RateUnit'),
        at('EVSE', 'SupplyPhases', { evse: { id: 1 } }),
        at('Nowhere', 'RateUnit'),
        at('SmartChargingCtrlr', 'Nothing'),
        { ...at('TxCtrlr', 'TxStartPoint'), attributeType: 'Target' },
      ],
    });
    const results = (
      get.payload as { getVariableResult: { attributeStatus: string; attributeValue?: string }[] }
    ).getVariableResult;
    expect(results.map((r) => r.attributeValue ?? r.attributeStatus)).toEqual([
      'A,W',
      '3',
      'UnknownComponent',
      'UnknownVariable',
      'NotSupportedAttributeType',
    ]);
    const set = await ask('SetVariables', {
      setVariableData: [
        { ...at('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: '10' },
        { ...at('SmartChargingCtrlr', 'RateUnit'), attributeValue: 'W' },
      ],
    });
    expect(set.payload).toMatchObject({
      setVariableResult: [{ attributeStatus: 'Accepted' }, { attributeStatus: 'Rejected' }],
    });
    const before = system.of('TransactionEvent').length;
    await clock.advance(60_000);
    expect(system.of('TransactionEvent').length - before).toBe(6);
    expect((await ask('GetBaseReport', { requestId: 3, reportBase: 'FullInventory' }, 100)).payload).toEqual({
      status: 'Accepted',
    });
    const reports = system.of('NotifyReport').map((call) => call.payload);
    expect(reports.map((r) => [r.seqNo, r.tbc])).toEqual([
      [0, true],
      [1, false],
    ]);
    expect(system.invalid).toEqual([]);
  });

  it('starts and stops from afar, and resets when idle', async () => {
    const { ask, station, clock, system } = createBench('ocpp2.0.1');
    await clock.advance(1000);
    station.plugIn(1, CAR, { idToken: null });
    const idToken = { idToken: 'REMOTE', type: 'Central' };
    const { chargingProfile } = set201(12, null, { transactionId: undefined });
    const start = { remoteStartId: 77, idToken, evseId: 1, chargingProfile };
    expect((await ask('RequestStartTransaction', start, 1000)).payload).toEqual({ status: 'Accepted' });
    expect(system.of('TransactionEvent')[0]?.payload).toMatchObject({
      eventType: 'Started',
      triggerReason: 'RemoteStart',
      transactionInfo: { remoteStartId: 77 },
    });
    expect(station.drawA(1)[0]).toBe(12);
    const { transaction } = station.outlet(1);
    expect((await ask('GetTransactionStatus', { transactionId: transaction })).payload).toMatchObject({
      ongoingIndicator: true,
    });
    expect((await ask('Reset', { type: 'OnIdle' })).payload).toEqual({ status: 'Scheduled' });
    expect((await ask('UnlockConnector', { evseId: 1, connectorId: 1 })).payload).toEqual({
      status: 'OngoingAuthorizedTransaction',
    });
    expect((await ask('RequestStopTransaction', { transactionId: transaction }, 100)).payload).toEqual({
      status: 'Accepted',
    });
    expect(system.of('TransactionEvent').at(-1)?.payload).toMatchObject({
      eventType: 'Ended',
      triggerReason: 'RemoteStop',
    });
    await clock.advance(20_000);
    expect(system.of('BootNotification').at(-1)?.payload).toMatchObject({ reason: 'RemoteReset' });
    expect(system.invalid).toEqual([]);
  });

  it('tells of every charging state, numbered without gaps', async () => {
    const { ask, station, clock, system } = await charging('ocpp2.0.1');
    await ask('SetChargingProfile', set201(0, station.outlet(1).transaction), 1000);
    await ask('ClearChargingProfile', { chargingProfileId: 1 }, 1000);
    await clock.advance(5 * 3_600_000);
    station.unplug(1);
    await clock.advance(1000);
    const events = system.of('TransactionEvent').map((call) => call.payload);
    expect(events.map((event) => event.seqNo)).toEqual(events.map((_, i) => i));
    const states = events.map((event) => (event.transactionInfo as { chargingState: string }).chargingState);
    expect(states.filter((state, i) => state !== states[i - 1])).toEqual([
      'EVConnected',
      'Charging',
      'SuspendedEVSE',
      'Charging',
      'SuspendedEV',
      'Idle',
    ]);
    expect(system.invalid).toEqual([]);
  });

  it('sends what it is triggered to', async () => {
    const { ask, system } = await charging('ocpp2.0.1');
    for (const requestedMessage of [
      'BootNotification',
      'Heartbeat',
      'MeterValues',
      'StatusNotification',
      'TransactionEvent',
    ]) {
      const before = system.of(requestedMessage).length;
      const answer = await ask('TriggerMessage', { requestedMessage, evse: { id: 1 } }, 100);
      expect(answer.payload).toEqual({ status: 'Accepted' });
      expect(system.of(requestedMessage).length).toBe(before + 1);
    }
    expect(system.invalid).toEqual([]);
  });
});
