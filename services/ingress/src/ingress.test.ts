import type { Protocol } from '@ampledger/domain';
import { settle, stationId } from '@ampledger/kernel';
import { type Bus, PortError } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { CP1, callRequested, DC1, MemorySocket, START_AT, testEngine } from './test-station.js';

const BOOT_16 = { chargePointVendor: 'ACME', chargePointModel: 'One' };
const BOOT_201 = { reason: 'PowerUp', chargingStation: { vendorName: 'ACME', model: 'One' } };
const START = { connectorId: 1, idTag: 'SECRET-TAG', meterStart: 100, timestamp: '2026-03-01T08:00:00Z' };
const meterValues = (value: number) => ({
  connectorId: 1,
  meterValue: [{ timestamp: '2026-03-01T08:00:00Z', sampledValue: [{ value: String(value) }] }],
});

/** A bus whose publishes wait, or fail, as the test says. */
function controlledBus() {
  const held: (() => void)[] = [];
  const mode = { hold: false, error: undefined as PortError | undefined };
  const wrap = (bus: Bus): Bus => ({
    subscribe: (options, handler) => bus.subscribe(options, handler),
    async publish(events) {
      if (mode.hold) await new Promise<void>((resolve) => held.push(resolve));
      if (mode.error) throw mode.error;
      return bus.publish(events);
    },
  });
  const releaseOne = async () => {
    held.shift()?.();
    await settle();
  };
  return { mode, wrap, releaseOne, held };
}

describe('a station’s calls', () => {
  it.each<[Protocol, object]>([
    ['ocpp1.6', BOOT_16],
    ['ocpp2.0.1', BOOT_201],
  ])('boots with %s', async (protocol, boot) => {
    const engine = testEngine();
    const station = await engine.open(protocol);
    const answer = await station.call('b1', 'BootNotification', boot);
    expect(answer).toEqual([
      3,
      'b1',
      { status: 'Accepted', currentTime: new Date(START_AT).toISOString(), interval: 300 },
    ]);
    const [connected, booted] = await engine.events();
    expect(connected).toMatchObject({
      type: 'StationConnected',
      data: { station: CP1, protocol, remote: '192.0.2.1' },
    });
    expect(booted).toMatchObject({
      type: 'StationBooted',
      key: 'garage',
      data: { vendor: 'ACME', model: 'One' },
    });
    expect(JSON.parse(booted?.meta.frame ?? '')).toEqual([2, 'b1', 'BootNotification', boot]);
  });

  it('are answered when their events are durable, not before', async () => {
    const bus = controlledBus();
    const engine = testEngine({}, bus.wrap);
    const station = await engine.open();
    bus.mode.hold = true;
    await station.say(JSON.stringify([2, 'm1', 'MeterValues', meterValues(1)]));
    await station.say(JSON.stringify([2, 'h1', 'Heartbeat', {}]));
    expect(station.socket.sent).toEqual([]);
    await bus.releaseOne();
    expect(station.socket.sent.map((text) => JSON.parse(text)[1])).toEqual(['m1', 'h1']);
  });

  it('wait until the connection itself is on record', async () => {
    const bus = controlledBus();
    bus.mode.hold = true;
    const engine = testEngine({}, bus.wrap);
    const station = await engine.open();
    await station.say('[2,"h1","Heartbeat",{}]');
    expect(station.socket.sent).toEqual([]);
    await bus.releaseOne();
    expect(station.socket.frame(-1)).toMatchObject([3, 'h1', {}]);
  });

  it('are answered with InternalError when the log refuses, and may be sent again', async () => {
    const bus = controlledBus();
    const engine = testEngine({}, bus.wrap);
    const station = await engine.open();
    bus.mode.error = new PortError('UNAVAILABLE', 'gone');
    expect(await station.call('m1', 'MeterValues', meterValues(1))).toMatchObject([
      4,
      'm1',
      'InternalError',
      expect.any(String),
      {},
    ]);
    bus.mode.error = undefined;
    expect(await station.call('m1', 'MeterValues', meterValues(1))).toEqual([3, 'm1', {}]);
    expect(await engine.events('MeterSampled')).toHaveLength(1);
  });

  it('end the engine when the log is broken', async () => {
    const bus = controlledBus();
    const engine = testEngine({}, bus.wrap);
    const failed = engine.ingress.failed.catch((error: unknown) => error);
    const station = await engine.open();
    bus.mode.error = new PortError('IO', 'disk');
    await station.call('m1', 'MeterValues', meterValues(1));
    expect(await failed).toMatchObject({ code: 'IO' });
  });

  it('are served without a BootNotification', async () => {
    const engine = testEngine();
    const station = await engine.open();
    expect(await station.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
  });

  it('tell what a car wants, at a DC outlet in amperes of the grid', async () => {
    const engine = testEngine();
    const station = await engine.open('ocpp2.0.1', DC1);
    await station.call('t1', 'TransactionEvent', {
      eventType: 'Started',
      timestamp: '2026-03-01T08:00:00Z',
      triggerReason: 'CablePluggedIn',
      seqNo: 0,
      transactionInfo: { transactionId: 'tx' },
      evse: { id: 2 },
    });
    const chargingNeeds = {
      requestedEnergyTransfer: 'DC',
      dcChargingParameters: { evMaxCurrent: 200, evMaxVoltage: 414, energyAmount: 30_000 },
    };
    const answer = await station.call('n1', 'NotifyEVChargingNeeds', { evseId: 2, chargingNeeds });
    expect(answer).toEqual([3, 'n1', { status: 'Processing' }]);
    const [event] = await engine.events('ChargingNeedsNotified');
    expect(event?.data).toEqual({
      station: DC1,
      evseId: 2,
      session: 'DC-1:tx',
      source: 'iso15118',
      energyWh: 30_000,
      departAt: null,
      minA: null,
      maxA: expect.closeTo((200 * 414) / (0.9 * 3 * 230)),
    });
  });

  it('never carry an id token into the log', async () => {
    const engine = testEngine();
    const station = await engine.open();
    const answer = await station.call('s1', 'StartTransaction', START);
    expect(answer).toMatchObject([3, 's1', { idTagInfo: { status: 'Accepted' } }]);
    const events = await engine.events();
    expect(events.some((event) => event.type === 'SessionStarted')).toBe(true);
    expect(JSON.stringify(events)).not.toContain('SECRET-TAG');
  });

  it('carry the frame once, and name the first event as the cause of the others', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await station.call('m1', 'MeterValues', {
      connectorId: 1,
      meterValue: [1, 2, 3].map((i) => ({
        timestamp: `2026-03-01T08:00:0${i}Z`,
        sampledValue: [{ value: `${i}` }],
      })),
    });
    const [first, ...rest] = await engine.events('MeterSampled');
    expect(first?.meta.frame).toContain('MeterValues');
    expect(rest).toHaveLength(2);
    for (const event of rest) expect(event.meta).toMatchObject({ causationId: first?.id });
    expect(rest.every((event) => event.meta.frame === undefined)).toBe(true);
  });
});

describe('a repeated call', () => {
  it('gets the same answer and has no second effect', async () => {
    const engine = testEngine();
    const station = await engine.open();
    const first = await station.call('s1', 'StartTransaction', START);
    expect(await station.call('s1', 'StartTransaction', START)).toEqual(first);
    expect(await engine.events('SessionStarted')).toHaveLength(1);
  });

  it('also on a later connection', async () => {
    const engine = testEngine();
    const before = await engine.open();
    const first = await before.call('s1', 'StartTransaction', START);
    before.connection.onClosed(1006, '');
    const after = await engine.open();
    expect(await after.call('s1', 'StartTransaction', START)).toEqual(first);
    expect(await engine.events('SessionStarted')).toHaveLength(1);
  });

  it('also when the memory is gone: the ids of the events are enough', async () => {
    const engine = testEngine({ answersKept: 1 });
    const station = await engine.open();
    const first = await station.call('s1', 'StartTransaction', START);
    await station.call('h1', 'Heartbeat', {});
    expect(await station.call('s1', 'StartTransaction', START)).toEqual(first);
    expect(await engine.events('SessionStarted')).toHaveLength(1);
  });

  it('under a used id with another payload is an error on this connection, a new message on a later one', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await station.call('m1', 'MeterValues', meterValues(1));
    expect(await station.call('m1', 'MeterValues', meterValues(2))).toMatchObject([
      4,
      'm1',
      'GenericError',
      expect.any(String),
      {},
    ]);
    expect(engine.lines.map((line) => line.message)).toContain('security event: AttemptedReplay');
    station.connection.onClosed(1000, '');
    const later = await engine.open();
    expect(await later.call('m1', 'MeterValues', meterValues(2))).toEqual([3, 'm1', {}]);
    expect(await engine.events('MeterSampled')).toHaveLength(2);
  });

  it('a boot with a message id of an earlier start is a new boot', async () => {
    const engine = testEngine();
    const before = await engine.open();
    await before.call('1', 'BootNotification', BOOT_16);
    before.connection.onClosed(1006, '');
    await engine.clock.advance(10_000);
    const after = await engine.open();
    expect(await after.call('1', 'BootNotification', BOOT_16)).toMatchObject([
      3,
      '1',
      { currentTime: new Date(START_AT + 10_000).toISOString() },
    ]);
    expect(await engine.events('StationBooted')).toHaveLength(2);
  });
});

describe('floods', () => {
  it('of calls: the socket is paused, resumed, and at the bound closed', async () => {
    const bus = controlledBus();
    const engine = testEngine({ queuedCallsMax: 4 }, bus.wrap);
    const station = await engine.open();
    bus.mode.hold = true;
    const say = (i: number) => station.say(JSON.stringify([2, `m${i}`, 'MeterValues', meterValues(i)]));
    // One is being stored, two wait.
    for (const i of [0, 1, 2]) await say(i);
    expect(station.socket.isPaused).toBe(true);
    await bus.releaseOne();
    await bus.releaseOne();
    expect(station.socket.isPaused).toBe(false);
    for (const i of [3, 4, 5, 6]) await say(i);
    expect(station.socket.closed).toBeUndefined();
    await say(7);
    expect(station.socket.closed).toMatchObject({ code: 1008 });
    expect(station.socket.isPaused).toBe(false);
    expect(engine.lines.map((line) => line.message)).toContain('security event: MessageFlood');
  });

  it.each<[Protocol, object, string]>([
    ['ocpp1.6', BOOT_16, 'GenericError'],
    ['ocpp2.0.1', BOOT_201, 'SecurityError'],
  ])('of boots with %s leave no event and wait longer and longer', async (protocol, boot, code) => {
    const engine = testEngine({ bootsPerMinuteMax: 2 });
    const station = await engine.open(protocol);
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await station.call(`b${i}`, 'BootNotification', boot));
    expect(answers).toMatchObject([
      [3, 'b0', { status: 'Accepted' }],
      [3, 'b1', { status: 'Accepted' }],
      [3, 'b2', { status: 'Rejected', interval: 60 }],
      [3, 'b3', { status: 'Rejected', interval: 120 }],
    ]);
    expect(await station.call('h', 'Heartbeat', {})).toMatchObject([4, 'h', code, expect.any(String), {}]);
    expect(await engine.events('StationBooted')).toHaveLength(2);
  });

  it('of a station that reads nothing', async () => {
    const engine = testEngine();
    const station = await engine.open();
    station.socket.bufferedAmount = 2_000_000;
    await station.say('[2,"h1","Heartbeat",{}]');
    expect(station.socket.closed).toMatchObject({ code: 1006 });
  });
});

describe('connections', () => {
  it('come and go on record', async () => {
    const engine = testEngine();
    const station = await engine.open();
    expect(engine.ingress.isConnected(CP1)).toBe(true);
    station.connection.onClosed(1001, 'bye');
    station.connection.onClosed(1006, 'again');
    expect(engine.ingress.connectionCount()).toBe(0);
    expect(await engine.events()).toMatchObject([
      { type: 'StationConnected', data: { connection: station.connection.id } },
      { type: 'StationDisconnected', data: { connection: station.connection.id, code: 1001, reason: 'bye' } },
    ]);
  });

  it('of stations in no site are refused', async () => {
    const engine = testEngine();
    const socket = new MemorySocket();
    const connect = { station: stationId('stranger'), protocol: 'ocpp1.6' as const, remote: '', socket };
    expect(await engine.ingress.connect(connect)).toMatchObject({
      ok: false,
      error: { reason: 'unknown-station' },
    });
    expect(await engine.events()).toEqual([]);
  });

  it('end when their station leaves the site', async () => {
    const engine = testEngine();
    const station = await engine.open();
    engine.directory.delete(CP1);
    await station.say('[2,"h1","Heartbeat",{}]');
    expect(station.socket.closed).toMatchObject({ code: 1008 });
  });

  it('that are alive are never displaced', async () => {
    const engine = testEngine();
    const old = await engine.open();
    const socket = new MemorySocket();
    const second = engine.ingress.connect({ station: CP1, protocol: 'ocpp1.6', remote: '', socket });
    await settle();
    expect(old.socket.pings).toBe(1);
    await engine.clock.advance(4_900);
    old.connection.onPong();
    expect(await second).toMatchObject({ ok: false, error: { reason: 'duplicate' } });
    expect(old.socket.closed).toBeUndefined();
    expect(await old.call('h', 'Heartbeat', {})).toMatchObject([3, 'h', {}]);
    expect(engine.lines.map((line) => line.message)).toContain('security event: DuplicateConnection');
  });

  it('that are dead make room, and their late end changes nothing', async () => {
    const engine = testEngine();
    const old = await engine.open();
    const socket = new MemorySocket();
    const pending = engine.ingress.connect({ station: CP1, protocol: 'ocpp1.6', remote: '', socket });
    await engine.clock.advance(5_000);
    const second = await pending;
    if (!second.ok) throw new Error('refused');
    expect(old.socket.closed).toMatchObject({ code: 1006 });
    old.connection.onClosed(1006, 'late');
    await settle();
    expect(engine.ingress.isConnected(CP1)).toBe(true);
    expect(
      (await engine.events()).map((event) => [event.type, (event.data as { connection: string }).connection]),
    ).toEqual([
      ['StationConnected', old.connection.id],
      ['StationDisconnected', old.connection.id],
      ['StationConnected', second.value.id],
    ]);
  });

  it('of one station that come at once: one is taken', async () => {
    const engine = testEngine();
    const old = await engine.open();
    const connect = () => {
      const socket = new MemorySocket();
      const connected = engine.ingress.connect({ station: CP1, protocol: 'ocpp1.6', remote: '', socket });
      socket.onPing = () => void connected.then((outcome) => outcome.ok && outcome.value.onPong());
      return connected;
    };
    const pending = Promise.all(Array.from({ length: 6 }, connect));
    await engine.clock.advance(5_000);
    const outcomes = (await pending).map((outcome) => (outcome.ok ? 'taken' : outcome.error.reason));
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'busy')).toHaveLength(2);
    expect(old.socket.closed).toBeDefined();
  });

  it('are pinged, and dropped after two pongs were missed', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.clock.advance(30_000);
    station.connection.onPong();
    await engine.clock.advance(60_000);
    expect(station.socket.pings).toBe(3);
    expect(station.socket.closed).toBeUndefined();
    await engine.clock.advance(30_000);
    expect(station.socket.closed).toMatchObject({ code: 1006 });
    expect(await engine.events('StationDisconnected')).toHaveLength(1);
  });

  it('that cannot be recorded are closed', async () => {
    const bus = controlledBus();
    bus.mode.error = new PortError('UNAVAILABLE', 'gone');
    const engine = testEngine({}, bus.wrap);
    const station = await engine.open();
    expect(station.socket.closed).toMatchObject({ code: 1011 });
    expect(engine.ingress.isConnected(CP1)).toBe(false);
    bus.mode.error = undefined;
    await engine.open();
    expect((await engine.events()).map((event) => event.type)).toEqual(['StationConnected']);
  });

  it('end on record even when the log is away for a while, and before the next one starts', async () => {
    const bus = controlledBus();
    const engine = testEngine({}, bus.wrap);
    const first = await engine.open();
    bus.mode.error = new PortError('UNAVAILABLE', 'gone');
    first.connection.onClosed(1006, '');
    await settle();
    bus.mode.error = undefined;
    const second = await engine.open();
    await second.say('[2,"h1","Heartbeat",{}]');
    expect(second.socket.sent).toEqual([]);
    await engine.clock.advance(1_000);
    expect(second.socket.sent).toHaveLength(1);
    expect((await engine.events()).map((event) => event.type)).toEqual([
      'StationConnected',
      'StationDisconnected',
      'StationConnected',
    ]);
  });

  it('are closed with 1001 at the end, on record', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1');
    await engine.ingress.close();
    expect(station.socket.closed).toMatchObject({ code: 1001 });
    expect((await engine.events()).map((event) => event.type).sort()).toEqual([
      'CallAnswered',
      'CallRequested',
      'StationConnected',
      'StationDisconnected',
    ]);
    const socket = new MemorySocket();
    const late = await engine.ingress.connect({ station: CP1, protocol: 'ocpp1.6', remote: '', socket });
    expect(late).toMatchObject({ ok: false, error: { reason: 'closing' } });
  });
});
