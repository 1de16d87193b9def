import type { NewEvent } from '@ampledger/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markerStream, originalStream, recordedStream, streamPrefixOf } from './names.js';
import { openReading, readRecorded } from './read-recorded.js';
import { OFFSETS_AHEAD_MAX, recordedEvent } from './recorded-event.js';
import { type BusEvent, collect, OF, onBus, type Step, Writers } from './test-writers.js';

const eventAt = (offset: number): NewEvent => ({
  id: `id ${offset}`,
  key: 'depot',
  stream: `s${offset % 3}`,
  type: 'Happened',
  version: 1,
  data: { offset },
  meta: { receivedAt: offset },
});

/** Offsets with gaps; some are so wide that a batch ends at them. */
const bus: fc.Arbitrary<readonly BusEvent[]> = fc
  .array(
    fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: 1, max: 4_500 })),
    {
      maxLength: 30,
    },
  )
  .map((gaps) => {
    let offset = -1;
    return gaps.map((gap) => {
      offset += gap;
      return { offset, event: eventAt(offset) };
    });
  });

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    size: fc.integer({ min: 0, max: 6 }),
    order: fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }),
    haltsAfter: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  }),
  { maxLength: 25 },
);

async function written(events: readonly BusEvent[], plan: readonly Step[]): Promise<Writers> {
  const writers = new Writers(events);
  for (const step of plan) await writers.batch(step);
  return writers;
}

describe('readRecorded', () => {
  it('gives what the bus gave, in its order, from anywhere to anywhere, whoever wrote it', async () => {
    const law = fc.asyncProperty(bus, steps, fc.nat(), fc.nat(), async (events, plan, a, b) => {
      const writers = await written(events, plan);
      const last = events.at(-1)?.offset ?? 0;
      const afterOffset = (a % (last + 2)) - 1;
      const toOffset = (b % (last + 2)) - 1;
      const given = await collect(readRecorded({ ...OF, store: writers.log.store, afterOffset, toOffset }));
      const expected = events
        .filter(({ offset }) => offset > afterOffset && offset <= Math.min(toOffset, writers.done))
        .map(onBus);
      expect(given.map((event) => ({ ...event, revision: 0 }))).toEqual(expected);
    });
    await fc.assert(law, { numRuns: 300 });
  });

  it('says from where in the store all that is beyond can be read', async () => {
    const law = fc.asyncProperty(bus, steps, steps, fc.nat(), async (events, plan, later, at) => {
      const writers = await written(events, plan);
      const { store } = writers.log;
      const toOffset = (at % (writers.done + 2)) - 1;
      const first = await openReading({ ...OF, store, afterOffset: -1, toOffset });
      await collect(first.pages());
      for (const step of later) await writers.batch(step);
      const fromStorePosition = first.storePosition();
      const rest = await collect(readRecorded({ ...OF, store, afterOffset: toOffset, fromStorePosition }));
      const expected = events.filter(({ offset }) => offset > toOffset && offset <= writers.done);
      expect(rest.map(({ position }) => position)).toEqual(expected.map((one) => onBus(one).position));
    });
    await fc.assert(law, { numRuns: 300 });
  });

  it('gives nothing that no marker covers', async () => {
    const writers = new Writers([0, 1, 2].map((offset) => ({ offset, event: eventAt(offset) })));
    await writers.batch({ size: 2, order: [0], haltsAfter: undefined });
    await writers.batch({ size: 1, order: [0], haltsAfter: 1 });
    const given = await collect(readRecorded({ ...OF, store: writers.log.store, afterOffset: -1 }));
    expect(given.map(({ data }) => data)).toEqual([{ offset: 0 }, { offset: 1 }]);
  });

  it('gives nothing where nothing was recorded', async () => {
    const { log } = new Writers([]);
    expect(await collect(readRecorded({ ...OF, store: log.store, afterOffset: -1 }))).toEqual([]);
  });
});

describe('a store that no recorder wrote so', () => {
  const { topic, partition } = OF;
  const recorded = (offset: number, done: number, id = offset): NewEvent =>
    recordedEvent({ ...eventAt(offset), id: `${id}` }, { topic, partition, offset }, done);
  const cases: readonly [string, string, readonly NewEvent[]][] = [
    ['an event after one that says it was there', 'CORRUPT', [recorded(5, 4), recorded(3, 2)]],
    ['an offset twice', 'CORRUPT', [recorded(3, -1), recorded(3, -1, 77)]],
    ['an event far ahead', 'CORRUPT', [withOffset(recorded(9, 8), OFFSETS_AHEAD_MAX + 9)]],
    ['an event without its source', 'CORRUPT', [{ ...recorded(3, 2), meta: { receivedAt: 0 } }]],
    ['another topic', 'INVALID', [recordedEvent(eventAt(3), { topic: 'x', partition, offset: 3 }, 2)]],
  ];
  it.each(cases)('is refused: %s', async (_name, code, events) => {
    const writers = new Writers([]);
    for (const event of events) await writers.log.store.append(event.stream, 'any', [event]);
    await writers.mark(10);
    const reading = collect(readRecorded({ ...OF, store: writers.log.store, afterOffset: -1 }));
    await expect(reading).rejects.toMatchObject({ code });
  });

  it('is refused: markers of another topic', async () => {
    const writers = new Writers([]);
    await writers.mark(10, { topic: 'x' });
    const reading = collect(readRecorded({ ...OF, store: writers.log.store, afterOffset: -1 }));
    await expect(reading).rejects.toMatchObject({ code: 'INVALID' });
  });
});

function withOffset(event: NewEvent, offset: number): NewEvent {
  const { source } = event.meta;
  if (source === undefined) throw new Error('no source');
  return { ...event, meta: { ...event.meta, source: { ...source, offset } } };
}

describe('names', () => {
  it('lead back to the bus, and none is the markers’', () => {
    const stream = fc.oneof(fc.string(), fc.stringMatching(/^recorded=*$/));
    fc.assert(
      fc.property(stream, fc.nat(1_000), (name, partition) => {
        const recorded = recordedStream(partition, name);
        expect(originalStream(partition, recorded)).toBe(name);
        expect(recorded).not.toBe(markerStream(partition));
        expect(recorded.startsWith(streamPrefixOf(partition))).toBe(true);
      }),
    );
  });
});
