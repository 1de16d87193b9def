// What must happen to each kind of hostile or broken frame, in both versions.

import type { Protocol } from '@ampledger/domain';
import { describe, expect, it } from 'vitest';
import { testEngine } from './test-station.js';

/** `ignored`: no answer. A code: a CALLERROR, with id -1 when nothing else can be told. A number: closed. */
type Outcome = 'ignored' | string | number;

const METER =
  '{"connectorId":1,"meterValue":[{"timestamp":"2026-03-01T08:00:00Z","sampledValue":[{"value":"1"}]}]}';
const call = (action: string, payload: string, id = '"x"') =>
  `[2,${id},${JSON.stringify(action)},${payload}]`;

const CASES: readonly [name: string, text: string, on16: Outcome, on201: Outcome][] = [
  ['nothing', '', 'ignored', 'RpcFrameworkError -1'],
  ['no JSON', 'hello', 'ignored', 'RpcFrameworkError -1'],
  ['half a call', '[2,"x","Heartbeat",', 'FormationViolation x', 'RpcFrameworkError x'],
  ['an object', '{"a":1}', 'ignored', 'RpcFrameworkError -1'],
  ['a number', '42', 'ignored', 'RpcFrameworkError -1'],
  ['null', 'null', 'ignored', 'RpcFrameworkError -1'],
  ['an empty array', '[]', 'ignored', 'RpcFrameworkError -1'],
  ['a short call', '[2,"x"]', 'FormationViolation x', 'RpcFrameworkError x'],
  ['a long call', '[2,"x","Heartbeat",{},1]', 'FormationViolation x', 'RpcFrameworkError x'],
  ['a call that is 100 000 deep', '['.repeat(100_000), 1009, 1009],
  ['message type 0', '[0,"x",{}]', 'ignored', 'ignored'],
  ['message type 7', '[7,"x",{}]', 'ignored', 'ignored'],
  ['message type "2"', '["2","x","Heartbeat",{}]', 'ignored', 'ignored'],
  ['message type 2.5', '[2.5,"x","Heartbeat",{}]', 'ignored', 'ignored'],
  ['message type null', '[null,"x","Heartbeat",{}]', 'ignored', 'ignored'],
  ['an empty id', call('Heartbeat', '{}', '""'), 'ignored', 'RpcFrameworkError -1'],
  ['an id that is a number', call('Heartbeat', '{}', '5'), 'ignored', 'RpcFrameworkError -1'],
  [
    'an id of 37 characters',
    call('Heartbeat', '{}', `"${'x'.repeat(37)}"`),
    'ignored',
    'RpcFrameworkError -1',
  ],
  ['an id with a newline', call('Heartbeat', '{}', '"a\\nb"'), 'ignored', 'RpcFrameworkError -1'],
  ['an unknown action', call('Explode', '{}'), 'NotImplemented x', 'NotImplemented x'],
  ['an action of the other side', call('Reset', '{}'), 'NotSupported x', 'NotSupported x'],
  ['the action __proto__', call('__proto__', '{}'), 'NotImplemented x', 'NotImplemented x'],
  ['the action constructor', call('constructor', '{}'), 'NotImplemented x', 'NotImplemented x'],
  ['the action toString', call('toString', '{}'), 'NotImplemented x', 'NotImplemented x'],
  [
    'a payload with __proto__',
    call('Heartbeat', '{"__proto__":{"a":1}}'),
    'FormationViolation x',
    'FormatViolation x',
  ],
  ['no payload', '[2,"x","Heartbeat"]', 'FormationViolation x', 'RpcFrameworkError x'],
  ['a payload that is null', call('Heartbeat', 'null'), 'FormationViolation x', 'FormatViolation x'],
  ['a payload that is an array', call('Heartbeat', '[]'), 'FormationViolation x', 'FormatViolation x'],
  [
    'a field of the wrong type',
    call('DataTransfer', '{"vendorId":5}'),
    'TypeConstraintViolation x',
    'TypeConstraintViolation x',
  ],
  [
    'a missing field',
    call('Authorize', '{}'),
    'OccurenceConstraintViolation x',
    'OccurrenceConstraintViolation x',
  ],
  ['an extra field', call('Heartbeat', '{"extra":1}'), 'FormationViolation x', 'FormatViolation x'],
  ['an answer to nothing', '[3,"x",{}]', 'ignored', 'ignored'],
  ['an error to nothing', '[4,"x","GenericError","",{}]', 'ignored', 'ignored'],
  ['a short answer', '[3,"x"]', 'ignored', 'ignored'],
];

const outcome = (sent: readonly string[], closed: { code: number } | undefined): Outcome => {
  if (closed !== undefined) return closed.code;
  if (sent.length === 0) return 'ignored';
  const [type, id, code] = JSON.parse(sent[0] ?? '') as unknown[];
  return type === 4 ? `${code} ${id}` : `result ${id}`;
};

describe.each<Protocol>(['ocpp1.6', 'ocpp2.0.1'])('with %s', (protocol) => {
  it.each(CASES)('%s', async (_name, text, on16, on201) => {
    const engine = testEngine();
    const station = await engine.open(protocol);
    await station.say(text);
    const { sent, closed } = station.socket;
    expect(outcome(sent, closed)).toBe(protocol === 'ocpp1.6' ? on16 : on201);
    // Whatever it was, it left no trace, and a living connection goes on.
    expect((await engine.events()).filter((event) => !event.type.startsWith('Station'))).toEqual([]);
    if (closed === undefined)
      expect(await station.call('after', 'Heartbeat', {})).toMatchObject([3, 'after', {}]);
  });

  it('closes after twenty bad frames in a minute', async () => {
    const engine = testEngine();
    const station = await engine.open(protocol);
    for (let i = 0; i < 20; i++) await station.say('x');
    expect(station.socket.closed).toBeUndefined();
    await engine.clock.advance(60_000);
    for (let i = 0; i < 20; i++) await station.say('x');
    expect(station.socket.closed).toBeUndefined();
    await station.say('x');
    expect(station.socket.closed).toMatchObject({ code: 1008 });
  });
});

it('writes no line longer than a kilobyte about a security event', async () => {
  const engine = testEngine();
  const station = await engine.open('ocpp1.6');
  await station.say(call('MeterValues', METER));
  await station.say(call('MeterValues', METER.replace('"1"', `"${'9'.repeat(5_000)}"`)));
  for (let i = 0; i < 100; i++) await station.say('x'.repeat(5_000));
  expect(engine.lines.length).toBeGreaterThan(0);
  for (const line of engine.lines) expect(JSON.stringify(line).length).toBeLessThan(1_024);
});
