import { type DomainEvent, eventFor, serializeState, siteView } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  granted,
  key,
  metered,
  SITE,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { createMemoryLog } from '@ampledger/memory-log';
import type { NewEvent } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { type Projection, startProjection } from './projection.js';

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
const history: readonly Told[] = [
  [0, configured(site)],
  ...commissioned('A'),
  [1, started('A', 't')],
  ...granted(2, 'g', { station: 'A', transaction: 't', limitA: 16 }),
  [30, metered('A', [10, 10, 10])],
  [60, metered('A', [12, 12, 12])],
];

const toNew = ([atS, event]: Told, i: number): NewEvent =>
  eventFor({ event: event as DomainEvent, site: SITE, receivedAt: at(atS), idParts: [i] });
const events = history.map(toNew);
const stateOf = (projection: Projection): object => {
  const state = projection.state(SITE);
  if (!state) throw new Error('no site');
  return serializeState(state);
};

describe('projection', () => {
  it('is the same live, rebuilt from events, and rebuilt from any snapshot and the rest', async () => {
    for (let snapshotAfter = 0; snapshotAfter <= events.length; snapshotAfter++) {
      const log = createMemoryLog();
      const live = await startProjection(log);
      for (const [i, event] of events.entries()) {
        const [published] = await log.bus.publish([event]);
        await live.reached(published?.position ?? 0);
        if (i + 1 === snapshotAfter) await live.snapshot();
      }
      const rebuilt = await startProjection(log);
      expect(stateOf(rebuilt)).toEqual(stateOf(live));
      expect(rebuilt.siteOf('A' as never)).toBe(SITE);
      await Promise.all([live.close(), rebuilt.close()]);
    }
  });

  it('shows any moment of the past', async () => {
    const log = createMemoryLog();
    await log.bus.publish(events.slice(0, 6));
    const projection = await startProjection(log);
    await projection.snapshot();
    await log.bus.publish(events.slice(6));
    await projection.reached(await log.store.lastPosition());
    const drawAt = async (seconds: number): Promise<unknown> => {
      const state = await projection.stateAt(SITE, at(seconds));
      return state && siteView(state, at(seconds)).connectors.find((c) => c.key === key('A'))?.drawA;
    };
    expect(await drawAt(-1)).toBeUndefined();
    expect(await drawAt(10)).toBeNull();
    expect(await drawAt(30)).toEqual([10, 10, 10]);
    expect(await drawAt(61)).toEqual([12, 12, 12]);
    await projection.close();
  });

  it('takes snapshots by itself', async () => {
    const log = createMemoryLog();
    const projection = await startProjection({ ...log, snapshotEvery: 3 });
    for (const event of events) await log.bus.publish([event]);
    await projection.reached(await log.store.lastPosition());
    await projection.close();
    expect((await log.snapshots.list()).length).toBeGreaterThan(0);
  });

  it('refuses events of a later release', async () => {
    const log = createMemoryLog();
    const projection = await startProjection(log);
    const [first] = events;
    if (!first) throw new Error();
    await log.bus.publish([{ ...first, version: 99 }]).catch(() => undefined);
    await expect(projection.failed).rejects.toThrow(/later release/);
  });
});
