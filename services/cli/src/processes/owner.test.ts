import { type DomainEvent, eventFor } from '@ampledger/domain';
import { configured, SITE, siteOf } from '@ampledger/domain/testing';
import { settle, systemClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import type { OwnershipListener } from '@ampledger/ports';
import { type Projection, startProjection } from '@ampledger/projection';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Decider, type DeciderDeps, type Owner, startOwner } from './owner.js';

const NO_LOG = { info: () => {}, warn: () => {}, error: () => {} };
const NEVER = new Promise<never>(() => {});
let log: ReturnType<typeof createMemoryLog>;
let followed: number;
let deciders: { deps: DeciderDeps; closed: boolean }[];
let listener: OwnershipListener;
let left: boolean;
let owner: Owner;
let follow: () => Promise<Projection>;

const decide = (deps: DeciderDeps): Decider => {
  const made = { deps, closed: false };
  deciders.push(made);
  return {
    failed: NEVER,
    close: async () => {
      made.closed = true;
    },
  };
};
const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await settle();
};
const running = () => deciders.filter(({ closed }) => !closed);

beforeEach(async () => {
  log = createMemoryLog();
  followed = 0;
  deciders = [];
  left = false;
  follow = () => {
    followed += 1;
    return startProjection(log);
  };
  const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
  const event = configured(site) as DomainEvent;
  await log.bus.publish([eventFor({ event, site: SITE, receivedAt: 1, idParts: ['site'] })]);
  owner = await startOwner({
    role: 'optimizer',
    instance: 'test',
    clock: systemClock,
    log: NO_LOG,
    partition: () => log.bus,
    follow: () => follow(),
    decide,
    join: async (given) => {
      listener = given;
      return {
        owned: () => new Set(),
        failed: NEVER,
        commit: async () => {},
        close: async () => {
          left = true;
        },
      };
    },
  });
});

describe('an owner of partitions', () => {
  it('restores what it is assigned, and decides from then on', async () => {
    listener.assigned(0);
    expect(owner.counts()).toEqual({ deciding: 0, preparing: 1 });
    await settled();
    expect(owner.counts()).toEqual({ deciding: 1, preparing: 0 });
    expect(running()).toHaveLength(1);
  });

  it('stops at once when a partition is revoked, and forgets its state', async () => {
    listener.assigned(0);
    await settled();
    listener.revoked(0);
    expect(running()).toHaveLength(0);
    await settled();
    expect(owner.projections().size).toBe(0);
  });

  it('does not begin to decide for what was revoked while it was restored', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    follow = async () => {
      await held;
      return startProjection(log);
    };
    listener.assigned(0);
    await settled();
    listener.revoked(0);
    release();
    await settled();
    expect(deciders).toHaveLength(0);
    expect(owner.projections().size).toBe(0);
  });

  it('claims anew, and restores nothing, for a partition that it keeps through a rebalance', async () => {
    listener.assigned(0);
    await settled();
    await running()[0]?.deps.claims.claim(SITE);
    const first = owner.projections().get(0)?.state(SITE)?.owners.optimizer;
    listener.assigned(0);
    await settled();
    expect(running()).toHaveLength(1);
    expect(followed).toBe(1);
    await running()[0]?.deps.claims.claim(SITE);
    const second = owner.projections().get(0)?.state(SITE)?.owners.optimizer;
    expect(second?.epoch).toBe((first?.epoch ?? 0) + 1);
    expect(second?.owner).not.toBe(first?.owner);
  });

  it('keeps the state of a partition that is given back in the same rebalance', async () => {
    listener.assigned(0);
    await settled();
    listener.revoked(0);
    listener.assigned(0);
    await settled();
    expect(followed).toBe(1);
    expect(running()).toHaveLength(1);
  });

  it('says so when a partition cannot be restored', async () => {
    follow = () => Promise.reject(new Error('the store is damaged'));
    const failed = expect(owner.failed).rejects.toThrow('the store is damaged');
    listener.assigned(0);
    await failed;
  });

  it('leaves the group also while a store that is away keeps it from restoring', async () => {
    listener.assigned(0);
    await settled();
    follow = () => new Promise(() => {});
    listener.assigned(1);
    await settled();
    await owner.close();
    expect(left).toBe(true);
    expect(running()).toHaveLength(0);
    expect(owner.projections().size).toBe(0);
  }, 3_000);

  it('claims nothing more for what was revoked', async () => {
    listener.assigned(0);
    await settled();
    const [before] = running();
    listener.revoked(0);
    expect(await before?.deps.claims.claim(SITE)).toBe(false);
  });

  it('leaves the group when it has stopped deciding', async () => {
    listener.assigned(0);
    await settled();
    await owner.close();
    expect(running()).toHaveLength(0);
    expect(left).toBe(true);
    listener.assigned(1);
    await settled();
    expect(running()).toHaveLength(0);
  });
});
