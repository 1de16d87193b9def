import { type DomainEvent, eventFor } from '@ampledger/domain';
import {
  answered,
  configured,
  connected,
  requested,
  SITE,
  siteOf,
  started,
  status,
} from '@ampledger/domain/testing';
import { settle, stationId } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { findStation, type Projection, startProjection } from '@ampledger/projection';
import { beforeEach, describe, expect, it } from 'vitest';
import { FOLLOWED } from './ingress-process.js';

const A = stationId('A');
const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
let log: ReturnType<typeof createMemoryLog>;
let followed: Projection;
let whole: Projection;
let count = 0;

async function tell(...events: readonly DomainEvent[]): Promise<void> {
  await log.bus.publish(
    events.map((event) => eventFor({ event, site: SITE, receivedAt: 1, idParts: [count++] })),
  );
  await settle();
}

beforeEach(async () => {
  log = createMemoryLog();
  whole = await startProjection(log);
  followed = await startProjection({ ...log, types: FOLLOWED });
  await tell(configured(site), connected('A'));
});

describe('what an ingress process follows', () => {
  it('ends the session whose end was lost, as the whole log does', async () => {
    await tell(started('A', '7'));
    expect(findStation(followed, A)?.openSessions).toHaveLength(1);
    await tell(status('A', 'Available'));
    expect(findStation(whole, A)?.openSessions).toEqual([]);
    expect(findStation(followed, A)?.openSessions).toEqual([]);
  });

  it('does not grow with the calls of a station that stays connected', async () => {
    for (let i = 0; i < 100; i++) {
      await tell(requested(`c${i}`, { station: 'A', limitA: 0 }), answered('A', `c${i}`));
    }
    await tell(requested('last', { station: 'A', limitA: 0 }));
    expect(
      followed
        .state(SITE)
        ?.stations.get(A)
        ?.openCalls.map(({ call }) => call),
    ).toEqual(['last']);
  });
});
