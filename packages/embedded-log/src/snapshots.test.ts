import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { surplusSnapshots } from './snapshot-retention.js';
import { useTestDirectory, withLog } from './test-directory.js';

const directories = useTestDirectory();
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const snapshot = (hour: number, foldVersion = 1) => ({
  name: 'depot',
  position: hour + 1,
  receivedAt: START + hour * HOUR_MS,
  foldVersion,
  state: { marker: `state-of-hour-${hour}` },
});

describe('retention', () => {
  it('keeps the newest four and the last one of each day', async () => {
    await withLog(directories.fresh(), async (log) => {
      for (let hour = 0; hour < 24 * 5; hour += 3) await log.snapshots.save(snapshot(hour));
      const kept = (await log.snapshots.list()).map(({ receivedAt }) => (receivedAt - START) / HOUR_MS);
      expect(kept).toEqual([21, 45, 69, 93, 108, 111, 114, 117]);
      const past = await log.snapshots.latest({
        name: 'depot',
        foldVersion: 1,
        notAfterReceivedAt: START + 50 * HOUR_MS,
      });
      expect(past).toEqual(snapshot(45));
    });
  });

  it('keeps the newest of another fold version only', async () => {
    await withLog(directories.fresh(), async (log) => {
      for (const hour of [0, 30, 60]) await log.snapshots.save(snapshot(hour, 1));
      await log.snapshots.save(snapshot(90, 2));
      const kept = await log.snapshots.list();
      expect(kept.map(({ foldVersion, position }) => [foldVersion, position])).toEqual([
        [1, 61],
        [2, 91],
      ]);
    });
  });

  it('is bounded and never drops the newest', () => {
    const hours = fc.uniqueArray(fc.nat(20_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(hours, fc.integer({ min: 1, max: 5 }), fc.nat(30), (all, newest, days) => {
        const surplus = surplusSnapshots(
          all.map((hour) => snapshot(hour)),
          { newest, days },
        );
        const kept = all.length - surplus.length;
        expect(kept).toBeLessThanOrEqual(newest + days);
        expect(kept).toBeGreaterThanOrEqual(Math.min(all.length, newest));
        expect(surplus.map(({ position }) => position)).not.toContain(Math.max(...all) + 1);
      }),
    );
  });
});

describe('damage', () => {
  it('of one snapshot makes an older one serve, with a warning', async () => {
    const directory = directories.fresh();
    await withLog(directory, async (log) => {
      await log.snapshots.save(snapshot(1));
      await log.snapshots.save(snapshot(2));
    });
    const path = join(directory, 'snapshots.sqlite');
    const bytes = readFileSync(path);
    bytes.write('X', bytes.indexOf('state-of-hour-2'));
    writeFileSync(path, bytes);
    await withLog(directory, async (log, warnings) => {
      expect(await log.snapshots.latest({ name: 'depot', foldVersion: 1 })).toEqual(snapshot(1));
      expect(warnings).toEqual([expect.stringMatching(/snapshot of depot at position 3 is damaged/)]);
    });
  });

  it('of the whole file costs the snapshots alone', async () => {
    const directory = directories.fresh();
    await withLog(directory, async (log) => log.snapshots.save(snapshot(1)));
    writeFileSync(join(directory, 'snapshots.sqlite'), Buffer.alloc(40_000, 7));
    await withLog(directory, async (log, warnings) => {
      expect(warnings).toHaveLength(1);
      expect(await log.snapshots.list()).toEqual([]);
      await log.snapshots.save(snapshot(2));
      expect(await log.snapshots.list()).toHaveLength(1);
    });
  });
});
