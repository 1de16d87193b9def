import { settle } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { CP1, callRequested, testEngine } from './test-station.js';

const outcomes = async (engine: ReturnType<typeof testEngine>) =>
  (await engine.events('CallAnswered')).map(({ data }) => {
    const { call, outcome, status } = data as { call: string; outcome: string; status: string | null };
    return [call, outcome, status];
  });

describe('calls to a station', () => {
  it('go out, and their answers become events', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1');
    expect(station.socket.frame(-1)).toEqual([2, 'c1', 'TriggerMessage', { requestedMessage: 'Heartbeat' }]);
    await station.say('[3,"c1",{"status":"Accepted"}]');
    const [requested] = await engine.events('CallRequested');
    const [answered] = await engine.events('CallAnswered');
    expect(answered).toMatchObject({
      key: 'garage',
      data: {
        station: CP1,
        call: 'c1',
        outcome: 'result',
        status: 'Accepted',
        payload: { status: 'Accepted' },
      },
      meta: { causationId: requested?.id, correlationId: 'c1', frame: '[3,"c1",{"status":"Accepted"}]' },
    });
  });

  it.each<[string, string, [string, string, string | null]]>([
    ['a CALLRESULT', '[3,"c1",{"status":"Rejected"}]', ['c1', 'result', 'Rejected']],
    ['a CALLERROR', '[4,"c1","NotSupported","no",{}]', ['c1', 'error', 'NotSupported']],
    [
      'a CALLERROR with a code of its own',
      `[4,"c1","${'x'.repeat(100)}","no",{}]`,
      ['c1', 'error', 'x'.repeat(64)],
    ],
    ['a CALLRESULT that fails its schema', '[3,"c1",{"status":"Sure"}]', ['c1', 'invalid', null]],
    ['a CALLRESULT without a payload', '[3,"c1",null]', ['c1', 'invalid', null]],
  ])('end with %s', async (_name, answer, outcome) => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1');
    await station.say(answer);
    expect(await outcomes(engine)).toEqual([outcome]);
  });

  it('go one at a time, in order', async () => {
    const engine = testEngine();
    const station = await engine.open();
    for (const id of ['c1', 'c2', 'c3']) await engine.publish(callRequested(id), id);
    expect(station.socket.sent).toHaveLength(1);
    await station.say('[3,"c1",{"status":"Accepted"}]');
    expect(station.socket.frame(-1)).toMatchObject([2, 'c2', 'TriggerMessage', {}]);
    await station.say('[3,"c3",{"status":"Accepted"}]');
    expect(station.socket.sent).toHaveLength(2);
    await station.say('[3,"c2",{"status":"Accepted"}]');
    expect(station.socket.frame(-1)).toMatchObject([2, 'c3', 'TriggerMessage', {}]);
  });

  it('are answered while the station’s own calls wait', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1');
    station.connection.onMessage('[2,"h1","Heartbeat",{}]');
    await station.say('[3,"c1",{"status":"Accepted"}]');
    expect(await outcomes(engine)).toEqual([['c1', 'result', 'Accepted']]);
  });

  it('time out, and a late answer has no effect', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1', { timeoutS: 20 }), 'c1');
    await engine.publish(callRequested('c2', { timeoutS: 50 }), 'c2');
    await engine.clock.advance(20_000);
    expect(await outcomes(engine)).toEqual([['c1', 'timeout', null]]);
    expect(station.socket.frame(-1)).toMatchObject([2, 'c2', 'TriggerMessage', {}]);
    await station.say('[3,"c1",{"status":"Accepted"}]');
    await station.say('[3,"c2",{"status":"Accepted"}]');
    await station.say('[3,"c2",{"status":"Rejected"}]');
    await station.say('[3,"unknown",{"status":"Rejected"}]');
    expect(await outcomes(engine)).toEqual([
      ['c1', 'timeout', null],
      ['c2', 'result', 'Accepted'],
    ]);
  });

  it('that waited longer than they may take are not sent any more', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1', { timeoutS: 30 }), 'c1');
    await engine.publish(callRequested('c2', { timeoutS: 10 }), 'c2');
    await engine.clock.advance(30_000);
    expect(station.socket.sent).toHaveLength(1);
    expect(await outcomes(engine)).toEqual([
      ['c1', 'timeout', null],
      ['c2', 'unsent', null],
    ]);
  });

  it('of a connection that ends are lost when they were sent, unsent when not', async () => {
    const engine = testEngine();
    const station = await engine.open();
    for (const id of ['c1', 'c2']) await engine.publish(callRequested(id), id);
    station.connection.onClosed(1006, '');
    await settle();
    await engine.publish(callRequested('c3'), 'c3');
    expect(await outcomes(engine)).toEqual([
      ['c1', 'lost', null],
      ['c2', 'unsent', null],
      ['c3', 'unsent', null],
    ]);
    await engine.clock.advance(60_000);
    expect(await outcomes(engine)).toHaveLength(3);
  });

  it('wait in a bounded queue', async () => {
    const engine = testEngine({ outboxMax: 1 });
    await engine.open();
    for (const id of ['c1', 'c2', 'c3']) await engine.publish(callRequested(id), id);
    expect(await outcomes(engine)).toEqual([['c3', 'unsent', null]]);
  });

  it('of an earlier run are left alone', async () => {
    const engine = testEngine({ startAfter: 1 });
    const station = await engine.open();
    // The connection is event 1.
    expect(station.socket.sent).toEqual([]);
    await engine.publish(callRequested('c1'), 'c1');
    expect(station.socket.sent).toHaveLength(1);
  });

  it('keep no more of an answer than allowed', async () => {
    const engine = testEngine({ answerPayloadMaxBytes: 100 });
    const station = await engine.open();
    await engine.publish(callRequested('c1', { action: 'GetConfiguration', payload: {} as never }), 'c1');
    const entry = { key: 'k', readonly: true, value: 'x'.repeat(200) };
    await station.say(JSON.stringify([3, 'c1', { configurationKey: [entry] }]));
    const [answered] = await engine.events('CallAnswered');
    expect(answered?.data).toMatchObject({ outcome: 'result', payload: null });
    expect(answered?.meta.frame).toHaveLength(100);
  });

  it('are not sent a second time when the bus delivers them again', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'one');
    await engine.publish(callRequested('c1'), 'two');
    await station.say('[3,"c1",{"status":"Accepted"}]');
    expect(station.socket.sent).toHaveLength(1);
    expect(await outcomes(engine)).toEqual([['c1', 'result', 'Accepted']]);
  });
});
