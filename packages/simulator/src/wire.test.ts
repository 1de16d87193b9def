// What happens to messages when the network, the central system or the station itself fails.

import { describe, expect, it } from 'vitest';
import { createBench, type Heard } from './central-system.fixture.js';

const MINUTE = 60_000;
const CAR = { phases: 3, maxA: 16, energyNeedWh: 60_000, lagSMax: 0 } as const;
const PROTOCOLS = ['ocpp1.6', 'ocpp2.0.1'] as const;

const stampOf = (call: Heard): string => {
  const meterValue = call.payload.meterValue as { timestamp: string }[] | undefined;
  return String(call.payload.timestamp ?? meterValue?.[0]?.timestamp);
};
const transactional = (calls: readonly Heard[]): readonly Heard[] =>
  calls.filter((call) =>
    /^(StartTransaction|StopTransaction|MeterValues|TransactionEvent)$/.test(call.action),
  );

describe.each(PROTOCOLS)('%s offline', (protocol) => {
  it('keeps a whole transaction for later, and replays it in order with its old times', async () => {
    const { clock, system, station } = createBench(protocol);
    await clock.advance(MINUTE);
    system.reachable = false;
    system.dropConnection();
    const before = system.heard.length;
    const offlineAt = clock.now();
    station.plugIn(1, CAR);
    await clock.advance(10 * MINUTE);
    expect(station.drawA(1)[0]).toBe(16);
    station.unplug(1);
    await clock.advance(20 * MINUTE);
    expect(system.heard).toHaveLength(before);
    system.reachable = true;
    await clock.advance(5 * MINUTE);
    const replayed = transactional(system.heard.slice(before));
    const stamps = replayed.map((call) => Date.parse(stampOf(call)));
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(stamps[0]).toBe(offlineAt);
    expect(stamps.at(-1)).toBe(offlineAt + 10 * MINUTE);
    expect(station.queued).toBe(0);
    if (protocol === 'ocpp1.6') {
      expect(replayed.map((call) => call.action)).toEqual([
        'StartTransaction',
        ...Array(10).fill('MeterValues'),
        'StopTransaction',
      ]);
      expect(replayed.slice(1).map((call) => call.payload.transactionId)).toEqual(Array(11).fill(1));
    } else {
      expect(replayed.map((call) => [call.payload.seqNo, call.payload.offline])).toEqual(
        replayed.map((_, i) => [i, true]),
      );
    }
    expect(system.invalid).toEqual([]);
  });

  it('dials again with growing waits, and boots before anything else', async () => {
    const { clock, system } = createBench(protocol);
    system.reachable = false;
    await clock.advance(10 * MINUTE);
    const dials = system.connections;
    expect(dials).toBeGreaterThan(15);
    expect(dials).toBeLessThan(40);
    system.reachable = true;
    await clock.advance(MINUTE);
    expect(system.heard[0]?.action).toBe('BootNotification');
  });

  it('keeps its profiles over a reboot, and ends its transaction', async () => {
    const { clock, system, station, ask } = createBench(protocol);
    await clock.advance(MINUTE);
    const schedule = {
      chargingRateUnit: 'A',
      startSchedule: '2026-01-01T00:00:00Z',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 }],
    };
    const about = {
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
    };
    const profile16 = {
      connectorId: 0,
      csChargingProfiles: { chargingProfileId: 3, ...about, chargingSchedule: schedule },
    };
    const profile201 = {
      evseId: 0,
      chargingProfile: { id: 3, ...about, chargingSchedule: [{ id: 1, ...schedule }] },
    };
    await ask('SetChargingProfile', protocol === 'ocpp1.6' ? profile16 : profile201);
    station.plugIn(1, CAR);
    await clock.advance(MINUTE);
    expect(station.drawA(1)[0]).toBe(8);
    station.powerCycle(20_000);
    expect(station.drawA(1)[0]).toBe(0);
    await clock.advance(MINUTE);
    expect(station.compositeLimitA(1)).toBe(8);
    expect(station.drawA(1)[0]).toBe(8);
    expect(system.of('BootNotification')).toHaveLength(2);
    const ends =
      protocol === 'ocpp1.6'
        ? system.of('StopTransaction')
        : system.of('TransactionEvent').filter((c) => c.payload.eventType === 'Ended');
    expect(JSON.stringify(ends[0]?.payload)).toContain('PowerLoss');
    expect(system.invalid).toEqual([]);
  });
});

describe('calls of the station', () => {
  it.each(PROTOCOLS)('%s: one at a time', async (protocol) => {
    let open = 0;
    let most = 0;
    const bench = createBench(protocol, { meterIntervalS: 1 }, () => {
      most = Math.max(most, ++open);
      bench.clock.after(0, () => open--);
      return undefined;
    });
    await bench.clock.advance(MINUTE);
    bench.station.plugIn(1, CAR);
    await bench.clock.advance(10 * MINUTE);
    expect(bench.system.heard.length).toBeGreaterThan(600);
    expect(most).toBe(1);
  });

  it('waits as long as it is told to after a boot that is not accepted yet', async () => {
    const statuses = ['Pending', 'Rejected', 'Accepted'];
    const { clock, system } = createBench('ocpp1.6', {}, (call) =>
      call.action === 'BootNotification'
        ? { status: statuses.shift(), currentTime: new Date(0).toISOString(), interval: 90 }
        : undefined,
    );
    await clock.advance(179_000);
    expect(system.heard.map((call) => call.action)).toEqual(['BootNotification', 'BootNotification']);
    await clock.advance(2000);
    expect(system.heard.slice(2).map((call) => call.action)).toEqual([
      'BootNotification',
      'StatusNotification',
      'StatusNotification',
    ]);
  });

  it('tries a transaction message three times, ever more slowly, under new ids', async () => {
    const { clock, system, station } = createBench('ocpp1.6', {}, (call) =>
      call.action === 'StartTransaction' ? null : undefined,
    );
    await clock.advance(MINUTE);
    station.plugIn(1, CAR);
    await clock.advance(10 * MINUTE);
    const starts = system.of('StartTransaction');
    expect(starts.map((call) => call.at - (starts[0]?.at ?? 0))).toEqual([0, 40_000, 90_000]);
    expect(new Set(starts.map((call) => call.id)).size).toBe(3);
    // It never learned an id: meter values go without one, and the stop says -1.
    expect(system.of('MeterValues').at(-1)?.payload).not.toHaveProperty('transactionId');
    station.unplug(1);
    await clock.advance(1000);
    expect(system.of('StopTransaction')[0]?.payload.transactionId).toBe(-1);
    expect(system.invalid).toEqual([]);
  });

  it('gives up on a token that is refused', async () => {
    const refuse = (call: Heard) =>
      call.action === 'Authorize' ? { idTagInfo: { status: 'Invalid' } } : undefined;
    const { clock, system, station } = createBench('ocpp1.6', {}, refuse);
    await clock.advance(MINUTE);
    station.plugIn(1, CAR);
    await clock.advance(MINUTE);
    expect(system.of('StartTransaction')).toHaveLength(0);
    expect(station.drawA(1)[0]).toBe(0);
  });

  it('ends a transaction whose token is refused after the fact', async () => {
    const refuse = (call: Heard) =>
      call.action === 'StartTransaction' ? { transactionId: 5, idTagInfo: { status: 'Blocked' } } : undefined;
    const { clock, system, station } = createBench('ocpp1.6', {}, refuse);
    await clock.advance(MINUTE);
    station.plugIn(1, CAR);
    await clock.advance(MINUTE);
    expect(system.of('StopTransaction')[0]?.payload).toMatchObject({
      transactionId: 5,
      reason: 'DeAuthorized',
    });
    expect(station.drawA(1)[0]).toBe(0);
  });
});

describe('clock-aligned readings', () => {
  it.each(PROTOCOLS)('%s: come at round times, with and without a transaction', async (protocol) => {
    const { clock, system, station } = createBench(protocol, {
      meterIntervalS: 0,
      clockAlignedIntervalS: 900,
    });
    await clock.advance(20 * MINUTE);
    station.plugIn(1, CAR);
    await clock.advance(20 * MINUTE);
    const readings = system.heard.filter((call) => JSON.stringify(call.payload).includes('Sample.Clock'));
    expect(readings.map(stampOf)).toEqual(['2026-03-02T08:15:00.000Z', '2026-03-02T08:30:00.000Z']);
    expect(readings.map((call) => call.action)).toEqual([
      'MeterValues',
      protocol === 'ocpp1.6' ? 'MeterValues' : 'TransactionEvent',
    ]);
    expect(system.invalid).toEqual([]);
  });
});
