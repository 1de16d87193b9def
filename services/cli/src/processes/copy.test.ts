import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { settle, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog, type MemoryLog } from '@ampledger/memory-log';
import type { Bus, NewEvent, PartitionedBus, RecordedEvent } from '@ampledger/ports';
import { markerEvent, recordedEvent } from '@ampledger/recording';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogCopy, startCopy } from './copy.js';

const TOPIC = 'events';
const event = (id: string, stream = 'stream'): NewEvent => ({
  ...{ id, key: 'site', stream, type: 'Told', version: 1, data: {} },
  meta: { receivedAt: 1 },
});

let clock: VirtualClock;
let directory: string;
let embedded: EmbeddedLog;
let bus: MemoryLog;
let store: MemoryLog;
let copy: LogCopy | undefined;

/** One partition, whose positions are those of the memory log. */
function shared(first: number, partition: Bus = bus.bus): PartitionedBus {
  return {
    topic: TOPIC,
    partitions: 1,
    partitionOf: () => 0,
    partition: () => partition,
    publish: (events) => partition.publish(events),
    offsets: async () => ({ first, next: Math.max(first, await bus.store.lastPosition()) }),
    close: async () => {},
  };
}
const start = async (of: PartitionedBus): Promise<LogCopy> => {
  const onProgress = (): void => {};
  copy = await startCopy({ shared: of, store: store.store, copy: embedded, directory, clock, onProgress });
  return copy;
};
const copied = async (): Promise<readonly RecordedEvent[]> => {
  const all: RecordedEvent[] = [];
  for await (const page of embedded.store.readAll()) all.push(...page);
  return all;
};
async function record(events: readonly NewEvent[], to: number): Promise<void> {
  for (const [offset, one] of events.entries()) {
    const place = { topic: TOPIC, partition: 0, offset };
    const recorded = recordedEvent(one, place, offset - 1);
    await store.store.append(recorded.stream, 'any', [recorded]);
  }
  const marker = markerEvent({ id: 'm', partition: 0, data: { to, topic: TOPIC, partitions: 1 }, now: 1 });
  await store.store.append(marker.stream, 'none', [marker]);
}

beforeEach(async () => {
  clock = new VirtualClock(0);
  directory = mkdtempSync(join(tmpdir(), 'ampledger-copy-'));
  embedded = await openEmbeddedLog({ directory, onWarning: () => {} });
  bus = createMemoryLog();
  store = createMemoryLog();
  copy = undefined;
});
afterEach(async () => {
  await copy?.close();
  await embedded.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a copy of the log', () => {
  it('has what the store has of the time before the bus begins', async () => {
    await record([event('a'), event('b')], 1);
    await start(shared(2));
    expect((await copied()).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('misses nothing where the bus ended with what is no event, and has forgotten it', async () => {
    await record([event('a'), event('b')], 5);
    const { lag } = await start(shared(6)).then(async (it) => ({ lag: await it.lag() }));
    expect((await copied()).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(lag).toBe(0);
  });

  it('does not begin where events are missing', async () => {
    await record([event('a'), event('b')], 1);
    await expect(start(shared(3))).rejects.toMatchObject({ code: 'HISTORY_MISSING' });
  });

  it('knows that it is beside what the bus passes over', async () => {
    const passing: Bus = {
      publish: bus.bus.publish,
      subscribe(options, handler) {
        const subscription = bus.bus.subscribe(options, handler);
        void subscription.caughtUp.then(() => options.onPassed?.(4));
        return subscription;
      },
    };
    await bus.bus.publish([event('a')]);
    const following = await start({ ...shared(0, passing), offsets: async () => ({ first: 0, next: 4 }) });
    await settle();
    expect(await following.lag()).toBe(0);
    await following.close();
    expect(JSON.parse(readFileSync(join(directory, 'copied.json'), 'utf8'))).toMatchObject({ offsets: [3] });
    copy = undefined;
  });

  it('keeps its file in order where the disk is slower than the events', async () => {
    const { bus: copying, failed } = await start(shared(0));
    const broken: unknown[] = [];
    failed.catch((error: unknown) => broken.push(error));
    for (let round = 0; round < 20; round++) {
      await copying.publish([event(`event ${round}`)]);
      await clock.advance(1_000);
    }
    await copy?.close();
    copy = undefined;
    expect(broken).toEqual([]);
    expect(JSON.parse(readFileSync(join(directory, 'copied.json'), 'utf8'))).toMatchObject({ offsets: [19] });
  });

  it('tells everybody who publishes the same event at the same time when it is there', async () => {
    const { bus: copying } = await start(shared(0));
    const both = [copying.publish([event('a')]), copying.publish([event('a')])];
    const published = (await Promise.all(both)).flat();
    expect(published).toMatchObject([{ position: 1 }, { position: 1 }]);
    expect(clock.now()).toBe(0);
  }, 3_000);

  it('tells apart events with the same id in different streams', async () => {
    const { bus: copying } = await start(shared(0));
    const published = await copying.publish([event('a', 'one'), event('a', 'two')]);
    expect(published).toMatchObject([{ position: 1 }, { position: 2 }]);
  }, 3_000);
});
