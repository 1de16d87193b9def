// What networks and brokers do, on a broker that these tests may harm, through a proxy that they may cut.

import type { NewEvent, Published } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { asGiven, gather, newEvent, newEvents } from '../contract/events.js';
import { type Broker, freePort, startBroker } from './broker.js';
import { freshTopic, openInTest, type TestOptions } from './open.js';
import { type Cut, type FaultyLink, startProxy } from './proxy.js';

let broker: Broker;
let proxy: FaultyLink;
beforeAll(async () => {
  const port = await freePort();
  proxy = await startProxy(port);
  broker = await startBroker({ port, advertisedPort: proxy.port });
});
afterAll(async () => {
  await broker?.stop();
  await proxy?.close();
});

const openHere = (options: Omit<TestOptions, 'brokers'>) =>
  openInTest({ brokers: [`127.0.0.1:${proxy.port}`], ...options });

/** As services do: the same events again, until they are taken. */
async function publishUntilTaken(
  publish: () => Promise<readonly Published[]>,
): Promise<readonly Published[]> {
  for (;;) {
    try {
      return await publish();
    } catch (error) {
      if (!(error instanceof PortError) || !error.canRetry) throw error;
    }
  }
}

describe('a connection that is cut while a batch is sent', () => {
  for (const how of ['before the answer', 'in the middle'] satisfies Cut[]) {
    it(`${how}: the event is delivered once, and what follows is stored`, async () => {
      const bus = await openHere({ topic: freshTopic() });
      await bus.publish([newEvent('s', 0)]);
      const cuts = proxy.cuts();
      proxy.cutNextProduce(how);
      await bus.publish([newEvent('s', 1)]);
      await bus.publish([newEvent('s', 2)]);
      expect(proxy.cuts()).toBe(cuts + 1);
      expect(bus.stats().producerRestarts).toBe(1);
      // Stored twice where only the answer was lost: that is what the window is for.
      expect((await bus.offsets(0)).next).toBe(how === 'in the middle' ? 3 : 4);
      const gathered = gather();
      await bus.partition(0).subscribe({ after: 0 }, gathered.handler).caughtUp;
      expect(gathered.events.map(asGiven)).toEqual(newEvents('s', 3));
    });
  }

  it('and stays so beyond the deadline: UNAVAILABLE, and the same id again is one delivery', async () => {
    const bus = await openHere({ topic: freshTopic(), deadlineMs: 1_000 });
    await bus.publish([newEvent('s', 0)]);
    proxy.cutNextProduce('for good');
    const failing = bus.publish([newEvent('s', 1)]);
    const queued = bus.publish([newEvent('s', 1), newEvent('s', 2)]);
    await expect(failing).rejects.toMatchObject({ code: 'UNAVAILABLE', canRetry: true });
    await expect(queued).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    proxy.refuse(false);
    await publishUntilTaken(() => bus.publish(newEvents('s', 2, 1)));
    // Both are there twice: what was rejected had been stored.
    expect((await bus.offsets(0)).next).toBe(5);
    const gathered = gather();
    await bus.partition(0).subscribe({ after: 0 }, gathered.handler).caughtUp;
    expect(gathered.events.map(asGiven)).toEqual(newEvents('s', 3));
  });
});

describe('the idempotent producer of kafkajs', () => {
  // Should this fail one day, the reason is gone why ours is another.
  it('has a message acknowledged that is not stored', async () => {
    const topic = freshTopic();
    const bus = await openHere({ topic });
    const kafka = new Kafka({ brokers: [`127.0.0.1:${proxy.port}`], logLevel: logLevel.NOTHING });
    const retry = { retries: 8, initialRetryTime: 50, maxRetryTime: 300 };
    const createPartitioner = Partitioners.DefaultPartitioner;
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry, createPartitioner });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    const send = (key: string) => producer.send({ topic, messages: [{ key, value: 'x' }] });
    await send('first');
    proxy.cutNextProduce('for good');
    await expect(send('unanswered')).rejects.toThrow();
    proxy.refuse(false);
    const [answer] = await send('lost');
    expect(answer?.errorCode).toBe(0);
    expect((await bus.offsets(0)).next).toBe(2);
  });
});

describe('a reader that hears nothing', () => {
  it('is made anew, and goes on where it was', async () => {
    const topic = freshTopic();
    const writer = await openHere({ topic });
    const reasons: unknown[] = [];
    const onWarning = (fields: object): void => {
      if ('reason' in fields) reasons.push(fields.reason);
    };
    const bus = await openHere({ topic, stallMs: 1_500, onWarning });
    const gathered = gather();
    await writer.publish(newEvents('s', 10));
    const subscription = bus.partition(0).subscribe({ after: 0 }, gathered.handler);
    await subscription.caughtUp;
    proxy.swallow();
    const fresh = await openHere({ topic });
    await fresh.publish(newEvents('s', 10, 10));
    await gathered.until(20);
    expect(bus.stats().consumerRestarts).toBeGreaterThan(0);
    // kafkajs itself would have waited for its request to time out.
    expect(reasons[0]).toBe('nothing was fetched');
    expect(gathered.events.map(asGiven)).toEqual(newEvents('s', 20));
  });

  it('hands over nothing more after it was closed', async () => {
    const topic = freshTopic();
    const [writer, bus] = [await openHere({ topic }), await openHere({ topic })];
    const gathered = gather();
    const witness = gather();
    await bus.partition(0).subscribe({ after: 0 }, gathered.handler).caughtUp;
    await writer.partition(0).subscribe({ after: 0 }, witness.handler).caughtUp;
    const publishing = Promise.all(newEvents('s', 200).map((event) => writer.publish([event])));
    await gathered.until(1);
    await bus.close();
    const count = gathered.events.length;
    await publishing;
    await writer.publish(newEvents('s', 10, 200));
    await witness.until(210);
    expect(gathered.events).toHaveLength(count);
  });
});

describe('a broker that is killed', () => {
  it('loses nothing that was acknowledged, and nothing is delivered twice or out of order', async () => {
    const bus = await openHere({ topic: freshTopic(), partitions: 4 });
    const gathered = gather();
    const follow = (partition: number) => bus.partition(partition).subscribe({ after: 0 }, gathered.handler);
    await Promise.all([0, 1, 2, 3].map((partition) => follow(partition).caughtUp));
    let acknowledged = 0;
    const kills = [300, 700];
    let killing: Promise<void> = Promise.resolve();
    const publisher = async (key: string): Promise<readonly NewEvent[]> => {
      const events = newEvents(`s-${key}`, 100, 0, { key });
      for (const event of events) {
        await publishUntilTaken(() => bus.publish([event]));
        acknowledged += 1;
        if (acknowledged === kills[0]) {
          kills.shift();
          killing = broker.kill('SIGKILL').then(() => broker.restart());
        }
      }
      return events;
    };
    const keys = Array.from({ length: 12 }, (_, i) => `site-${i}`);
    const given = await Promise.all(keys.map(publisher));
    await killing;
    await gathered.until(1_200);
    expect(kills).toEqual([]);
    const again = gather();
    for (const partition of [0, 1, 2, 3]) {
      await bus.partition(partition).subscribe({ after: 0 }, again.handler).caughtUp;
    }
    for (const { events } of [gathered, again]) {
      expect(events).toHaveLength(1_200);
      keys.forEach((key, i) => {
        expect(events.filter((event) => event.key === key).map(asGiven)).toEqual(given[i]);
      });
    }
  });
});
