import { describe, expect, it } from 'vitest';
import type { EmbeddedLog } from './embedded-log.js';
import { testEvents, useTestDirectory, withLog } from './test-directory.js';

const directories = useTestDirectory();

async function newest(log: EmbeddedLog, limit: number, after?: number): Promise<number[]> {
  const positions: number[] = [];
  const from = after === undefined ? {} : { after };
  for await (const events of log.store.readAll({ direction: 'backwards', limit, ...from })) {
    for (const { position } of events) positions.push(position);
  }
  return positions;
}

describe('the last events, please', () => {
  it('come newest first, over pages of any size, and no more than asked for', async () => {
    await withLog(directories.fresh(), async (log) => {
      await log.bus.publish(testEvents('a', 5));
      for (let i = 0; i < 4; i++) await log.bus.publish(testEvents(`b${i}`, 1));
      await log.bus.publish(testEvents('c', 3));
      expect(await newest(log, 0)).toEqual([]);
      expect(await newest(log, 2)).toEqual([12, 11]);
      expect(await newest(log, 9)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4]);
      expect(await newest(log, 3, 8)).toEqual([7, 6, 5]);
      expect(await newest(log, 100)).toHaveLength(12);
    });
  });

  it('are the newest also when asked for again', async () => {
    await withLog(directories.fresh(), async (log) => {
      await log.bus.publish(testEvents('a', 3));
      expect(await newest(log, 2)).toEqual([3, 2]);
      expect(await newest(log, 2)).toEqual([3, 2]);
      await log.bus.publish(testEvents('b', 2));
      expect(await newest(log, 2)).toEqual([5, 4]);
      expect(await newest(log, 2, 4)).toEqual([3, 2]);
    });
  });
});
