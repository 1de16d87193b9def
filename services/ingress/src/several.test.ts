// Two ingress processes on one bus: a station has one connection among them, and a call finds it.

import { settle } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import type { Bus } from '@ampledger/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import { CP1, callRequested, type TestEngine, testEngine } from './test-station.js';

let epoch = 0;
let here: TestEngine;
let there: TestEngine;
/** What `there` reads from the bus waits for this; subscriptions may be apart. */
let reading: Promise<void>;
let isStalled: (types: readonly string[]) => boolean;
/** `here` was killed: it says and hears nothing more. */
let isKilled: boolean;

const lagging = (bus: Bus): Bus => ({
  publish: (events) => bus.publish(events),
  subscribe: (options, handler) =>
    bus.subscribe(options, async (events) => {
      if (isStalled(options.types ?? [])) await reading;
      await handler(events);
    }),
});
const mortal = (bus: Bus): Bus => ({
  publish: (events) => (isKilled ? new Promise(() => {}) : bus.publish(events)),
  subscribe: (options, handler) =>
    bus.subscribe(options, (events) => (isKilled ? undefined : handler(events))),
});
function stall(which: typeof isStalled = () => true): () => Promise<void> {
  isStalled = which;
  let release: () => void = () => {};
  reading = new Promise((resolve) => {
    release = resolve;
  });
  return async () => {
    release();
    await settle();
  };
}

beforeEach(() => {
  epoch = 0;
  isKilled = false;
  isStalled = () => false;
  const memory = createMemoryLog();
  const several = { answerUnconnected: false };
  const shared = { memory, commandEpoch: () => epoch };
  here = testEngine({ ...several, instance: 'here' }, mortal, shared);
  there = testEngine({ ...several, instance: 'there' }, lagging, shared);
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

  it('leave alone what was requested before the station came to them', async () => {
    const resume = stall();
    await here.open();
    await here.publish(callRequested('c1'), 'c1');
    const station = await there.open();
    await here.publish(callRequested('c2'), 'c2');
    await resume();
    expect(station.socket.sent.map((text) => JSON.parse(text)[1])).toEqual(['c2']);
  });

  it('never say of a call that another process sent that it was not sent', async () => {
    const resume = stall();
    const station = await here.open();
    await here.publish(callRequested('c1', { timeoutS: 30 }), 'c1');
    expect(station.socket.frame(-1)).toMatchObject([2, 'c1', 'TriggerMessage', {}]);
    isKilled = true;
    await there.open();
    await there.clock.advance(31_000);
    await resume();
    expect((await answers()).filter(([, outcome]) => outcome === 'unsent')).toEqual([]);
  });

  it('take no call on a connection that the station has left by then', async () => {
    const old = await there.open();
    const resume = stall((types) => !types.includes('CallRequested'));
    const young = await here.open();
    await here.publish(callRequested('c1'), 'c1');
    await resume();
    expect(old.socket.sent).toEqual([]);
    expect(await answers()).toEqual([]);
    await young.say('[3,"c1",{"status":"Accepted"}]');
    expect(await answers()).toEqual([['c1', 'result']]);
  });

  it('answer for what a command service of an earlier epoch decided, and do not deliver it', async () => {
    const station = await here.open();
    epoch = 2;
    await here.publish(callRequested('c1'), 'c1');
    expect(station.socket.sent).toEqual([]);
    expect(await answers()).toEqual([['c1', 'unsent']]);
    epoch = 0;
    await here.publish(callRequested('c2'), 'c2');
    expect(station.socket.frame(-1)).toMatchObject([2, 'c2', 'TriggerMessage', {}]);
  });
});
