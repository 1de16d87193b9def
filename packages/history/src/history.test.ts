// What goes into a history of a log.

import { createMemoryLog } from '@ampledger/memory-log';
import type { NewEvent } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { type HistoryEvent, historyOf, type Selection, WHOLE } from './history.js';
import { samples } from './test-histories.js';

const AT = samples(1)[0]?.meta.receivedAt ?? 0;

async function selected(events: readonly NewEvent[], selection: Selection): Promise<readonly HistoryEvent[]> {
  const log = createMemoryLog();
  await log.bus.publish(events);
  const found: HistoryEvent[] = [];
  for await (const page of historyOf(log.store.readAll(), selection)) found.push(...page);
  await log.close();
  return found;
}

describe('historyOf', () => {
  it('keeps the order of the log, numbers by site, and leaves out places', async () => {
    const events = samples(6);
    const found = await selected(events, WHOLE);
    expect(found.map(({ seq, ...event }) => event)).toEqual(events);
    expect(found.map(({ key, seq }) => `${key} ${seq}`)).toEqual([
      'depot 1',
      'yard 1',
      'yard 2',
      'depot 2',
      'yard 3',
      'yard 4',
    ]);
  });

  it('leaves out where on the bus an event was', async () => {
    const [event] = samples(1);
    if (!event) throw new Error();
    const source = { topic: 't', partition: 1, offset: 2, done: 1 };
    const [found] = await selected([{ ...event, meta: { ...event.meta, source } }], WHOLE);
    expect(found).toEqual({ ...event, seq: 1 });
  });

  it('takes one site', async () => {
    const found = await selected(samples(6), { ...WHOLE, site: 'depot' });
    expect(found.map(({ id }) => id)).toEqual(['event-0', 'event-3']);
  });

  it.each([
    { from: 2, to: null, ids: [2, 3, 4, 5] },
    { from: null, to: 3, ids: [0, 1, 2, 3] },
    { from: 2, to: 3, ids: [2, 3] },
    { from: null, to: -1, ids: [] },
  ])('takes $from to $to, both included', async ({ from, to, ids }) => {
    const moment = (n: number | null): number | null => (n === null ? null : AT + n * 1_000);
    const found = await selected(samples(6), { site: null, from: moment(from), to: moment(to) });
    expect(found.map(({ id }) => id)).toEqual(ids.map((n) => `event-${n}`));
    expect(found.every(({ seq }) => seq > 0)).toBe(true);
  });

  it('is one piece of each site where clocks differ', async () => {
    const events = samples(9).filter(({ key }) => key === 'yard');
    const at = (i: number, receivedAt: number): NewEvent => ({
      ...(events[i] as NewEvent),
      meta: { receivedAt },
    });
    const log = [at(0, 10), at(1, 30), at(2, 19), at(3, 41), at(4, 39)];
    const found = await selected(log, { site: null, from: 20, to: 40 });
    expect(found.map(({ seq }) => seq)).toEqual([2, 3]);
  });
});
