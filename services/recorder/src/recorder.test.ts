import { settle, siteId } from '@ampledger/kernel';
import { type EventStore, type NewEvent, PortError, type RecordedEvent } from '@ampledger/ports';
import { type Marker, markerStream, newestMarker, siteSnapshotName } from '@ampledger/recording';
import { describe, expect, it } from 'vitest';
import type { Metrics, RecorderOptions } from './contract.js';
import { METRIC, METRIC_DEFINITIONS } from './metrics.js';
import { createRecorder } from './recorder.js';
import { busEvents, expectExact, isRecorded } from './test-exact.js';
import { history } from './test-history.js';
import { createWorld, Line, type Outcome, TOPIC, until, type World } from './test-world.js';

const answered = new Line(async () => 'answered');
const markerOf = (world: World, partition = 0): Promise<Marker | undefined> =>
  newestMarker(world.store, { topic: TOPIC, partition, partitions: world.bus.partitions });

async function recordedIn(world: World, stream: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of world.store.readStream(stream)) events.push(...page);
  return events;
}

/** A recorder with a store and a bus of the test's making, and what it counted. */
async function recorderOn(
  world: World,
  given: {
    readonly store?: EventStore;
    readonly bus?: World['bus'];
    readonly onPoison?: (event: RecordedEvent, reason: string) => Promise<void>;
    readonly options?: Partial<RecorderOptions>;
  },
) {
  const counts = new Map<string, number>();
  const metrics: Metrics = {
    count(name, labels) {
      this.add(name, 1, labels);
    },
    add(name, by, labels = {}) {
      const series = [name, ...Object.values(labels)].join(' ');
      counts.set(series, (counts.get(series) ?? 0) + by);
    },
    observe: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
    gauge: (name, value, { partition = '' } = {}) => counts.set(`${name} ${partition}`, value),
  };
  let revoke: (partition: number) => void = () => {};
  const recorder = await createRecorder({
    ...{ clock: world.clock, bus: given.bus ?? world.bus, store: given.store ?? world.store, metrics },
    ...{ snapshots: world.snapshots, log: { info: () => {}, warn: () => {}, error: () => {} } },
    ...(given.onPoison ? { onPoison: given.onPoison } : {}),
    async join(listener) {
      listener.assigned(0);
      revoke = (partition) => listener.revoked(partition);
      return {
        ...{ owned: () => new Set([0]), failed: new Promise<never>(() => {}) },
        ...{ commit: async () => {}, close: async () => {} },
      };
    },
    options: { instance: 'me', batchMs: 10, ...given.options },
  });
  return { recorder, counts, revoke: (partition: number) => revoke(partition) };
}

describe('what the store refuses for good', () => {
  const refusing = (store: EventStore, isBad: (event: NewEvent) => boolean): EventStore => ({
    ...store,
    async append(stream, expected, events) {
      if (events.some(isBad)) throw new PortError('INVALID', 'too large');
      return store.append(stream, expected, events);
    },
  });
  const offsetOf = (event: NewEvent): number => event.meta.source?.offset ?? -1;

  it('is kept elsewhere and named in the marker, and holds up nobody', async () => {
    const world = createWorld();
    await world.publish(history(20));
    const bad = new Set([6, 7, 13]);
    const poison: number[] = [];
    const { recorder, counts } = await recorderOn(world, {
      store: refusing(world.store, (event) => bad.has(offsetOf(event))),
      onPoison: async (event) => void poison.push(event.position - 1),
    });
    await until(world.clock, () => isRecorded(world));
    expect(await markerOf(world)).toMatchObject({ to: 19, skipped: [6, 7, 13] });
    expect(poison.sort((a, b) => a - b)).toEqual([6, 7, 13]);
    expect(counts.get(`${METRIC.deadLetters} refused`)).toBe(3);
    expect(counts.get(METRIC.recorded)).toBe(17);
    await recorder.close();
  });

  it('is the store’s fault when it is too much: nothing is passed by', async () => {
    const world = createWorld();
    await world.publish(history(40));
    const { recorder } = await recorderOn(world, {
      store: refusing(world.store, ({ stream }) => stream !== markerStream(0)),
    });
    const failed = expect(recorder.failed).rejects.toMatchObject({ code: 'STORE_REFUSES' });
    await world.clock.advance(100);
    await failed;
    expect((await markerOf(world))?.to).toBe(-1);
  });
});

it('does not write an event again that the bus repeats beyond its window, nor lose what follows it', async () => {
  const world = createWorld();
  const events = history(9);
  const twice = events.slice(3, 5).map((event) => ({ ...event, id: `${event.id}#again` }));
  await world.publish([...events, ...twice, ...history(6, 9)]);
  const bus: World['bus'] = {
    ...world.bus,
    partition(partition) {
      const inner = world.bus.partition(partition);
      return {
        ...inner,
        subscribe: (options, handler) =>
          inner.subscribe(options, (page) =>
            handler(page.map((event) => ({ ...event, id: event.id.replace('#again', '') }))),
          ),
      };
    },
  };
  const { recorder, counts } = await recorderOn(world, { bus, options: { batchEvents: 10 } });
  await until(world.clock, () => isRecorded(world));
  expect(counts.get(`${METRIC.duplicates} repeated`)).toBe(2);
  expect(counts.get(METRIC.recorded)).toBe(15);
  const ids = new Set<string>();
  for await (const page of world.store.readAll()) for (const { id } of page) ids.add(id);
  for (const { id } of history(15)) expect(ids).toContain(id);
  await recorder.close();
});

describe('while the store is away', () => {
  it('only the lag grows, and it is not ready; then all is recorded', async () => {
    const world = createWorld();
    let outcome: Outcome = 'answered';
    const line = new Line(async () => outcome);
    const { recorder, counts } = await recorderOn(world, { store: line.store(world.store) });
    await world.clock.advance(100);
    expect(recorder.ready()).toEqual({ ready: true, reasons: [] });
    outcome = 'refused-before';
    await world.publish(history(30));
    await world.clock.advance(3_600_000);
    expect(recorder.ready()).toMatchObject({ ready: false, reasons: ['partition 0: The connection broke'] });
    expect(recorder.partitions()).toMatchObject([{ phase: 'waiting', recordedTo: -1, lagEvents: 30 }]);
    expect(counts.get(`${METRIC.lagEvents} 0`)).toBe(30);
    expect(counts.get(`${METRIC.lagSeconds} 0`)).toBeGreaterThan(3_000);
    outcome = 'answered';
    await until(world.clock, () => isRecorded(world));
    expect(recorder.ready().ready).toBe(true);
    await expectExact(world);
    await recorder.close();
  });

  it('the lag grows, too, where the store was away before the partition could be taken over', async () => {
    const world = createWorld();
    let outcome: Outcome = 'refused-before';
    const line = new Line(async () => outcome);
    const { recorder, counts } = await recorderOn(world, { store: line.store(world.store) });
    await world.publish(history(30));
    await world.clock.advance(3_600_000);
    expect(counts.get(`${METRIC.lagSeconds} 0`)).toBeGreaterThan(3_000);
    outcome = 'answered';
    await until(world.clock, () => isRecorded(world));
    await world.clock.advance(60_000);
    expect(counts.get(`${METRIC.lagSeconds} 0`)).toBe(0);
    await recorder.close();
  });

  it('takes no more from the bus than makes a batch', async () => {
    const world = createWorld();
    await world.publish(history(5_000));
    const line = new Line(async () => 'stuck');
    const bus: World['bus'] = { ...world.bus, partition: (p) => counting(world.bus.partition(p)) };
    let given = 0;
    function counting(inner: ReturnType<World['bus']['partition']>): typeof inner {
      return {
        ...inner,
        subscribe: (options, handler) =>
          inner.subscribe(options, (page) => {
            given += page.length;
            return handler(page);
          }),
      };
    }
    let calls = 0;
    const store = line.store(world.store);
    const free = answered.store(world.store);
    const stuckLater: EventStore = {
      ...free,
      append: (...call) => (++calls > 1 ? store : free).append(...call),
    };
    const { recorder } = await recorderOn(world, { bus, store: stuckLater, options: { batchEvents: 100 } });
    await world.clock.advance(60_000);
    expect(given).toBeLessThanOrEqual(1_024 + 100);
    expect(given).toBeGreaterThan(0);
    const closed = recorder.close();
    await world.clock.advance(60_000);
    await closed;
  });
});

describe('ownership', () => {
  it('is taken back when the group says that it is still ours', async () => {
    const world = createWorld();
    await world.publish(history(5));
    const ours = await world.member('ours', answered);
    ours.listener.assigned(0);
    await until(world.clock, () => isRecorded(world));
    const stranger = await world.member('stranger', answered);
    stranger.listener.assigned(0);
    await world.clock.advance(100);
    stranger.listener.revoked(0);
    await world.clock.advance(100);
    await world.publish(history(5, 5));
    await world.clock.advance(100);
    expect(ours.recorder.partitions()).toMatchObject([{ phase: 'superseded' }]);
    expect(await isRecorded(world)).toBe(false);
    await until(world.clock, () => isRecorded(world));
    expect(ours.recorder.partitions()).toMatchObject([{ phase: 'recording', recordedTo: 9 }]);
    await expectExact(world);
    await Promise.all([ours.recorder.close(), stranger.recorder.close()]);
  });

  it('is of each partition by itself', async () => {
    const world = createWorld({ partitions: 3 });
    for (const partition of [0, 1, 2]) await world.publish(history(8 + partition), partition);
    const member = await world.member('one', answered, { snapshotEvery: 4 });
    member.listener.assigned(0);
    member.listener.assigned(2);
    await until(world.clock, async () => (await isRecorded(world, 0)) && (await isRecorded(world, 2)));
    expect(await markerOf(world, 1)).toBeUndefined();
    expect(member.recorder.partitions().map(({ partition }) => partition)).toEqual([0, 2]);
    member.listener.revoked(0);
    await settle();
    expect(member.recorder.partitions().map(({ partition }) => partition)).toEqual([2]);
    await member.recorder.close();
  });
});

it('closes when what it has in hand is recorded and committed', async () => {
  const world = createWorld();
  const member = await world.member('one', answered, { batchMs: 60_000 });
  member.listener.assigned(0);
  await settle();
  await world.publish(history(7));
  await settle();
  expect(await isRecorded(world)).toBe(false);
  await member.recorder.close();
  expect(await isRecorded(world)).toBe(true);
  expect(member.committed).toEqual([{ partition: 0, offset: 6 }]);
  await expectExact(world);
});

it('says nothing more of a partition that it lost', async () => {
  const world = createWorld();
  await world.publish(history(20));
  const { recorder, counts, revoke } = await recorderOn(world, { options: { snapshotEvery: 5 } });
  await until(world.clock, () => isRecorded(world));
  await world.clock.advance(60_000);
  expect(counts.get(`${METRIC.snapshotAge} 0`)).toBeGreaterThan(0);
  revoke(0);
  await world.clock.advance(60_000);
  for (const name of [METRIC.snapshotAge, METRIC.lagEvents, METRIC.lagSeconds]) {
    expect(counts.get(`${name} 0`), name).toBe(0);
  }
  await recorder.close();
});

it('says how much the bus forgot before it was recorded', async () => {
  const world = createWorld();
  await world.publish(history(5));
  const bus: World['bus'] = { ...world.bus, offsets: async () => ({ first: 3, next: 5 }) };
  const { recorder, counts } = await recorderOn(world, { bus });
  await until(world.clock, () => isRecorded(world));
  expect(counts.get(METRIC.lost)).toBe(3);
  await recorder.close();
});

describe('appends', () => {
  it('stay below what a server takes, whatever a batch weighs', async () => {
    const world = createWorld();
    const big = (n: number): NewEvent => {
      const [event] = history(1, n + 2);
      if (!event) throw new Error('no event');
      return { ...event, id: `big ${n}`, type: 'Big', stream: 'one', data: { text: 'é'.repeat(150_000) } };
    };
    await world.publish(Array.from({ length: 20 }, (_, n) => big(n)));
    const weights: number[] = [];
    const store: EventStore = {
      ...world.store,
      append(stream, expected, events) {
        weights.push(Buffer.byteLength(JSON.stringify(events)));
        return world.store.append(stream, expected, events);
      },
    };
    const { recorder } = await recorderOn(world, { store });
    await until(world.clock, () => isRecorded(world));
    expect(Math.max(...weights)).toBeLessThan(1024 * 1024);
    expect(await recordedIn(world, 'p0.one')).toHaveLength(20);
    await recorder.close();
  });

  it('go to many streams at once, and never twice to one', async () => {
    const world = createWorld();
    const spread = history(200).map((event, n) => ({ ...event, stream: `s${n % 40}` }));
    await world.publish(spread);
    const busy = new Set<string>();
    let most = 0;
    const store: EventStore = {
      ...world.store,
      async append(stream, expected, events) {
        expect(busy).not.toContain(stream);
        busy.add(stream);
        most = Math.max(most, busy.size);
        await settle();
        busy.delete(stream);
        return world.store.append(stream, expected, events);
      },
    };
    const { recorder } = await recorderOn(world, { store, options: { appendsInFlight: 16 } });
    await until(world.clock, () => isRecorded(world));
    expect(most).toBe(16);
    await expectExact(world);
    await recorder.close();
  });
});

it('keeps snapshots of what changed, after so many events or so long', async () => {
  const world = createWorld();
  const options = { snapshotEvery: 10, snapshotMs: 60_000 };
  const { recorder } = await recorderOn(world, { options });
  await world.publish(history(10));
  await until(world.clock, () => world.kept.length > 0);
  const names = (): string[] => world.kept.splice(0).map(({ name }) => name);
  const both = [siteSnapshotName(0, siteId('test')), siteSnapshotName(0, siteId('other'))];
  expect(names().sort()).toEqual([...both, 'p0'].sort());
  await world.clock.advance(120_000);
  expect(names()).toEqual([]);
  const quiet = history(40, 10).filter(({ key }) => key === 'test');
  await world.publish(quiet.slice(0, 2));
  await until(world.clock, () => world.kept.length > 0);
  expect(names()).toEqual(['p0.test', 'p0']);
  await recorder.close();
});

it('measures nothing that is not defined', () => {
  expect(METRIC_DEFINITIONS.map(({ name }) => name).sort()).toEqual(Object.values(METRIC).sort());
});

it('gives the bus as it is to the tests', async () => {
  const world = createWorld({ stride: 5 });
  await world.publish(history(3));
  expect((await busEvents(world)).map(({ position }) => position)).toEqual([1, 6, 11]);
});
