// What every snapshot store does: the newest snapshot of a name and fold version within bounds.
// A store may thin out older ones, so nothing here counts on more than the newest few.

import type { Snapshot, SnapshotStore } from '@ampledger/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshPrefix } from './events.js';

export interface SnapshotStoreUnderTest {
  readonly port: SnapshotStore;
  /** The same data behind a new port, as after a restart. Wanted by suites that are told `survivesRestart`. */
  reopen?(): Promise<SnapshotStoreUnderTest>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export function snapshotStoreContract(
  name: string,
  open: () => Promise<SnapshotStoreUnderTest>,
  { survivesRestart }: { readonly survivesRestart: boolean },
): void {
  describe(`snapshot store: ${name}`, () => {
    let under: SnapshotStoreUnderTest;
    let site: string;
    beforeEach(async () => {
      under = await open();
      site = freshPrefix();
    });
    afterEach(() => under.close());
    const snapshot = (position: number, foldVersion = 1): Snapshot => ({
      name: site,
      position,
      receivedAt: 1_790_000_000_000 + position * HOUR_MS,
      foldVersion,
      state: { position, nodes: { grid: [16, 15.5, null] }, text: 'Größe' },
    });

    it('has nothing for a name that was never saved', async () => {
      expect(await under.port.latest({ name: site, foldVersion: 1 })).toBeUndefined();
    });

    it('gives back the newest one, complete', async () => {
      for (const position of [10, 20, 30]) await under.port.save(snapshot(position));
      expect(await under.port.latest({ name: site, foldVersion: 1 })).toEqual(snapshot(30));
    });

    it('keeps to both bounds', async () => {
      for (const position of [10, 20, 30]) await under.port.save(snapshot(position));
      const latest = async (bounds: object) =>
        (await under.port.latest({ name: site, foldVersion: 1, ...bounds }))?.position;
      expect(await latest({ notAfterPosition: 20 })).toBe(20);
      expect(await latest({ notAfterPosition: 19 })).toBe(10);
      expect(await latest({ notAfterPosition: 9 })).toBeUndefined();
      expect(await latest({ notAfterReceivedAt: snapshot(20).receivedAt })).toBe(20);
      expect(await latest({ notAfterReceivedAt: snapshot(20).receivedAt - 1 })).toBe(10);
      expect(await latest({ notAfterPosition: 30, notAfterReceivedAt: snapshot(10).receivedAt })).toBe(10);
    });

    it('tells names and fold versions apart', async () => {
      await under.port.save(snapshot(10, 1));
      await under.port.save(snapshot(20, 2));
      expect(await under.port.latest({ name: site, foldVersion: 1 })).toEqual(snapshot(10, 1));
      expect(await under.port.latest({ name: site, foldVersion: 2 })).toEqual(snapshot(20, 2));
      expect(await under.port.latest({ name: site, foldVersion: 3 })).toBeUndefined();
      expect(await under.port.latest({ name: `${site}-other`, foldVersion: 1 })).toBeUndefined();
    });

    it('replaces a snapshot of the same position', async () => {
      await under.port.save(snapshot(10));
      await under.port.save({ ...snapshot(10), state: { corrected: true } });
      expect((await under.port.latest({ name: site, foldVersion: 1 }))?.state).toEqual({ corrected: true });
    });

    it('lists what it keeps, oldest first, without states', async () => {
      for (const position of [20, 10, 30]) await under.port.save(snapshot(position));
      const listed = (await under.port.list()).filter((entry) => entry.name === site);
      const { state: _state, ...first } = snapshot(10);
      expect(listed.map(({ position }) => position)).toEqual([10, 20, 30]);
      expect(listed[0]).toEqual(first);
    });

    if (survivesRestart) {
      it('keeps them across a restart', async () => {
        await under.port.save(snapshot(10));
        await under.close();
        under = await reopened(under);
        expect(await under.port.latest({ name: site, foldVersion: 1 })).toEqual(snapshot(10));
      });
    }
  });
}

async function reopened(under: SnapshotStoreUnderTest): Promise<SnapshotStoreUnderTest> {
  if (!under.reopen) throw new Error('a suite that is told survivesRestart needs reopen');
  return under.reopen();
}
