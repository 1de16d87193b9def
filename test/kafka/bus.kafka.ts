// What the contract does not ask: several partitions, several processes, and what else is on a topic.

import type { Poison } from '@ampledger/kafka-bus';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { asGiven, gather, newEvent, newEvents } from '../contract/events.js';
import { freshTopic, openInTest } from './open.js';

const brokers = [inject('bootstrap')];

async function rawProducer() {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

describe('partitions', () => {
  it('hand over every event of a key once and in order, in the partition of the key', async () => {
    const bus = await openInTest({ brokers, topic: freshTopic(), partitions: 4 });
    const gathered = gather();
    const subscriptions = [0, 1, 2, 3].map((p) =>
      bus.partition(p).subscribe({ after: 0 }, (events) => {
        expect(events.every(({ key }) => bus.partitionOf(key) === p)).toBe(true);
        gathered.handler(events);
      }),
    );
    const keys = Array.from({ length: 20 }, (_, i) => `site-${i}`);
    const given = keys.map((key) => newEvents(`s-${key}`, 100, 0, { key }));
    const rounds = Array.from({ length: 10 }, (_, r) =>
      given.flatMap((events) => events.slice(10 * r, 10 * r + 10)),
    );
    const published = await Promise.all(rounds.map((events) => bus.publish(events)));
    await gathered.until(2_000);
    for (const [i, key] of keys.entries()) {
      const events = gathered.events.filter((event) => event.key === key);
      expect(events.map(asGiven)).toEqual(given[i]);
      expect(events.map(({ revision }) => revision)).toEqual(events.map((_, revision) => revision));
    }
    const byPosition = new Map(gathered.events.map(({ position, id }) => [position, id]));
    expect(byPosition.size).toBe(2_000);
    rounds.forEach((events, r) => {
      expect(published[r]?.map(({ position }) => byPosition.get(position))).toEqual(
        events.map(({ id }) => id),
      );
    });
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  });

  it('are those of every other Kafka client', async () => {
    const topic = freshTopic();
    const bus = await openInTest({ brokers, topic, partitions: 7 });
    const producer = await rawProducer();
    const keys = [
      '',
      'GAR-01',
      'é',
      'depot',
      ...Array.from({ length: 50 }, (_, i) => `site-${'x'.repeat(i)}${i}`),
    ];
    for (const key of keys) {
      const [answer] = await producer.send({ topic, messages: [{ key, value: 'x' }] });
      expect([key, bus.partitionOf(key)]).toEqual([key, answer?.partition]);
    }
  });

  it('refuse keys of others, and a topic with another number of them', async () => {
    const topic = freshTopic();
    const bus = await openInTest({ brokers, topic, partitions: 4 });
    const foreign = (bus.partitionOf('depot') + 1) % 4;
    await expect(bus.partition(foreign).publish([newEvent('s', 0)])).rejects.toMatchObject({
      code: 'INVALID',
    });
    await expect(openInTest({ brokers, topic, partitions: 3 })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('has 4 partitions, not 3'),
    });
  });
});

describe('repetitions', () => {
  it('of two processes are delivered once, the first of them', async () => {
    const topic = freshTopic();
    const buses = await Promise.all([1, 2, 3].map(() => openInTest({ brokers, topic })));
    const events = newEvents('s', 500);
    await Promise.all(buses.map((bus) => Promise.all(events.map((event) => bus.publish([event])))));
    const reader = await openInTest({ brokers, topic });
    expect((await reader.offsets(0)).next).toBe(1_500);
    const gathered = gather();
    const subscription = reader.partition(0).subscribe({ after: 0 }, gathered.handler);
    await subscription.caughtUp;
    expect(new Set(gathered.events.map(({ id }) => id)).size).toBe(500);
    expect(gathered.events).toHaveLength(500);
    expect(gathered.events.map(asGiven)).toEqual(events);
  });

  it('are the same for whoever begins later, and end with the window', async () => {
    const topic = freshTopic();
    const windowOffsets = 100;
    const copies = await Promise.all([1, 2].map(() => openInTest({ brokers, topic, windowOffsets })));
    // Copy 1 at 0..49, copy 2 at 50..99, 30 others, copy 3 (of a third process) at 130..179: more than 100 after copy 1.
    const events = newEvents('s', 50);
    for (const bus of copies) await bus.publish(events);
    await copies[0]?.publish(newEvents('t', 101));
    const third = await openInTest({ brokers, topic, windowOffsets });
    await third.publish(events);
    const all = gather();
    await third.partition(0).subscribe({ after: 0 }, all.handler).caughtUp;
    // Copy 2 ends at 99; copy 3 begins at 201: no window reaches so far.
    expect(all.events.map(({ position }) => position - 1)).toEqual([
      ...Array.from({ length: 50 }, (_, i) => i),
      ...Array.from({ length: 101 }, (_, i) => 100 + i),
      ...Array.from({ length: 50 }, (_, i) => 201 + i),
    ]);
    for (const after of [1, 30, 60, 120, 210]) {
      const late = await openInTest({ brokers, topic, windowOffsets });
      const some = gather();
      await late.partition(0).subscribe({ after }, some.handler).caughtUp;
      const expected = all.events.filter(({ position }) => position > after);
      expect(some.events.map(({ position }) => position)).toEqual(expected.map(({ position }) => position));
    }
  });

  it('are passed over, and said to be, also where nothing follows', async () => {
    const topic = freshTopic();
    const [one, two] = [await openInTest({ brokers, topic }), await openInTest({ brokers, topic })];
    await one.publish(newEvents('s', 10));
    const repeated = await two.publish(newEvents('s', 10));
    expect(repeated.at(-1)).toEqual({ position: 20, duplicate: false });
    let last = 0;
    const onPassed = (position: number): void => {
      last = position;
    };
    await one.partition(0).subscribe({ after: 0, onPassed }, () => {}).caughtUp;
    expect(last).toBe(20);
    // What this process has read it knows, without having published it.
    const third = await openInTest({ brokers, topic });
    await third.partition(0).subscribe({ after: 0, types: [] }, () => {}).caughtUp;
    expect(await third.publish(newEvents('s', 1, 4))).toEqual([{ position: 5, duplicate: true }]);
  });
});

describe('subscriptions of one partition', () => {
  it('each begin where they want to, also behind where the others are', async () => {
    const bus = await openInTest({ brokers, topic: freshTopic() });
    await bus.publish(newEvents('s', 300));
    const [whole, late, tail] = [gather(), gather(), gather()];
    await bus.partition(0).subscribe({ after: 0 }, whole.handler).caughtUp;
    await bus.partition(0).subscribe({ after: 290 }, tail.handler).caughtUp;
    await bus.partition(0).subscribe({ after: 100 }, late.handler).caughtUp;
    await bus.publish(newEvents('s', 10, 300));
    await Promise.all([whole.until(310), late.until(210), tail.until(20)]);
    for (const { events } of [whole, late, tail]) {
      const first = events[0]?.position ?? 0;
      expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => first + i));
    }
    expect([whole, late, tail].map(({ events }) => events.length)).toEqual([310, 210, 20]);
  });

  it('refuse what is deleted, and what is not there yet', async () => {
    const topic = freshTopic();
    const bus = await openInTest({ brokers, topic });
    await bus.publish(newEvents('s', 20));
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '10' }] });
    await admin.disconnect();
    const beyond = bus.partition(0).subscribe({ after: 21 }, () => {});
    await expect(beyond.failed).rejects.toMatchObject({ code: 'CORRUPT' });
    const gone = bus.partition(0).subscribe({ after: 5 }, () => {});
    await expect(gone.failed).rejects.toMatchObject({ code: 'INVALID' });
    const gathered = gather();
    await bus.partition(0).subscribe({ after: 0 }, gathered.handler).caughtUp;
    expect(gathered.events[0]?.position).toBe(11);
  });
});

describe('a reader that falls behind what is kept', () => {
  it('says that it missed something', async () => {
    const topic = freshTopic();
    const bus = await openInTest({ brokers, topic });
    const text = 'x'.repeat(500_000);
    // More than all queues between the broker and the handler hold.
    await bus.publish([newEvent('s', 0)]);
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const subscription = bus.partition(0).subscribe({ after: 0 }, () => held);
    for (let i = 1; i <= 60; i++) await bus.publish([newEvent('s', i, { data: { text } })]);
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '60' }] });
    await admin.disconnect();
    release();
    await expect(subscription.failed).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('what was to be read from'),
    });
  });
});

describe('messages that are no events', () => {
  it('go to the dead letters in order, and stop nobody', async () => {
    const topic = freshTopic();
    const order: string[] = [];
    const check = ({ type, data }: { type: string; data: object }) =>
      type === 'Refused' ? `refused: ${JSON.stringify(data)}` : null;
    const onPoison = async (poison: Poison): Promise<void> => {
      await bus.bury(poison);
      order.push(`${poison.offset}: ${poison.error}`);
    };
    const bus = await openInTest({ brokers, topic, check, onPoison });
    const producer = await rawProducer();
    const headers = { id: 'x', stream: 's', type: 'T', version: '1' };
    const send = (messages: Parameters<typeof producer.send>[0]['messages']) =>
      producer.send({ topic, messages });
    await bus.publish([newEvent('s', 0)]);
    await send([
      { key: null, value: Buffer.from([0xff, 0, 0xfe]) },
      { key: 'depot', value: '{"data":{},"meta":{"receivedAt":1}}', headers: { id: 'x', stream: 's' } },
      { key: 'depot', value: '{"data":', headers: { ...headers, id: 'y' } },
      { key: 'depot', value: '{"data":{},"meta":{}}', headers: { ...headers, id: 'z' } },
      { key: 'depot', value: null, headers: { ...headers, id: 'w' } },
      {
        key: 'depot',
        value: '{"data":{},"meta":{"receivedAt":1}}',
        headers: { ...headers, id: 'v', version: 'one' },
      },
    ]);
    await bus.publish([newEvent('s', 1, { type: 'Refused', data: { a: 1 } }), newEvent('s', 2)]);
    const gathered = gather();
    const subscription = bus.partition(0).subscribe({ after: 0 }, (events) => {
      order.push(...events.map(({ position }) => `event ${position - 1}`));
      gathered.handler(events);
    });
    await subscription.caughtUp;
    expect(gathered.events.map(({ position }) => position)).toEqual([1, 9]);
    const poisons = order.filter((line) => !line.startsWith('event'));
    expect(poisons.map((line) => Number.parseInt(line, 10))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(poisons.at(-1)).toBe('7: refused: {"a":1}');
    expect(order.at(-1)).toBe('event 8');
    const letters = await openInTest({ brokers, topic: `${topic}.dead-letters` });
    expect((await letters.offsets(0)).next).toBe(7);
  });

  it('end a subscription where they are of a later release', async () => {
    const check = ({ version }: { version: number }): null => {
      if (version > 1) throw new Error('of a later release');
      return null;
    };
    const bus = await openInTest({ brokers, topic: freshTopic(), check });
    await bus.publish([newEvent('s', 0), { ...newEvent('s', 1), version: 2 }, newEvent('s', 2)]);
    const gathered = gather();
    const other = gather();
    const failing = bus.partition(0).subscribe({ after: 0 }, gathered.handler);
    bus.partition(0).subscribe({ after: 0, types: ['Other'] }, other.handler);
    await expect(failing.failed).rejects.toThrow('of a later release');
    expect(gathered.events.length).toBeLessThanOrEqual(1);
    await bus.publish([newEvent('s', 3, { type: 'Other' })]);
    await other.until(1);
  });
});

describe('bounds', () => {
  it('refuse what is too large for the topic, and take what is not', async () => {
    const bus = await openInTest({ brokers, topic: freshTopic() });
    const large = (name: string, bytes: number) => newEvent('s', name, { data: { text: 'x'.repeat(bytes) } });
    await expect(bus.publish([large('a', 5_000_000)])).rejects.toMatchObject({ code: 'INVALID' });
    const events = [large('b', 3_000_000), ...newEvents('s', 3)];
    expect(await bus.publish(events)).toHaveLength(4);
    const gathered = gather();
    await bus.partition(0).subscribe({ after: 0 }, gathered.handler).caughtUp;
    expect(gathered.events.map(asGiven)).toEqual(events);
  });

  it('keep a process that does nothing from spinning', async () => {
    const bus = await openInTest({ brokers, topic: freshTopic() });
    await bus.publish([newEvent('s', 0)]);
    await bus.partition(0).subscribe({ after: 0 }, () => {}).caughtUp;
    const timers = await timersSetDuring(() => new Promise((resolve) => setTimeout(resolve, 2_000)));
    // Fetches every 100 ms and heartbeats; the loop of kafkajs alone would be 1,000 a second and connection.
    expect(timers).toBeLessThan(500);
  });
});

/** Timers that anybody set. */
async function timersSetDuring(task: () => Promise<void>): Promise<number> {
  const original = globalThis.setTimeout;
  let count = 0;
  globalThis.setTimeout = new Proxy(original, {
    apply(target, self, args) {
      count += 1;
      return Reflect.apply(target, self, args);
    },
  });
  try {
    await task();
  } finally {
    globalThis.setTimeout = original;
  }
  return count;
}
