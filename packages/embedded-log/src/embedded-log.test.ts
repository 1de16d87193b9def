import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './embedded-log.js';
import { FLUSH_EVENTS } from './index-writer.js';
import { CALL_EVENTS_MAX, EVENT_BYTES_MAX, QUEUE_EVENTS_MAX } from './limits.js';
import { collect, testEvent, testEvents, useTestDirectory, withLog } from './test-directory.js';

const directories = useTestDirectory();

describe('one directory, one writer', () => {
  it('refuses a second opening and names the owner', async () => {
    const directory = directories.fresh();
    await withLog(directory, async () => {
      await expect(openEmbeddedLog({ directory, onWarning: () => {} })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining(`in use by process ${process.pid} on`),
      });
    });
    await withLog(directory, async (log) => expect(await log.store.lastPosition()).toBe(0));
  });

  it('takes over what a dead process left behind', async () => {
    const directory = directories.fresh();
    await withLog(directory, async (log) => log.bus.publish(testEvents('s', 1)));
    writeFileSync(join(directory, 'owner.json'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    await withLog(directory, async (log) => expect(await log.store.lastPosition()).toBe(1));
  });

  it('refuses a format it does not know', async () => {
    const directory = directories.fresh();
    await withLog(directory, async () => {});
    const database = new Database(join(directory, 'log.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openEmbeddedLog({ directory, onWarning: () => {} })).rejects.toMatchObject({
      code: 'INVALID',
    });
  });
});

describe('a file of another program', () => {
  it('is refused, and stays as it is', async () => {
    const directory = directories.fresh();
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'log.sqlite');
    const database = new Database(path);
    database.exec('CREATE TABLE theirs (a INTEGER); INSERT INTO theirs VALUES (7)');
    database.close();
    const before = readFileSync(path);
    await expect(openEmbeddedLog({ directory, onWarning: () => {} })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('no log of Ampledger'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('groups', () => {
  it('puts concurrent publishes into one commit', async () => {
    await withLog(directories.fresh(), async (log) => {
      await Promise.all(Array.from({ length: 500 }, (_, i) => log.bus.publish([testEvent(`s${i}`, 0)])));
      expect(log.stats()).toMatchObject({
        commits: 1,
        events: 500,
        lastPosition: 500,
        queuedEvents: 0,
        queuedBytes: 0,
      });
    });
  });

  it('hands the published objects to live subscribers', async () => {
    await withLog(directories.fresh(), async (log) => {
      const event = testEvent('s', 0);
      const arrived = new Promise<object>((resolve) => {
        log.bus.subscribe({ after: 0 }, ([first]) => resolve(first?.data as object));
      });
      await log.bus.publish([event]);
      expect(await arrived).toBe(event.data);
    });
  });
});

describe('the index of streams', () => {
  it('is written behind the events, and finds ids and events again after close and after a crash', async () => {
    const directory = directories.fresh();
    const streams = Array.from({ length: 700 }, (_, i) => `session-${i}`);
    const rounds = Math.ceil((2.5 * FLUSH_EVENTS) / streams.length / 10);
    let copy = '';
    await withLog(directory, async (log) => {
      for (let round = 0; round < rounds; round++) {
        await Promise.all(streams.map((stream) => log.bus.publish(testEvents(stream, 10, round * 10))));
      }
      copy = directories.crashCopy(directory);
    });
    const database = new Database(join(copy, 'log.sqlite'));
    const [[marked]] = database.prepare('SELECT position FROM indexed').raw().all([]) as [[number]];
    database.close();
    expect(marked).toBeGreaterThan(FLUSH_EVENTS);
    for (const reopened of [directory, copy]) {
      await withLog(reopened, async (log) => {
        const again = await log.bus.publish(testEvents('session-5', 10));
        expect(again.every(({ duplicate }) => duplicate)).toBe(true);
        const read = await collect(log.store.readStream('session-699'));
        expect(read.map(({ id }) => id)).toEqual(testEvents('session-699', rounds * 10).map(({ id }) => id));
        const next = await log.store.append('session-5', rounds * 10 - 1, [testEvent('session-5', -1)]);
        expect(next).toMatchObject({ ok: true, value: { nextExpectedRevision: rounds * 10 } });
      });
    }
  });
});

describe('bounds', () => {
  it('refuses what it cannot keep', async () => {
    await withLog(directories.fresh(), async (log) => {
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      for (const event of [
        testEvent('s', 0, cycle),
        testEvent('s', 0, { big: 'x'.repeat(EVENT_BYTES_MAX) }),
        testEvent('s', 0, { run: () => {} }),
        testEvent('s', 0, { count: 1n }),
        testEvent('s', 0, JSON.parse('{"__proto__":1}')),
        { ...testEvent('s', 0), stream: '' },
        { ...testEvent('s', 0), id: 'i'.repeat(1000) },
      ]) {
        await expect(log.bus.publish([testEvent('s', 1), event])).rejects.toMatchObject({ code: 'INVALID' });
      }
      await expect(log.bus.publish(testEvents('s', CALL_EVENTS_MAX + 1))).rejects.toMatchObject({
        code: 'INVALID',
      });
      expect(await log.store.lastPosition()).toBe(0);
    });
  });

  it('refuses with FULL when too much waits, and goes on afterwards', async () => {
    await withLog(directories.fresh(), async (log) => {
      const calls = Array.from({ length: QUEUE_EVENTS_MAX / CALL_EVENTS_MAX }, (_, i) =>
        log.bus.publish(testEvents(`s${i}`, CALL_EVENTS_MAX)),
      );
      await expect(log.bus.publish([testEvent('late', 0)])).rejects.toMatchObject({
        code: 'FULL',
        canRetry: true,
      });
      await Promise.all(calls);
      expect(await log.bus.publish([testEvent('late', 0)])).toEqual([
        { position: QUEUE_EVENTS_MAX + 1, duplicate: false },
      ]);
    });
  });

  it('refuses with FULL when there is no space, loses nothing acknowledged, and goes on with more space', async () => {
    const directory = directories.fresh();
    const filler = (i: number) => [testEvent('s', i, { filler: 'x'.repeat(20_000) })];
    let acked = 0;
    const fill = async (log: Awaited<ReturnType<typeof openEmbeddedLog>>): Promise<void> => {
      for (;;) {
        await log.bus.publish(filler(acked));
        acked += 1;
      }
    };
    await withLog(
      directory,
      async (log) => {
        await expect(fill(log)).rejects.toMatchObject({ code: 'FULL', canRetry: true });
        const both = [log.bus.publish(filler(acked)), log.bus.publish(filler(acked))];
        for (const refused of await Promise.allSettled(both)) expect(refused.status).toBe('rejected');
        expect(await collect(log.store.readAll())).toHaveLength(acked);
      },
      { bytesMax: 1_500_000 },
    );
    expect(acked).toBeGreaterThan(20);
    await withLog(directory, async (log) => {
      expect(await log.bus.publish(filler(acked))).toEqual([{ position: acked + 1, duplicate: false }]);
      expect(await collect(log.store.readStream('s'))).toHaveLength(acked + 1);
    });
  });
});

describe('a disk that fails', () => {
  it('ends everything with IO: no retry, no further write', async () => {
    const directory = directories.fresh();
    await withLog(directory, async (log) => {
      await log.bus.publish(testEvents('s', 3));
      const subscription = log.bus.subscribe({ after: 0 }, () => {});
      const failure = expect(subscription.failed).rejects.toMatchObject({ code: 'IO' });
      const database = new Database(join(directory, 'log.sqlite'));
      database.exec('ALTER TABLE pages RENAME TO elsewhere');
      const refused = expect(log.bus.publish([testEvent('s', 3)])).rejects.toMatchObject({ code: 'IO' });
      await Promise.all([refused, failure]);
      database.exec('ALTER TABLE elsewhere RENAME TO pages');
      database.close();
      await expect(log.bus.publish([testEvent('s', 4)])).rejects.toMatchObject({
        code: 'IO',
        canRetry: false,
      });
      expect(await log.store.lastPosition()).toBe(3);
    });
    await withLog(directory, async (log) => {
      expect(await log.bus.publish([testEvent('s', 4)])).toEqual([{ position: 4, duplicate: false }]);
    });
  });
});

describe('closing', () => {
  it('ends a reader with CLOSED and leaves the directory free', async () => {
    const directory = directories.fresh();
    const log = await openEmbeddedLog({ directory, onWarning: () => {} });
    for (let i = 0; i < 5; i++) await log.bus.publish(testEvents('s', 1000, i * 1000));
    const pages = log.store.readAll()[Symbol.asyncIterator]();
    await pages.next();
    await Promise.all([log.close(), log.close()]);
    await expect(pages.next()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(log.snapshots.list()).rejects.toMatchObject({ code: 'CLOSED' });
    await withLog(directory, async (again) => expect(await again.store.lastPosition()).toBe(5000));
  });
});
