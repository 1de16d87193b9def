// Members of groups that come, go and are cut off.

import type { KafkaBus } from '@ampledger/kafka-bus';
import type { Ownership } from '@ampledger/ports';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Broker, freePort, startBroker } from './broker.js';
import { freshTopic, openInTest } from './open.js';
import { type FaultyLink, startProxy } from './proxy.js';

const PARTITIONS = 7;
const FAST = { sessionTimeoutMs: 6_000, heartbeatMs: 300 };

interface Member {
  readonly name: string;
  readonly owned: Set<number>;
  /** What happened, in order: +3 and -3. */
  readonly told: string[];
  ownership: Ownership;
}

/** Waits for what the members make of it; the time of the test is the bound. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function member(bus: KafkaBus, group: string, name: string): Promise<Member> {
  const owned = new Set<number>();
  const told: string[] = [];
  const ownership = await bus.join(
    { group, instance: name },
    {
      assigned(partition) {
        owned.add(partition);
        told.push(`+${partition}`);
      },
      revoked(partition) {
        if (!owned.delete(partition)) throw new Error(`${name} never had ${partition}`);
        told.push(`-${partition}`);
      },
    },
  );
  ownership.failed.catch(() => {});
  return { name, owned, told, ownership };
}

function isSettled(members: readonly Member[]): boolean {
  const all = members.flatMap(({ owned }) => [...owned]);
  const sizes = members.map(({ owned }) => owned.size);
  const isWhole = all.length === PARTITIONS && new Set(all).size === PARTITIONS;
  return isWhole && Math.max(...sizes) - Math.min(...sizes) <= 1;
}

describe('members of a group', () => {
  it('share the partitions, come and go, and keep what they can', async () => {
    const bus = await openInTest({
      brokers: [inject('bootstrap')],
      topic: freshTopic(),
      partitions: PARTITIONS,
      ...FAST,
    });
    const groups = ['optimizer', 'recorder'].map((role) => `${role}-${freshTopic()}`);
    const members = new Map<string, Member[]>(groups.map((group) => [group, []]));
    const eachGroup = (task: (group: string, all: Member[]) => Promise<void>) =>
      Promise.all([...members].map(([group, all]) => task(group, all)));
    const settled = () => until(() => [...members.values()].every(isSettled));
    for (const name of ['a', 'b', 'c']) {
      const before = new Map([...members.values()].flat().map((one) => [one, new Set(one.owned)]));
      await eachGroup(async (group, all) => {
        all.push(await member(bus, group, name));
      });
      await settled();
      // Who was there took on nothing new.
      for (const [one, had] of before)
        expect([...one.owned].filter((partition) => !had.has(partition))).toEqual([]);
    }
    const kept = new Map([...members.values()].flat().map((one) => [one, new Set(one.owned)]));
    await eachGroup(async (_group, all) => {
      const [gone] = all.splice(1, 1);
      await gone?.ownership.close();
      expect(gone?.owned.size).toBe(0);
    });
    await settled();
    for (const one of [...members.values()].flat()) {
      const had = kept.get(one) ?? new Set();
      expect([...had].filter((partition) => !one.owned.has(partition))).toEqual([]);
      // Nobody gave up what he kept in between.
      for (const partition of had) expect(one.told.lastIndexOf(`-${partition}`)).toBe(-1);
      expect(new Set(one.owned)).toEqual(one.ownership.owned());
    }
    await Promise.all([...members.values()].flat().map(({ ownership }) => ownership.close()));
  });

  it('keep how far they are, and only for what they own', async () => {
    const bus = await openInTest({
      brokers: [inject('bootstrap')],
      topic: freshTopic(),
      partitions: 2,
      ...FAST,
    });
    const group = `g-${freshTopic()}`;
    const { ownership } = await member(bus, group, 'a');
    await ownership.commit({ partition: 1, offset: 41 });
    const { Kafka, logLevel } = await import('kafkajs');
    const admin = new Kafka({ brokers: [inject('bootstrap')], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [bus.topic] });
    expect(offsets?.partitions.find(({ partition }) => partition === 1)?.offset).toBe('42');
    await ownership.close();
    await expect(ownership.commit({ partition: 1, offset: 42 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

describe('a member that is cut off', () => {
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
  const brokers = () => [`127.0.0.1:${proxy.port}`];

  it('gives up what it owned by itself, and has it again when it is back', async () => {
    const bus = await openInTest({
      brokers: brokers(),
      topic: freshTopic(),
      partitions: PARTITIONS,
      ...FAST,
    });
    const one = await member(bus, `g-${freshTopic()}`, 'a');
    await until(() => isSettled([one]));
    proxy.refuse(true);
    await until(() => one.owned.size === 0);
    expect(one.ownership.owned().size).toBe(0);
    proxy.refuse(false);
    await until(() => isSettled([one]));
    await one.ownership.close();
  });

  it('also when its connection says nothing at all', async () => {
    const bus = await openInTest({
      brokers: brokers(),
      topic: freshTopic(),
      partitions: PARTITIONS,
      ...FAST,
    });
    const one = await member(bus, `g-${freshTopic()}`, 'a');
    await until(() => isSettled([one]));
    proxy.swallow();
    await until(() => one.owned.size === 0);
    await until(() => isSettled([one]));
    await one.ownership.close();
  });

  it('for good: says so', async () => {
    const options = { topic: freshTopic(), partitions: PARTITIONS, ...FAST, membershipLostMs: 8_000 };
    const bus = await openInTest({ brokers: brokers(), ...options });
    const one = await member(bus, `g-${freshTopic()}`, 'a');
    proxy.refuse(true);
    await expect(one.ownership.failed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(one.owned.size).toBe(0);
    proxy.refuse(false);
    await one.ownership.close();
  });
});
