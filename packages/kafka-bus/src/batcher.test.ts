import { settle, VirtualClock } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, Batcher, type BatcherLimits, type Load } from './batcher.js';
import { type Deferred, deferred } from './deferred.js';
import type { AnyMessage } from './message.js';

const LIMITS: BatcherLimits = {
  deadlineMs: 8_000,
  partitionBytesMax: 100,
  requestBytesMax: 250,
  queueEventsMax: 20,
  queueBytesMax: 2_000,
};

const message = (name: string): AnyMessage => ({ key: Buffer.from(name), value: null, headers: {} });
const load = (parts: Readonly<Record<number, readonly string[]>>, bytesEach = 10): Load => {
  return Object.entries(parts).map(([p, names]) => ({
    partition: Number(p),
    messages: names.map(message),
    bytes: names.length * bytesEach,
  }));
};
const names = (batch: Batch | undefined) =>
  Object.fromEntries([...(batch ?? [])].map(([p, some]) => [p, some.map(({ key }) => String(key))]));

/** A broker that answers when told to, and keeps what it was sent. */
function harness(limits: Partial<BatcherLimits> = {}) {
  const clock = new VirtualClock(0);
  const sent: { batch: Batch; deadlineAt: number; answer: Deferred<void> }[] = [];
  const stored = new Map<number, number>();
  const send = async (batch: Batch, deadlineAt: number): Promise<ReadonlyMap<number, number>> => {
    const answer = deferred<void>();
    sent.push({ batch, deadlineAt, answer });
    await answer.promise;
    const bases = new Map([...batch.keys()].map((p) => [p, stored.get(p) ?? 0]));
    for (const [p, some] of batch) stored.set(p, (stored.get(p) ?? 0) + some.length);
    return bases;
  };
  const batcher = new Batcher({ send, clock, limits: { ...LIMITS, ...limits } });
  return { clock, sent, batcher };
}

describe('the batcher', () => {
  it('sends the first at once, and gathers while that is under way', async () => {
    const { sent, batcher } = harness();
    const first = batcher.push(load({ 0: ['a'] }));
    const sameTurn = batcher.push(load({ 1: ['b'] }));
    await settle();
    const later = [batcher.push(load({ 0: ['c', 'd'] })), batcher.push(load({ 0: ['e'], 1: ['f'] }))];
    await settle();
    expect(sent.map(({ batch }) => names(batch))).toEqual([{ 0: ['a'], 1: ['b'] }]);
    sent[0]?.answer.resolve();
    expect([await first, await sameTurn]).toEqual([[0], [0]]);
    await settle();
    expect(names(sent[1]?.batch)).toEqual({ 0: ['c', 'd', 'e'], 1: ['f'] });
    sent[1]?.answer.resolve();
    expect(await Promise.all(later)).toEqual([[1], [3, 1]]);
    expect(batcher.queuedEvents).toBe(0);
    expect(batcher.queuedBytes).toBe(0);
  });

  it('takes no more into a batch than a partition or a request may hold, but a call alone', async () => {
    const { sent, batcher } = harness();
    const answers = [
      load({ 0: ['a'] }, 90),
      load({ 0: ['b'] }, 20),
      load({ 1: ['c'] }, 500),
      load({ 2: ['d'] }),
    ].map((one) => batcher.push(one));
    for (let i = 0; i < 4; i++) {
      await settle();
      sent[i]?.answer.resolve();
    }
    await Promise.all(answers);
    expect(sent.map(({ batch }) => names(batch))).toEqual([
      { 0: ['a'] },
      { 0: ['b'] },
      { 1: ['c'] },
      { 2: ['d'] },
    ]);
  });

  it('refuses with FULL what would wait beyond its bounds, and takes it when there is room', async () => {
    const { sent, batcher } = harness();
    const first = batcher.push(load({ 0: Array.from({ length: 20 }, (_, i) => `${i}`) }, 1));
    expect(() => batcher.push(load({ 0: ['x'] }))).toThrow(
      expect.objectContaining({ code: 'FULL', canRetry: true }),
    );
    await settle();
    sent[0]?.answer.resolve();
    await first;
    const second = batcher.push(load({ 0: ['x'] }, 5_000));
    expect(() => batcher.push(load({ 0: ['y'] }))).toThrow(expect.objectContaining({ code: 'FULL' }));
    await settle();
    sent[1]?.answer.resolve();
    expect(await second).toEqual([20]);
  });

  it('fails what was in the batch, goes on, and rejects what waited too long', async () => {
    const { clock, sent, batcher } = harness();
    const outcomes: string[] = [];
    const note = (name: string, answer: Promise<unknown>) =>
      answer.then(
        () => outcomes.push(`${name} stored`),
        (error: unknown) => outcomes.push(`${name} ${error instanceof PortError ? error.code : error}`),
      );
    void note('a', batcher.push(load({ 0: ['a'] })));
    await settle();
    void note('b', batcher.push(load({ 0: ['b'] })));
    await clock.runUntil(5_000);
    void note('c', batcher.push(load({ 0: ['c'] })));
    await clock.runUntil(8_000);
    sent[0]?.answer.reject(new PortError('UNAVAILABLE', 'down'));
    await settle();
    // The deadline of a batch is that of the call that waits longest.
    expect(sent.map(({ deadlineAt }) => deadlineAt)).toEqual([8_000, 13_000]);
    sent[1]?.answer.resolve();
    await batcher.drained();
    expect(outcomes.sort()).toEqual(['a UNAVAILABLE', 'b UNAVAILABLE', 'c stored']);
    expect(batcher.queuedEvents).toBe(0);
  });

  it('keeps the order of every partition, and tells each call where its events are', async () => {
    const calls = fc.array(
      fc.dictionary(fc.constantFrom('0', '1', '2'), fc.integer({ min: 1, max: 4 }), { minKeys: 1 }),
      {
        minLength: 1,
        maxLength: 15,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }),
        async (shapes, waits) => {
          const { sent, batcher } = harness({ queueEventsMax: 1_000 });
          let answered = 0;
          const answerNext = (): void => {
            sent[answered]?.answer.resolve();
            if (answered < sent.length) answered += 1;
          };
          const given: Record<string, string[]> = {};
          const answers: Promise<readonly number[]>[] = [];
          for (const [c, shape] of shapes.entries()) {
            const parts = Object.fromEntries(
              Object.entries(shape).map(([p, count]) => [
                p,
                Array.from({ length: count }, (_, i) => `${c}/${i}`),
              ]),
            );
            for (const [p, some] of Object.entries(parts)) given[p] = [...(given[p] ?? []), ...some];
            answers.push(batcher.push(load(parts)));
            if (!waits[c]) continue;
            await settle();
            answerNext();
          }
          for (; batcher.queuedEvents > 0; await settle()) answerNext();
          const log: Record<string, string[]> = {};
          for (const { batch } of sent) {
            for (const [p, some] of Object.entries(names(batch))) log[p] = [...(log[p] ?? []), ...some];
          }
          expect(log).toEqual(given);
          for (const [c, bases] of (await Promise.all(answers)).entries()) {
            const partitions = Object.keys(shapes[c] ?? {});
            expect(partitions.map((p, i) => log[p]?.[bases[i] ?? -1])).toEqual(
              partitions.map(() => `${c}/0`),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
