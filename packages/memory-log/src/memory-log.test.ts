import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { createMemoryLog } from './memory-log.js';

const event = (n: number, stream = 's'): NewEvent => ({
  id: `id-${n}`,
  key: 'depot',
  stream,
  type: 'MeterSampled',
  version: 1,
  data: { n },
  meta: { receivedAt: n },
});

/** Lets microtasks run, and nothing else. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await undefined;
}

async function collect(pages: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

describe('a memory log', () => {
  it('delivers through microtasks alone, and the very objects published', async () => {
    const log = createMemoryLog();
    const seen: unknown[] = [];
    log.bus.subscribe({ after: 0 }, (events) => {
      for (const { data } of events) seen.push(data);
    });
    const given = event(1);
    await log.bus.publish([given]);
    await microtasks();
    expect(seen[0]).toBe(given.data);
  });

  it('delivers what a handler publishes', async () => {
    const log = createMemoryLog();
    const seen: number[] = [];
    log.bus.subscribe({ after: 0 }, async (events) => {
      for (const { position } of events) {
        seen.push(position);
        if (position < 5) await log.bus.publish([event(position + 1)]);
      }
    });
    await log.bus.publish([event(1)]);
    for (let i = 0; i < 5; i++) await microtasks();
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a memory log that retains nothing', () => {
  it('forgets what every subscription has handled, and says so to who asks for it', async () => {
    const log = createMemoryLog({ retain: 'none' });
    let handled = 0;
    log.bus.subscribe({ after: 0 }, (events) => {
      handled += events.length;
    });
    for (let n = 0; n < 20_000; n++) await log.bus.publish([event(n)]);
    await microtasks();
    expect(handled).toBe(20_000);
    await expect(collect(log.store.readAll())).rejects.toMatchObject({ code: 'INVALID' });
    await expect(collect(log.store.readStream('s'))).rejects.toMatchObject({ code: 'INVALID' });
    const late = log.bus.subscribe({ after: 0 }, () => {});
    await expect(late.failed).rejects.toMatchObject({ code: 'INVALID' });
    expect(await collect(log.store.readAll({ after: 19_999 }))).toHaveLength(1);
  });

  it('still counts revisions and recognises recent ids', async () => {
    const log = createMemoryLog({ retain: 'none' });
    for (let n = 0; n < 60_000; n++) await log.bus.publish([event(n)]);
    expect(await log.bus.publish([event(59_999)])).toEqual([{ position: 60_000, duplicate: true }]);
    expect(await log.store.append('s', 59_999, [event(60_000)])).toMatchObject({
      ok: true,
      value: { nextExpectedRevision: 60_000 },
    });
  });

  it('keeps the newest snapshot of each name', async () => {
    const { snapshots } = createMemoryLog({ retain: 'none' });
    const snapshot = { name: 'depot', foldVersion: 1, receivedAt: 0, state: {} };
    await snapshots.save({ ...snapshot, position: 1 });
    await snapshots.save({ ...snapshot, position: 2 });
    expect(await snapshots.list()).toMatchObject([{ position: 2 }]);
  });
});
