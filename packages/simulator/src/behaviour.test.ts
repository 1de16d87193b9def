// Each behaviour, as the central system sees it on the wire.

import { describe, expect, it } from 'vitest';
import type { Behaviour } from './behaviour.js';
import { type AnswerCall, createBench, type Heard, START } from './central-system.fixture.js';
import { createRandom } from './random.js';
import type { StationOptions } from './station-options.js';

const MINUTE = 60_000;
const CAR = { phases: 3, maxA: 16, energyNeedWh: 60_000, lagSMax: 0 } as const;

async function charging(behaviour: Behaviour, options: Partial<StationOptions> = {}, answer?: AnswerCall) {
  const bench = createBench('ocpp1.6', { behaviour, ...options }, answer);
  await bench.clock.advance(1000);
  bench.station.plugIn(1, CAR);
  await bench.clock.advance(10_000);
  return bench;
}

const profile = (limit: number, chargingRateUnit = 'A') => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      chargingRateUnit,
      startSchedule: new Date(START - MINUTE).toISOString(),
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  },
});

const registerOf = (call: Heard): number => {
  const [value] = call.payload.meterValue as { sampledValue: { value: string; measurand?: string }[] }[];
  const register = value?.sampledValue.find((v) => v.measurand === 'Energy.Active.Import.Register');
  return Number(register?.value);
};

describe('behaviours', () => {
  it('slowAnswers: the answer comes within 40 s, and not at once', async () => {
    const { ask } = await charging({ slowAnswers: { probability: 1 } });
    expect((await ask('ClearCache', {}, 100)).error).toBe('NO ANSWER');
    const outcomes = await Promise.all([1, 2, 3].map(() => ask('ClearCache', {}, 40_000)));
    for (const outcome of outcomes) expect(outcome.payload).toEqual({ status: 'Accepted' });
  });

  it('noAnswers: silence, and the profile holds about half of the time', async () => {
    let held = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { ask, station } = await charging(
        { noAnswers: { probability: 1 } },
        { random: createRandom(seed) },
      );
      expect((await ask('SetChargingProfile', profile(8), MINUTE)).error).toBe('NO ANSWER');
      if (station.compositeLimitA(1) === 8) held++;
    }
    expect(held).toBeGreaterThan(8);
    expect(held).toBeLessThan(32);
  });

  it('rejectsProfiles: and keeps what it had', async () => {
    const { ask, station } = await charging({ rejectsProfiles: {} });
    expect((await ask('SetChargingProfile', profile(8))).payload).toEqual({ status: 'Rejected' });
    expect(station.compositeLimitA(1)).toBe(32);
  });

  it('disobeys: accepts, reports the limit, and draws all the car can', async () => {
    const { ask, station, clock } = await charging({ disobeys: {} });
    expect((await ask('SetChargingProfile', profile(8))).payload).toEqual({ status: 'Accepted' });
    await clock.advance(MINUTE);
    expect([station.compositeLimitA(1), station.drawA(1)[0], station.outlet(1).disobeys]).toEqual([
      8,
      16,
      true,
    ]);
  });

  it('goesOffline: the socket closes, the car goes on under the stored profile', async () => {
    const { ask, station, clock, system } = await charging({ goesOffline: { periodS: 600, forS: 300 } });
    await ask('SetChargingProfile', profile(8));
    await clock.advance(900_000);
    expect(system.closes.length).toBeGreaterThan(0);
    await clock.advance(3_600_000);
    expect(station.drawA(1)[0]).toBe(8);
    expect(system.connections).toBeGreaterThan(3);
    const gaps = system.heard.map((call, i) => call.at - (system.heard[i - 1]?.at ?? call.at));
    expect(Math.max(...gaps)).toBeGreaterThan(140_000);
  });

  it('goesSilent: nothing comes, the socket stays, and a new one follows', async () => {
    const { station, clock, system, ask } = await charging({});
    station.goSilent(300_000);
    const before = system.heard.length;
    expect((await ask('ClearCache', {}, 250_000)).error).toBe('NO ANSWER');
    expect([system.heard.length, system.closes.length, system.connections]).toEqual([before, 0, 1]);
    await clock.advance(60_000);
    expect([system.closes.length, system.connections]).toEqual([0, 2]);
    // What was sampled in between is told now.
    expect(
      system.heard.slice(before).filter((call) => call.action === 'MeterValues').length,
    ).toBeGreaterThanOrEqual(5);
    await clock.advance(600_000);
    expect(system.closes.length).toBe(1);
  });

  it('noBootOnReconnect', async () => {
    const { station, clock, system } = await charging({ noBootOnReconnect: {} });
    station.goOffline(MINUTE);
    await clock.advance(2 * MINUTE);
    expect([system.connections, system.of('BootNotification').length]).toEqual([2, 1]);
    // Also without a boot it says what is new: here nothing.
    expect(system.heard.filter((call) => call.connection === 2)[0]?.action).toBe('MeterValues');
  });

  it('bareMeterValues: a register and nothing else', async () => {
    const { clock, system } = await charging({ bareMeterValues: {} });
    await clock.advance(MINUTE);
    const payload = system.of('MeterValues')[0]?.payload ?? {};
    expect(Object.keys(payload)).toEqual(['connectorId', 'meterValue']);
    const [value] = payload.meterValue as { sampledValue: object[] }[];
    expect(value?.sampledValue.map((v) => Object.keys(v))).toEqual([['value']]);
    expect(system.invalid).toEqual([]);
  });

  it('buffersAndReplays: older readings after newer ones, none lost', async () => {
    const { clock, system, station } = await charging({ buffersAndReplays: { probability: 0.4 } });
    await clock.advance(60 * MINUTE);
    station.unplug(1);
    await clock.advance(MINUTE);
    const registers = system.of('MeterValues').map(registerOf);
    expect(registers).toHaveLength(60);
    expect(registers).not.toEqual([...registers].sort((a, b) => a - b));
    expect(new Set(registers).size).toBe(60);
  });

  it('meterGoesSilent: nothing is read for a while, and the car charges on', async () => {
    const { clock, system, station } = await charging({ meterGoesSilent: { periodS: 3600, forS: 900 } });
    await clock.advance(4 * 60 * MINUTE);
    const read = system.of('MeterValues').map(({ at }) => at);
    const gaps = read.map((at, i) => at - (read[i - 1] ?? at));
    expect(Math.max(...gaps)).toBeGreaterThan(450_000);
    expect(gaps.filter((gap) => gap > MINUTE + 1000).length).toBeLessThan(10);
    expect([station.drawA(1)[0], station.connected]).toEqual([16, true]);
    expect(system.of('Heartbeat').length).toBeGreaterThan(40);
  });

  it('rotated: other phases of the grid than it was said, the same ones by its own meter', async () => {
    const { clock, system, station } = await charging({ rotated: {} });
    station.unplug(1);
    station.plugIn(1, { ...CAR, phases: 1 });
    await clock.advance(2 * MINUTE);
    expect(station.outlet(1)).toMatchObject({ phases: [1, 2, 0], phasesInUse: [1] });
    expect(station.drawA(1)).toEqual([0, 16, 0]);
    const text = JSON.stringify(system.of('MeterValues').at(-1)?.payload);
    const currents = [...text.matchAll(/"value":"([\d.]+)"[^}]*"phase":"(L\d)"/g)];
    expect(currents.map(([, amperes, phase]) => [phase, amperes])).toEqual([
      ['L1', '16.00'],
      ['L2', '0.00'],
      ['L3', '0.00'],
    ]);
  });

  it('retriesCalls: the same message id after a late answer, a new one for a duplicate', async () => {
    const hold = (call: Heard) => (call.action === 'StatusNotification' ? null : undefined);
    const { clock, system } = await charging({ retriesCalls: { probability: 1 } }, {}, hold);
    await clock.advance(10 * MINUTE);
    const statuses = system.of('StatusNotification');
    expect(statuses.filter((call) => call.id === statuses[0]?.id)).toHaveLength(4);
    const starts = system.of('StartTransaction');
    expect(starts).toHaveLength(2);
    expect(starts[0]?.id).not.toBe(starts[1]?.id);
    expect(starts[0]?.payload).toEqual(starts[1]?.payload);
    expect(system.invalid).toEqual([]);
  });

  it('wattsOnly: says so, rejects amperes, takes watts', async () => {
    const { ask, station } = await charging({ wattsOnly: {} });
    const unit = await ask('GetConfiguration', { key: ['ChargingScheduleAllowedChargingRateUnit'] });
    expect(unit.payload).toMatchObject({ configurationKey: [{ value: 'Power' }] });
    expect((await ask('SetChargingProfile', profile(8))).payload).toEqual({ status: 'Rejected' });
    expect((await ask('SetChargingProfile', profile(6900, 'W'), 100)).payload).toEqual({
      status: 'Accepted',
    });
    expect(station.drawA(1)[0]).toBeCloseTo(10);
  });

  it('reboots: boots again by itself, and forgetsProfiles: with none left', async () => {
    const reboots = { reboots: { periodS: 600, forS: 20 } };
    for (const [behaviour, limitA] of [
      [reboots, 8],
      [{ ...reboots, forgetsProfiles: {} }, 32],
    ] as const) {
      const { ask, station, clock, system } = await charging(behaviour);
      await ask('SetChargingProfile', profile(8));
      await clock.advance(20 * MINUTE);
      expect(system.of('BootNotification').length).toBeGreaterThan(1);
      expect(station.compositeLimitA(1)).toBe(limitA);
    }
  });

  it.each([
    ['wrongClock', { wrongClock: {} }, '1970-01-01T00:01:11.000Z', 8],
    ['wrongClock, an hour slow', { wrongClock: { amount: -3600 } }, '2026-03-02T07:01:11.000Z', 8],
    // The schedule starts at 07:59; by this station's clock that is still to come.
    ['wrongScheduleClock', { wrongScheduleClock: {} }, '2026-03-02T07:01:11.000Z', 32],
  ] as const)('%s', async (_name, behaviour, stamp, limitA) => {
    const { ask, station, clock, system } = await charging(behaviour);
    await clock.runUntil(START + 61_000 + 10_000);
    const { meterValue } = system.of('MeterValues')[0]?.payload ?? {};
    const stamps = meterValue as { timestamp: string }[];
    expect(Math.abs(Date.parse(stamps[0]?.timestamp ?? '') - Date.parse(stamp))).toBeLessThan(15_000);
    await ask('SetChargingProfile', profile(8));
    expect(station.compositeLimitA(1)).toBe(limitA);
  });

  it('liesAboutMeter: reports a part of what it draws', async () => {
    const { clock, system, station } = await charging({ liesAboutMeter: { amount: 0.25 } });
    await clock.advance(MINUTE);
    expect(station.drawA(1)[0]).toBe(16);
    expect(JSON.stringify(system.of('MeterValues')[0]?.payload)).toContain('"4.00"');
  });

  it('comes and goes in spans where a period is given', async () => {
    const { ask, clock } = await charging({ rejectsProfiles: { probability: 0.5, periodS: 600 } });
    const statuses: unknown[] = [];
    for (let i = 0; i < 400; i++) {
      statuses.push((await ask('SetChargingProfile', profile(8), MINUTE)).payload?.status);
    }
    await clock.advance(1);
    const changes = statuses.filter((status, i) => i > 0 && status !== statuses[i - 1]).length;
    expect(changes).toBeGreaterThan(5);
    expect(changes).toBeLessThan(40);
  });
});
