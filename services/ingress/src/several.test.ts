// Two ingress processes on one bus: a station has one connection among them, and a call finds it.

import { settle } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { beforeEach, describe, expect, it } from 'vitest';
import { CP1, callRequested, type TestEngine, testEngine } from './test-station.js';

let epoch = 0;
let here: TestEngine;
let there: TestEngine;

beforeEach(() => {
  epoch = 0;
  const memory = createMemoryLog();
  const several = { answerUnconnected: false };
  const shared = { memory, commandEpoch: () => epoch };
  here = testEngine({ ...several, instance: 'here' }, undefined, shared);
  there = testEngine({ ...several, instance: 'there' }, undefined, shared);
});

const answers = async () =>
  (await here.events('CallAnswered')).map(({ data }) => {
    const { call, outcome } = data as { call: string; outcome: string };
    return [call, outcome];
  });

describe('several ingress processes', () => {
  it('deliver a call where the station is, and nowhere else', async () => {
    const station = await there.open();
    await here.publish(callRequested('c1'), 'c1');
    await settle();
    expect(station.socket.frame(-1)).toMatchObject([2, 'c1', 'TriggerMessage', {}]);
    await station.say('[3,"c1",{"status":"Accepted"}]');
    expect(await answers()).toEqual([['c1', 'result']]);
  });

  it('leave a call unanswered that is for nobody here', async () => {
    await here.publish(callRequested('c1'), 'c1');
    expect(await answers()).toEqual([]);
  });

  it('let the later connection of a station hold, and end the call of the earlier one as lost', async () => {
    const old = await here.open();
    await here.publish(callRequested('c1'), 'c1');
    const young = await there.open();
    await settle();
    expect(old.socket.closed).toEqual({ code: 1006, reason: 'terminated' });
    expect(young.socket.closed).toBeUndefined();
    expect(await answers()).toEqual([['c1', 'lost']]);
    expect(here.ingress.isConnected(CP1)).toBe(false);
    await here.publish(callRequested('c2'), 'c2');
    await settle();
    expect(young.socket.frame(-1)).toMatchObject([2, 'c2', 'TriggerMessage', {}]);
  });

  it('end nothing for a connection that was on record before their own', async () => {
    const first = await there.open();
    const second = await here.open();
    await settle();
    expect(first.socket.closed).toBeDefined();
    expect(second.socket.closed).toBeUndefined();
  });

  it('do not deliver what a command service of an earlier epoch decided', async () => {
    const station = await here.open();
    epoch = 2;
    await here.publish(callRequested('c1'), 'c1');
    expect(station.socket.sent).toEqual([]);
    epoch = 0;
    await here.publish(callRequested('c2'), 'c2');
    expect(station.socket.frame(-1)).toMatchObject([2, 'c2', 'TriggerMessage', {}]);
  });
});
