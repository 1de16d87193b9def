import { type DomainEvent, type EventData, eventFor, isStale } from '@ampledger/domain';
import { configured, SITE, siteOf } from '@ampledger/domain/testing';
import { VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { type Bus, PortError } from '@ampledger/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Claims, createClaims } from './claims.js';
import { type Projection, startProjection } from './projection.js';

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
const clock = new VirtualClock(1_000);
let log: ReturnType<typeof createMemoryLog>;
let projection: Projection;

const publish = async (event: DomainEvent, id: string): Promise<void> => {
  const [published] = await log.bus.publish([
    eventFor({ event, site: SITE, receivedAt: 1_000, idParts: [id] }),
  ]);
  await projection.reached(published?.position ?? 0);
};
const claimsOf = (owner: string, bus: Bus = log.bus): Claims =>
  createClaims({ bus, projection, clock, role: 'command', owner, version: '1' });
const owner = () => projection.state(SITE)?.owners.command;

beforeEach(async () => {
  log = createMemoryLog();
  projection = await startProjection(log);
  await publish(configured(site) as DomainEvent, 'site');
});

describe('claims', () => {
  it('takes the next epoch, once', async () => {
    const first = claimsOf('first');
    expect(first.holds(SITE)).toBe(false);
    expect(await first.claim(SITE)).toBe(true);
    expect(await first.claim(SITE)).toBe(true);
    expect(owner()).toEqual({ owner: 'first', epoch: 1 });
    expect(await claimsOf('second').claim(SITE)).toBe(true);
    expect(owner()).toEqual({ owner: 'second', epoch: 2 });
    expect(first.holds(SITE)).toBe(false);
  });

  it('does not take back what another took', async () => {
    const first = claimsOf('first');
    await first.claim(SITE);
    await claimsOf('second').claim(SITE);
    expect(await first.claim(SITE)).toBe(false);
    expect(owner()).toEqual({ owner: 'second', epoch: 2 });
  });

  it('has one winner for each epoch when two claim at the same time', async () => {
    const [first, second] = [claimsOf('first'), claimsOf('second')];
    await Promise.all([first.claim(SITE), second.claim(SITE)]);
    expect([first.holds(SITE), second.holds(SITE)].filter(Boolean)).toHaveLength(1);
    expect(owner()?.epoch).toBe(2);
  });

  it('claims a higher epoch after a publish that may have been stored', async () => {
    const first = claimsOf('first');
    await first.claim(SITE);
    first.doubt(SITE);
    expect(first.holds(SITE)).toBe(false);
    expect(await first.claim(SITE)).toBe(true);
    expect(owner()).toEqual({ owner: 'first', epoch: 2 });
  });

  it('in doubt, leaves the role to another who took it meanwhile', async () => {
    const first = claimsOf('first');
    await first.claim(SITE);
    first.doubt(SITE);
    await claimsOf('second').claim(SITE);
    expect(await first.claim(SITE)).toBe(false);
    expect(owner()).toEqual({ owner: 'second', epoch: 2 });
  });

  it('in doubt, leaves the role to another whose claim came in between', async () => {
    const rival = claimsOf('second');
    let isRivalled = false;
    const first = claimsOf('first', {
      subscribe: log.bus.subscribe,
      async publish(events) {
        if (isRivalled) await rival.claim(SITE);
        return log.bus.publish(events);
      },
    });
    await first.claim(SITE);
    first.doubt(SITE);
    isRivalled = true;
    expect(await first.claim(SITE)).toBe(false);
    expect(owner()).toEqual({ owner: 'second', epoch: 2 });
  });

  it('claims nothing more once it is closed, also when its last claim came too late', async () => {
    const heir = claimsOf('heir');
    const first = claimsOf('first', {
      subscribe: log.bus.subscribe,
      async publish(events) {
        first.close();
        await heir.claim(SITE);
        return log.bus.publish(events);
      },
    });
    expect(await first.claim(SITE)).toBe(false);
    expect(owner()).toEqual({ owner: 'heir', epoch: 1 });
    expect(await first.claim(SITE)).toBe(false);
  });

  it('takes back after a while what a paused owner took, if it may decide still', async () => {
    const heir = claimsOf('heir');
    await heir.claim(SITE);
    await claimsOf('paused').claim(SITE);
    expect(await heir.claim(SITE)).toBe(false);
    await clock.advance(29_999);
    expect(await heir.claim(SITE)).toBe(false);
    await clock.advance(1);
    expect(await heir.claim(SITE)).toBe(true);
    expect(owner()).toEqual({ owner: 'heir', epoch: 3 });
  });

  it('knows its own claim that was stored though the bus did not say so', async () => {
    let lost = true;
    const bus: Bus = {
      ...log.bus,
      subscribe: log.bus.subscribe,
      async publish(events) {
        const published = await log.bus.publish(events);
        if (!lost) return published;
        lost = false;
        throw new PortError('UNAVAILABLE', 'the answer was lost');
      },
    };
    const first = claimsOf('first', bus);
    await expect(first.claim(SITE)).rejects.toThrow('the answer was lost');
    expect(await first.claim(SITE)).toBe(true);
    expect(owner()?.owner).toBe('first');
  });

  it('claims a site that was removed and is configured anew', async () => {
    const first = claimsOf('first');
    await first.claim(SITE);
    first.doubt(SITE);
    await publish({ type: 'SiteRemoved', data: { site: SITE } }, 'removed');
    expect(await first.claim(SITE)).toBe(false);
    await publish(configured(site) as DomainEvent, 'site again');
    expect(await first.claim(SITE)).toBe(true);
    expect(owner()).toEqual({ owner: 'first', epoch: 1 });
  });

  it('claims nothing for a site that does not exist', async () => {
    expect(await claimsOf('first').claim('elsewhere' as never)).toBe(false);
    expect(await log.store.lastPosition()).toBe(1);
  });
});

describe('a stale epoch', () => {
  const call = (epoch: number, id: string): DomainEvent => ({
    type: 'CallRequested',
    data: {
      station: 'A',
      call: id,
      action: 'GetConfiguration',
      payload: {},
      grants: [],
      clears: [],
      by: 'engine',
      basis: 1,
      epoch,
      timeoutS: 20,
    } as unknown as EventData<'CallRequested'>,
  });

  it('is ignored by the fold, and counts as an event all the same', async () => {
    await claimsOf('first').claim(SITE);
    await publish(call(1, 'one'), 'one');
    await claimsOf('second').claim(SITE);
    const before = projection.state(SITE)?.seq ?? 0;
    await publish(call(1, 'of a zombie'), 'two');
    await publish(call(2, 'two'), 'three');
    const state = projection.state(SITE);
    expect(state?.stations.get('A' as never)?.openCalls.map((open) => open.call)).toEqual(['one', 'two']);
    expect(state?.seq).toBe(before + 2);
    expect(state && isStale(state, 'command', 1)).toBe(true);
    expect(state && isStale(state, 'optimizer', 0)).toBe(false);
  });
});
