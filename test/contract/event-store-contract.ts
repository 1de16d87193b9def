// What every event store does, whatever is behind it. Positions may have gaps, and other events
// than a test's own may be in the store.

import type { EventStore, ReadAllOptions, RecordedEvent } from '@ampledger/ports';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asGiven, collect, freshPrefix, isStrictlyIncreasing, newEvent, newEvents } from './events.js';

export interface EventStoreUnderTest {
  readonly port: EventStore;
  /** The same data behind a new port, as after a restart. Wanted by suites that are told `survivesRestart`. */
  reopen?(): Promise<EventStoreUnderTest>;
  close(): Promise<void>;
}

export function eventStoreContract(
  name: string,
  open: () => Promise<EventStoreUnderTest>,
  { survivesRestart }: { readonly survivesRestart: boolean },
): void {
  describe(`event store: ${name}`, () => {
    let under: EventStoreUnderTest;
    let prefix: string;
    beforeEach(async () => {
      under = await open();
      prefix = freshPrefix();
    });
    afterEach(() => under.close());
    const own = (events: readonly RecordedEvent[]): RecordedEvent[] =>
      events.filter((event) => event.stream.startsWith(prefix));
    const revisions = (events: readonly RecordedEvent[]): number[] => events.map(({ revision }) => revision);
    const wrong = (actualRevision: number) => ({
      ok: false,
      error: { code: 'WRONG_EXPECTED_REVISION', actualRevision },
    });

    it('reads back what was appended', async () => {
      const events = newEvents(`${prefix}-a`, 10);
      const appended = await under.port.append(`${prefix}-a`, 'none', events);
      const read = await collect(under.port.readStream(`${prefix}-a`));
      expect(read.map(asGiven)).toEqual(events);
      expect(revisions(read)).toEqual(events.map((_, i) => i));
      expect(appended).toEqual({
        ok: true,
        value: { nextExpectedRevision: 9, position: read.at(-1)?.position },
      });
    });

    it('reads nothing from a stream that does not exist', async () => {
      expect(await collect(under.port.readStream(`${prefix}-none`))).toEqual([]);
    });

    it('holds an append to the revision it expects', async () => {
      const stream = `${prefix}-a`;
      expect(await under.port.append(stream, 0, [newEvent(stream, 'x')])).toEqual(wrong(-1));
      expect(await under.port.append(stream, 'none', newEvents(stream, 2))).toMatchObject({ ok: true });
      expect(await under.port.append(stream, 'none', [newEvent(stream, 'x')])).toEqual(wrong(1));
      expect(await under.port.append(stream, 0, [newEvent(stream, 'x')])).toEqual(wrong(1));
      expect(await under.port.append(stream, 7, [newEvent(stream, 'x')])).toEqual(wrong(1));
      expect(await under.port.append(stream, 1, [newEvent(stream, 2)])).toMatchObject({
        ok: true,
        value: { nextExpectedRevision: 2 },
      });
      expect(await under.port.append(stream, 'any', [newEvent(stream, 3)])).toMatchObject({
        ok: true,
        value: { nextExpectedRevision: 3 },
      });
      expect(await collect(under.port.readStream(stream))).toHaveLength(4);
    });

    it('lets one of several appends that expect the same revision win', async () => {
      const stream = `${prefix}-a`;
      await under.port.append(stream, 'none', [newEvent(stream, 'first')]);
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) => under.port.append(stream, 0, newEvents(stream, 3, 10 * i))),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await collect(under.port.readStream(stream))).toHaveLength(4);
    });

    it('recognises a repeated append, whatever revision it expects', async () => {
      const stream = `${prefix}-a`;
      const first = await under.port.append(stream, 'none', newEvents(stream, 3));
      for (const expected of ['none', 'any', 0, 2] as const) {
        const again = await under.port.append(stream, expected, newEvents(stream, 3));
        expect(again).toEqual(first);
      }
      expect(await collect(under.port.readStream(stream))).toHaveLength(3);
    });

    it('refuses an append of another stream’s events, and of none', async () => {
      const stray = under.port.append(`${prefix}-a`, 'any', [newEvent(`${prefix}-b`, 0)]);
      await expect(stray).rejects.toMatchObject({ code: 'INVALID' });
      await expect(under.port.append(`${prefix}-a`, 'any', [])).rejects.toMatchObject({ code: 'INVALID' });
    });

    it('appends all or none', async () => {
      const stream = `${prefix}-a`;
      const events = [...newEvents(stream, 5), newEvent(`${prefix}-b`, 0)];
      await expect(under.port.append(stream, 'none', events)).rejects.toMatchObject({ code: 'INVALID' });
      expect(await collect(under.port.readStream(stream))).toEqual([]);
    });

    it.each([
      [{}, [0, 1, 2, 3, 4, 5]],
      [{ from: 4 }, [4, 5]],
      [{ from: 6 }, []],
      [{ from: 1, limit: 2 }, [1, 2]],
      [{ limit: 0 }, []],
      [{ direction: 'backwards' }, [5, 4, 3, 2, 1, 0]],
      [{ direction: 'backwards', from: 2 }, [2, 1, 0]],
      [{ direction: 'backwards', limit: 1 }, [5]],
      [{ direction: 'backwards', from: 0 }, [0]],
      [{ direction: 'backwards', from: 100, limit: 2 }, [5, 4]],
    ] as const)('reads a stream with %j', async (options, expected) => {
      const stream = `${prefix}-a`;
      await under.port.append(stream, 'none', newEvents(stream, 6));
      expect(revisions(await collect(under.port.readStream(stream, options)))).toEqual(expected);
    });

    it('reads everything in one order, forwards and backwards', async () => {
      const start = await under.port.lastPosition();
      for (let i = 0; i < 5; i++) {
        await under.port.append(`${prefix}-a`, 'any', newEvents(`${prefix}-a`, 2, 2 * i));
        await under.port.append(`${prefix}-b`, 'any', newEvents(`${prefix}-b`, 3, 3 * i));
      }
      const forwards = own(await collect(under.port.readAll({ after: start })));
      expect(forwards).toHaveLength(25);
      expect(isStrictlyIncreasing(forwards.map(({ position }) => position))).toBe(true);
      expect(await under.port.lastPosition()).toBeGreaterThanOrEqual(forwards.at(-1)?.position as number);
      const backwards = own(await collect(under.port.readAll({ direction: 'backwards' })));
      expect(backwards.toReversed()).toEqual(forwards);
      const tenth = forwards[9] as RecordedEvent;
      expect(own(await collect(under.port.readAll({ after: tenth.position })))).toEqual(forwards.slice(10));
      const before = own(
        await collect(under.port.readAll({ after: tenth.position, direction: 'backwards' })),
      );
      expect(before.toReversed()).toEqual(forwards.slice(0, 9));
    });

    it('reads as many as asked for, of the types asked for', async () => {
      const start = await under.port.lastPosition();
      const stream = `${prefix}-a`;
      const events = Array.from({ length: 40 }, (_, i) =>
        newEvent(stream, i, { type: `${prefix}-${i % 4 === 0 ? 'rare' : 'common'}` }),
      );
      await under.port.append(stream, 'none', events);
      const types = [`${prefix}-rare`];
      expect(revisions(await collect(under.port.readAll({ after: start, types, limit: 3 })))).toEqual([
        0, 4, 8,
      ]);
      expect(
        revisions(await collect(under.port.readAll({ direction: 'backwards', types, limit: 2 }))),
      ).toEqual([36, 32]);
      expect(await collect(under.port.readAll({ after: start, types }))).toHaveLength(10);
      expect(await collect(under.port.readAll({ after: start, types: [`${prefix}-unheard`] }))).toEqual([]);
    });

    it('reads the streams whose name begins as asked for', async () => {
      const start = await under.port.lastPosition();
      const streams = ['p1.a', 'p1.b', 'p11.a', 'p2.p1.a'].map((name) => `${prefix}-${name}`);
      const type = (i: number) => `${prefix}-${i % 3 === 0 ? 'rare' : 'common'}`;
      for (let i = 0; i < 24; i++) {
        const stream = streams[i % 4] as string;
        await under.port.append(stream, 'any', [newEvent(stream, i, { type: type(i) })]);
      }
      const names = async (options: ReadAllOptions): Promise<number[]> => {
        const streamPrefix = `${prefix}-p1.`;
        const events = await collect(under.port.readAll({ streamPrefix, ...options }));
        return events.map(({ data }) => (data as { name: number }).name);
      };
      const all = [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21];
      const rare = [0, 9, 12, 21];
      const types = [`${prefix}-rare`];
      expect(await names({ after: start })).toEqual(all);
      expect(await names({ direction: 'backwards' })).toEqual(all.toReversed());
      expect(await names({ after: start, types })).toEqual(rare);
      expect(await names({ direction: 'backwards', types })).toEqual(rare.toReversed());
      expect(await names({ after: start, limit: 5 })).toEqual(all.slice(0, 5));
      expect(await names({ direction: 'backwards', limit: 3 })).toEqual([21, 20, 17]);
      expect(await names({ after: start, types, limit: 2 })).toEqual([0, 9]);
      expect(await names({ direction: 'backwards', types, limit: 2 })).toEqual([21, 12]);
      expect(await names({ after: start, streamPrefix: `${prefix}-none` })).toEqual([]);
      expect(await names({ after: start, streamPrefix: streams[3] as string })).toEqual([
        3, 7, 11, 15, 19, 23,
      ]);
    });

    it('lets a reader stop early', async () => {
      const stream = `${prefix}-a`;
      for (let i = 0; i < 5; i++) await under.port.append(stream, 'any', newEvents(stream, 1_000, i * 1_000));
      for await (const page of under.port.readAll()) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      expect(await collect(under.port.readStream(stream, { from: 4_999 }))).toHaveLength(1);
    });

    it('reads streams that are spread over a long history', async () => {
      const streams = Array.from({ length: 20 }, (_, i) => `${prefix}-${i}`);
      for (let round = 0; round < 60; round++) {
        await Promise.all(
          streams.map((stream) => under.port.append(stream, 'any', newEvents(stream, 2, 2 * round))),
        );
      }
      for (const stream of streams) {
        const events = await collect(under.port.readStream(stream));
        expect(events.map(asGiven)).toEqual(newEvents(stream, 120));
      }
    });

    it('refuses with CLOSED once closed', async () => {
      await under.close();
      const late = under.port.append(`${prefix}-a`, 'any', [newEvent(`${prefix}-a`, 0)]);
      await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
      under = await open();
    });

    if (survivesRestart) {
      it('remembers streams, ids and positions across a restart', async () => {
        const stream = `${prefix}-a`;
        const first = await under.port.append(stream, 'none', newEvents(stream, 20));
        const before = await collect(under.port.readStream(stream));
        const last = await under.port.lastPosition();
        await under.close();
        under = await reopened(under);
        expect(await under.port.lastPosition()).toBe(last);
        expect(await under.port.append(stream, 'none', newEvents(stream, 20))).toEqual(first);
        expect(await under.port.append(stream, 3, [newEvent(stream, 'x')])).toEqual(wrong(19));
        expect(await under.port.append(stream, 19, [newEvent(stream, 20)])).toMatchObject({ ok: true });
        const after = await collect(under.port.readStream(stream));
        expect(after.slice(0, 20)).toEqual(before);
      });
    }

    it('keeps any JSON as it is', async () => {
      await fc.assert(
        fc.asyncProperty(
          // A property of that name is refused by logs that would lose it when they are read.
          fc
            .dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
            .filter((raw) => !JSON.stringify(raw).includes('__proto__')),
          async (raw) => {
            const data = JSON.parse(JSON.stringify(raw)) as object;
            const stream = freshPrefix();
            await under.port.append(stream, 'none', [newEvent(stream, 0, { data })]);
            const [event] = await collect(under.port.readStream(stream));
            expect(event?.data).toEqual(data);
          },
        ),
        { numRuns: 50 },
      );
    });

    it('behaves like a map of lists, whatever is appended', async () => {
      const append = fc.record({
        stream: fc.nat(2),
        names: fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 4 }),
        expected: fc.oneof(fc.constant('any' as const), fc.constant('none' as const), fc.nat(8)),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(append, { maxLength: 15 }), async (appends) => {
          const run = freshPrefix();
          const model = new Map<string, string[]>();
          for (const { stream: n, names, expected } of appends) {
            const stream = `${run}-${n}`;
            const list = model.get(stream) ?? [];
            const events = names.map((name) => newEvent(stream, name)).filter(({ id }) => !list.includes(id));
            if (events.length === 0) continue;
            const actual = list.length - 1;
            const fits = expected === 'any' || actual === (expected === 'none' ? -1 : expected);
            const result = await under.port.append(stream, expected, events);
            expect(result.ok).toBe(fits);
            if (!result.ok) expect(result.error.actualRevision).toBe(actual);
            if (fits) model.set(stream, [...list, ...events.map(({ id }) => id)]);
          }
          for (const [stream, ids] of model) {
            const read = await collect(under.port.readStream(stream));
            expect(read.map(({ id }) => id)).toEqual(ids);
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

async function reopened(under: EventStoreUnderTest): Promise<EventStoreUnderTest> {
  if (!under.reopen) throw new Error('a suite that is told survivesRestart needs reopen');
  return under.reopen();
}
