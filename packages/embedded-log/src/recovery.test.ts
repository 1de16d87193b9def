import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './embedded-log.js';
import { collect, testEvents, useTestDirectory, withLog } from './test-directory.js';
import { inspectWal } from './write-ahead-log.js';

const directories = useTestDirectory();
const COMMITS = 6;
const EVENTS_EACH = 40;

/** A crashed log of some commits, and where each commit ends in the write-ahead log. */
async function crashed(commits = COMMITS): Promise<{ directory: string; walEnds: number[] }> {
  const directory = directories.fresh();
  return withLog(directory, async (log) => {
    const walEnds: number[] = [];
    for (let i = 0; i < commits; i++) {
      await log.bus.publish(testEvents(`s${i % 2}`, EVENTS_EACH, i * EVENTS_EACH));
      walEnds.push(statSync(join(directory, 'log.sqlite-wal')).size);
    }
    return { directory: directories.crashCopy(directory), walEnds };
  });
}

const walOf = (directory: string): string => join(directory, 'log.sqlite-wal');

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 0x10;
  writeFileSync(path, bytes);
}

describe('a log after a crash', () => {
  it('has everything that was acknowledged', async () => {
    const { directory } = await crashed();
    await withLog(directory, async (log, warnings) => {
      expect(warnings).toEqual([]);
      expect(await collect(log.store.readAll())).toHaveLength(COMMITS * EVENTS_EACH);
      const [again] = await log.bus.publish(testEvents('s0', 1));
      expect(again).toEqual({ position: 1, duplicate: true });
    });
  });

  it('tells a torn last commit at every byte of it', async () => {
    const { directory, walEnds } = await crashed(2);
    const wal = readFileSync(walOf(directory));
    const [before, end] = walEnds.slice(-2) as [number, number];
    expect(inspectWal(wal)).toEqual({ kind: 'clean' });
    expect(inspectWal(wal.subarray(0, before))).toEqual({ kind: 'clean' });
    for (let size = before + 1; size < end; size++) {
      expect(inspectWal(wal.subarray(0, size))).toEqual({ kind: 'torn', bytes: size - before });
    }
  });

  it('drops a torn last commit with a warning, keeps the others and goes on', async () => {
    const { directory, walEnds } = await crashed();
    const [before, end] = walEnds.slice(-2) as [number, number];
    const step = Math.ceil((end - before) / 24);
    for (let size = before + 1; size < end; size += step) {
      const torn = directories.crashCopy(directory);
      truncateSync(walOf(torn), size);
      await withLog(torn, async (log, warnings) => {
        expect(warnings).toEqual([expect.stringMatching(/cut short by a crash/)]);
        const events = await collect(log.store.readAll());
        expect(events).toHaveLength((COMMITS - 1) * EVENTS_EACH);
        const again = await log.bus.publish(testEvents('s1', EVENTS_EACH, (COMMITS - 1) * EVENTS_EACH));
        expect(again.every(({ duplicate }) => !duplicate)).toBe(true);
        expect(await collect(log.store.readAll())).toHaveLength(COMMITS * EVENTS_EACH);
      });
    }
  });

  it('takes garbage in the last commit for torn, and in an earlier one for damage', async () => {
    const { directory, walEnds } = await crashed();
    const wal = readFileSync(walOf(directory));
    const last = walEnds.at(-2) as number;
    for (let offset = 32; offset < wal.length; offset += 397) {
      const bytes = Buffer.from(wal);
      bytes[offset] = (bytes[offset] as number) ^ 0x40;
      expect(inspectWal(bytes).kind).toBe(offset < last ? 'damaged' : 'torn');
    }
  });

  it('does not open when an acknowledged commit is damaged', async () => {
    const { directory, walEnds } = await crashed();
    flip(walOf(directory), (walEnds[1] as number) + 600);
    const opening = openEmbeddedLog({ directory, onWarning: () => {} });
    await expect(opening).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/damaged at byte \d+.*restore it from a backup/),
    });
  });

  it('names the position when a page since the last index is changed or missing', async () => {
    const { directory } = await crashed();
    for (const damage of [
      'UPDATE pages SET payload = zeroblob(length(payload)) WHERE first = 81',
      'UPDATE pages SET count = count - 1 WHERE first = 81',
      'DELETE FROM pages WHERE first = 81',
      'UPDATE pages SET crc = crc + 1, prev = prev + 1 WHERE first = 81',
    ]) {
      const damaged = directories.crashCopy(directory);
      const database = new Database(join(damaged, 'log.sqlite'));
      database.exec(damage);
      database.close();
      await expect(openEmbeddedLog({ directory: damaged, onWarning: () => {} })).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringMatching(/position 81 /),
      });
    }
  });

  it('can be opened again after an opening that failed', async () => {
    const { directory, walEnds } = await crashed();
    const offset = (walEnds[1] as number) + 600;
    flip(walOf(directory), offset);
    await expect(openEmbeddedLog({ directory, onWarning: () => {} })).rejects.toMatchObject({
      code: 'CORRUPT',
    });
    flip(walOf(directory), offset);
    await withLog(directory, async (log) => {
      expect(await log.store.lastPosition()).toBe(COMMITS * EVENTS_EACH);
    });
  });
});

describe('damage in old pages', () => {
  async function damagedAt(position: number): Promise<string> {
    const directory = directories.fresh();
    await withLog(directory, async (log) => {
      for (let i = 0; i < COMMITS; i++) await log.bus.publish(testEvents('s', EVENTS_EACH, i * EVENTS_EACH));
    });
    const path = join(directory, 'log.sqlite');
    const offset = readFileSync(path).indexOf(`s#${position - 1}`);
    expect(offset).toBeGreaterThan(0);
    flip(path, offset + 2);
    return directory;
  }

  it('is found when it is read, and does not hold up the opening', async () => {
    const directory = await damagedAt(100);
    await withLog(directory, async (log) => {
      const damage = { code: 'CORRUPT', message: expect.stringMatching(/position 81 /) };
      await expect(collect(log.store.readAll())).rejects.toMatchObject(damage);
      await expect(collect(log.store.readAll({ direction: 'backwards' }))).rejects.toMatchObject(damage);
      await expect(collect(log.store.readStream('s'))).rejects.toMatchObject(damage);
      expect(await collect(log.store.readAll({ after: 120 }))).toHaveLength(120);
      const subscription = log.bus.subscribe({ after: 0 }, () => {});
      await expect(subscription.failed).rejects.toMatchObject(damage);
    });
  });

  it('is found by a check of all pages, which says how far it came', async () => {
    const directory = await damagedAt(1);
    await withLog(directory, async (log) => {
      const checking = (async () => {
        for await (const _progress of log.verifyPages());
      })();
      await expect(checking).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringMatching(/position 1 /),
      });
    });
  });

  it('is not there: a check of all pages reaches the end', async () => {
    const directory = directories.fresh();
    await withLog(directory, async (log) => {
      for (let i = 0; i < 50; i++) await log.bus.publish(testEvents('s', 20, i * 20));
      const seen: number[] = [];
      for await (const { position, lastPosition } of log.verifyPages()) {
        expect(lastPosition).toBe(1000);
        seen.push(position);
      }
      expect(seen.at(-1)).toBe(1000);
    });
  });
});
