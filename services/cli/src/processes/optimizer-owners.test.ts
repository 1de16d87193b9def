// The shell around the solver: when it looks at a site, and when it leaves it alone.

import { eventFor } from '@ampledger/domain';
import { configured, SITE, siteOf } from '@ampledger/domain/testing';
import { settle, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { startOptimizer } from '@ampledger/optimizer';
import { type Bus, PortError } from '@ampledger/ports';
import { type Claims, createClaims, type Projection, startProjection } from '@ampledger/projection';
import { beforeEach, describe, expect, it } from 'vitest';

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
let clock: VirtualClock;
let log: ReturnType<typeof createMemoryLog>;
let projection: Projection;

const claimsOf = (owner: string): Claims =>
  createClaims({ ...{ bus: log.bus, projection, clock, owner }, role: 'optimizer', version: '1' });

beforeEach(async () => {
  clock = new VirtualClock(1_000);
  log = createMemoryLog();
  const event = configured(site);
  await log.bus.publish([eventFor({ event, site: SITE, receivedAt: 1_000, idParts: ['site'] })]);
  projection = await startProjection(log);
});

describe('an optimizer', () => {
  it('whose site is another’s asks for it now and then, and not in every tick', async () => {
    const ours = claimsOf('ours');
    await ours.claim(SITE);
    await claimsOf('others').claim(SITE);
    let asked = 0;
    const claims: Claims = {
      ...ours,
      claim(id) {
        asked += 1;
        return ours.claim(id);
      },
    };
    const optimizer = startOptimizer({ bus: log.bus, projection, clock, claims });
    await clock.advance(50_000);
    expect(asked).toBeLessThanOrEqual(2);
    await clock.advance(60_000);
    expect(projection.state(SITE)?.owners.optimizer?.owner).toBe('ours');
    await optimizer.close();
  });

  it('tries again after a pause when the log cannot take its events', async () => {
    let tries = 0;
    const bus: Bus = {
      subscribe: log.bus.subscribe,
      async publish() {
        tries += 1;
        throw new PortError('FULL', 'too much waits');
      },
    };
    const optimizer = startOptimizer({ bus, projection, clock });
    await clock.advance(10_000);
    expect(tries).toBeLessThanOrEqual(12);
    expect(tries).toBeGreaterThanOrEqual(9);
    await optimizer.close();
    await settle();
  });
});
