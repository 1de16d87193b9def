// What every bus does, whatever is behind it. Positions may have gaps, and other events than a
// test's own may be on the bus.

import type { Bus, RecordedEvent } from '@ampledger/ports';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asGiven, freshPrefix, gather, isStrictlyIncreasing, newEvent, newEvents } from './events.js';

export interface BusUnderTest {
  readonly port: Bus;
  /** The same data behind a new port, as after a restart. Wanted by suites that are told `survivesRestart`. */
  reopen?(): Promise<BusUnderTest>;
  close(): Promise<void>;
}

export function busContract(
  name: string,
  open: () => Promise<BusUnderTest>,
  { survivesRestart }: { readonly survivesRestart: boolean },
): void {
  describe(`bus: ${name}`, () => {
    let under: BusUnderTest;
    let prefix: string;
    beforeEach(async () => {
      under = await open();
      prefix = freshPrefix();
    });
    afterEach(() => under.close());
    const own = (events: readonly RecordedEvent[]): RecordedEvent[] =>
      events.filter((event) => event.stream.startsWith(prefix));
    const positions = async (count: number): Promise<number[]> => {
      const published = await under.port.publish(newEvents(`${prefix}-p`, count));
      return published.map(({ position }) => position);
    };

    it('gives positions from 1 on that strictly increase', async () => {
      const first = await positions(3);
      const later = await under.port.publish(newEvents(`${prefix}-q`, 2));
      const all = [...first, ...later.map(({ position }) => position)];
      expect(isStrictlyIncreasing(all)).toBe(true);
      expect(all[0]).toBeGreaterThanOrEqual(1);
    });

    it('takes an empty call for done', async () => {
      expect(await under.port.publish([])).toEqual([]);
    });

    it('hands over what was published, complete and in order', async () => {
      const events = newEvents(`${prefix}-a`, 25);
      const published = await under.port.publish(events);
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
      await gathered.until(25);
      expect(gathered.events.map(asGiven)).toEqual(events);
      expect(gathered.events.map(({ position }) => position)).toEqual(
        published.map(({ position }) => position),
      );
      expect(gathered.events.map(({ revision }) => revision)).toEqual(events.map((_, i) => i));
      await subscription.close();
    });

    it('hands over live what is published after subscribing', async () => {
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
      await subscription.caughtUp;
      await under.port.publish(newEvents(`${prefix}-a`, 3));
      await gathered.until(3);
      await under.port.publish(newEvents(`${prefix}-a`, 2, 3));
      await gathered.until(5);
      expect(gathered.events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
      await subscription.close();
    });

    it('begins after the position asked for', async () => {
      const [, second] = await positions(4);
      const gathered = gather();
      const subscription = under.port.subscribe({ after: second as number }, (batch) =>
        gathered.handler(own(batch)),
      );
      await gathered.until(2);
      expect(gathered.events.map(({ revision }) => revision)).toEqual([2, 3]);
      await subscription.close();
    });

    it('filters by type, catching up and live', async () => {
      const mixed = (from: number) =>
        Array.from({ length: 30 }, (_, i) =>
          newEvent(`${prefix}-a`, from + i, { type: i % 10 === 0 ? 'SessionStarted' : 'MeterSampled' }),
        );
      await under.port.publish(mixed(0));
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0, types: ['SessionStarted', 'Unheard'] }, (batch) =>
        gathered.handler(own(batch)),
      );
      await subscription.caughtUp;
      await under.port.publish(mixed(30));
      await gathered.until(6);
      expect(gathered.events.map(({ revision }) => revision)).toEqual([0, 10, 20, 30, 40, 50]);
      await subscription.close();
    });

    it('is caught up at once on what it was given, and only when that was handled', async () => {
      await under.port.publish(newEvents(`${prefix}-a`, 50));
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, async (batch) => {
        await Promise.resolve();
        gathered.handler(own(batch));
      });
      await subscription.caughtUp;
      expect(gathered.events).toHaveLength(50);
      await subscription.close();
      const last = gathered.events.at(-1) as RecordedEvent;
      const idle = under.port.subscribe({ after: last.position }, () => {});
      await idle.caughtUp;
      await idle.close();
    });

    it('answers a repeated id with the first place', async () => {
      const events = newEvents(`${prefix}-a`, 3);
      const first = await under.port.publish(events);
      const second = await under.port.publish([...events, newEvent(`${prefix}-a`, 3)]);
      expect(second.slice(0, 3)).toEqual(first.map(({ position }) => ({ position, duplicate: true })));
      expect(second[3]?.duplicate).toBe(false);
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
      await subscription.caughtUp;
      expect(gathered.events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
      await subscription.close();
    });

    it('recognises an id repeated within one call and in concurrent calls', async () => {
      const event = newEvent(`${prefix}-a`, 0);
      const [twice, again] = await Promise.all([
        under.port.publish([event, event]),
        under.port.publish([event]),
      ]);
      const all = [...twice, ...again];
      expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(all.map(({ position }) => position)).size).toBe(1);
    });

    it('tells the same id in another stream apart', async () => {
      const event = newEvent(`${prefix}-a`, 0);
      const other = { ...event, stream: `${prefix}-b` };
      const published = await under.port.publish([event, other]);
      expect(published.map(({ duplicate }) => duplicate)).toEqual([false, false]);
    });

    it('keeps the order of every key among concurrent publishers', async () => {
      const publisher = async (p: number): Promise<void> => {
        for (let i = 0; i < 20; i++) {
          const stream = `${prefix}-${p}`;
          await under.port.publish([
            newEvent(stream, 2 * i, { key: stream }),
            newEvent(stream, 2 * i + 1, { key: stream }),
          ]);
        }
      };
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
      await Promise.all(Array.from({ length: 16 }, (_, p) => publisher(p)));
      await gathered.until(640);
      expect(isStrictlyIncreasing(gathered.events.map(({ position }) => position))).toBe(true);
      for (let p = 0; p < 16; p++) {
        const ofKey = gathered.events.filter(({ key }) => key === `${prefix}-${p}`);
        expect(ofKey.map(({ revision }) => revision)).toEqual(Array.from({ length: 40 }, (_, i) => i));
        expect(ofKey.map(asGiven)).toEqual(newEvents(`${prefix}-${p}`, 40, 0, { key: `${prefix}-${p}` }));
      }
      await subscription.close();
    });

    it('lets a slow handler fall behind without holding up publishing or losing anything', async () => {
      let release: () => void = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, async (batch) => {
        await held;
        gathered.handler(own(batch));
      });
      for (let i = 0; i < 25; i++) await under.port.publish(newEvents(`${prefix}-a`, 1_000, i * 1_000));
      expect(gathered.events).toHaveLength(0);
      release();
      await gathered.until(25_000);
      expect(gathered.events.map(({ revision }) => revision)).toEqual(
        Array.from({ length: 25_000 }, (_, i) => i),
      );
      await subscription.close();
    });

    it('calls a handler for one batch at a time', async () => {
      let running = 0;
      let most = 0;
      const gathered = gather();
      const subscription = under.port.subscribe({ after: 0 }, async (batch) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        gathered.handler(own(batch));
      });
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => under.port.publish([newEvent(`${prefix}-a`, i)])),
      );
      await gathered.until(30);
      expect(most).toBe(1);
      await subscription.close();
    });

    it('ends a subscription whose handler fails, says so, and leaves the others alone', async () => {
      const gathered = gather();
      const healthy = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
      let calls = 0;
      const failing = under.port.subscribe({ after: 0 }, (batch) => {
        if (own(batch).length === 0) return;
        calls += 1;
        throw new Error('the handler is broken');
      });
      const failure = expect(failing.failed).rejects.toThrow('the handler is broken');
      await under.port.publish([newEvent(`${prefix}-a`, 0)]);
      await failure;
      await under.port.publish([newEvent(`${prefix}-a`, 1)]);
      await gathered.until(2);
      expect(calls).toBe(1);
      await Promise.all([healthy.close(), failing.close()]);
    });

    it('closes a subscription after the batch in hand, and hands over nothing more', async () => {
      let entered: () => void = () => {};
      let release: () => void = () => {};
      const inHand = new Promise<void>((resolve) => {
        entered = resolve;
      });
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let handled = 0;
      const subscription = under.port.subscribe({ after: 0 }, async (batch) => {
        if (own(batch).length === 0) return;
        entered();
        await held;
        handled += own(batch).length;
      });
      await subscription.caughtUp;
      await under.port.publish([newEvent(`${prefix}-a`, 0)]);
      await inHand;
      const closed = subscription.close();
      release();
      await closed;
      expect(handled).toBe(1);
      await under.port.publish([newEvent(`${prefix}-a`, 1)]);
      const after = gather();
      const probe = under.port.subscribe({ after: 0 }, (batch) => after.handler(own(batch)));
      await after.until(2);
      expect(handled).toBe(1);
      await probe.close();
    });

    it('refuses with CLOSED once closed, and answers what it had accepted', async () => {
      const accepted = under.port.publish([newEvent(`${prefix}-a`, 0)]);
      await under.close();
      expect(await accepted).toHaveLength(1);
      await expect(under.port.publish([newEvent(`${prefix}-a`, 1)])).rejects.toMatchObject({
        code: 'CLOSED',
      });
      under = await open();
    });

    if (survivesRestart) {
      it('remembers events and ids across a restart', async () => {
        const events = newEvents(`${prefix}-a`, 30);
        const first = await under.port.publish(events);
        await under.close();
        under = await reopened(under);
        const again = await under.port.publish([...events, newEvent(`${prefix}-a`, 30)]);
        expect(again.slice(0, 30)).toEqual(first.map(({ position }) => ({ position, duplicate: true })));
        expect(again[30]?.duplicate).toBe(false);
        const gathered = gather();
        const subscription = under.port.subscribe({ after: 0 }, (batch) => gathered.handler(own(batch)));
        await gathered.until(31);
        expect(gathered.events.slice(0, 30).map(asGiven)).toEqual(events);
        await subscription.close();
      });
    }

    it('behaves like a list without repetitions, whatever is published', async () => {
      const call = fc.array(fc.record({ stream: fc.nat(3), name: fc.nat(12) }), {
        minLength: 1,
        maxLength: 8,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async (calls) => {
          const run = freshPrefix();
          const model: string[] = [];
          const gathered = gather();
          const subscription = under.port.subscribe({ after: 0 }, (batch) =>
            gathered.handler(batch.filter(({ stream }) => stream.startsWith(`${run}-`))),
          );
          const answers = await Promise.all(
            calls.map((names) =>
              under.port.publish(names.map(({ stream, name }) => newEvent(`${run}-${stream}`, name))),
            ),
          );
          const expected = calls.map((names) =>
            names.map(({ stream, name }) => {
              const id = newEvent(`${run}-${stream}`, name).id;
              const duplicate = model.includes(id);
              if (!duplicate) model.push(id);
              return duplicate;
            }),
          );
          expect(answers.map((answer) => answer.map(({ duplicate }) => duplicate))).toEqual(expected);
          await gathered.until(model.length);
          expect(gathered.events.map(({ id }) => id)).toEqual(model);
          await subscription.close();
        }),
        { numRuns: 25 },
      );
    });
  });
}

async function reopened(under: BusUnderTest): Promise<BusUnderTest> {
  if (!under.reopen) throw new Error('a suite that is told survivesRestart needs reopen');
  return under.reopen();
}
