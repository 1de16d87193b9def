import { type DomainEvent, eventFor } from '@ampledger/domain';
import { configured, SITE, siteOf } from '@ampledger/domain/testing';
import { VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { type Bus, PortError } from '@ampledger/ports';
import { expect, it } from 'vitest';
import { followPartition } from './follow.js';

const AWAY = new PortError('UNAVAILABLE', 'away');

/** A bus of one partition that is away for the first questions, and a store that has recorded nothing. */
function backboneWithout(questions: number, error = AWAY) {
  const log = createMemoryLog();
  const { store, snapshots } = createMemoryLog();
  let left = questions;
  const asked = <T>(answer: () => T): T => {
    if (left === 0) return answer();
    left -= 1;
    throw error;
  };
  const bus: Bus = {
    publish: (events) => log.bus.publish(events),
    subscribe: (options, handler) => asked(() => log.bus.subscribe(options, handler)),
  };
  return {
    log,
    backbone: {
      store,
      snapshots,
      bus: {
        topic: 'events',
        partitions: 1,
        partition: () => bus,
        offsets: async () => asked(() => ({ first: 0, next: 1 })),
      },
    },
  };
}

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
const first = eventFor({
  event: configured(site) as DomainEvent,
  site: SITE,
  receivedAt: 1,
  idParts: ['site'],
});

it.each([0, 1, 2, 5])('waits for a bus that is away for %i questions', async (questions) => {
  const { log, backbone } = backboneWithout(questions);
  await log.bus.publish([first]);
  const clock = new VirtualClock(0);
  const warnings: string[] = [];
  const following = followPartition(
    { backbone, clock, log: { warn: (_, message) => warnings.push(message) } },
    0,
  );
  await clock.advance(60_000);
  const projection = await following;
  expect(projection.siteIds()).toEqual([SITE]);
  expect(warnings.length).toBe(questions);
  await projection.close();
});

it('waits for nothing that does not get better', async () => {
  const { backbone } = backboneWithout(1, new PortError('CORRUPT', 'cut off'));
  const deps = { backbone, clock: new VirtualClock(0), log: { warn: () => undefined } };
  await expect(followPartition(deps, 0)).rejects.toMatchObject({ code: 'CORRUPT' });
});
