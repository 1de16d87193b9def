// A history in which the order matters: two sites, several streams each.

import { type DomainEvent, eventFor, type SiteConfig } from '@ampledger/domain';
import { configured, ended, metered, siteOf, started } from '@ampledger/domain/testing';
import { type SiteId, siteId } from '@ampledger/kernel';
import type { NewEvent } from '@ampledger/ports';
import { T0 } from './test-world.js';

const SITES = [siteId('test'), siteId('other')];
const stationsOf = (site: number): string[] => ['A', 'B', 'C'].map((name) => `${name}${site}`);
const configOf = (site: number): SiteConfig => ({
  ...siteOf({
    nodes: [{ id: 'grid', limitA: 80 }],
    stations: stationsOf(site).map((id) => ({ id, node: 'grid' })),
  }),
  id: SITES[site] ?? siteId('test'),
});

/** The n-th event of a history in which the order matters: two sites, several streams each. */
export function nthEvent(n: number): NewEvent {
  const site = n % 3 === 1 ? 1 : 0;
  const station = stationsOf(site)[n % 5 < 3 ? 0 : (n % 2) + 1] ?? '';
  return eventFor({
    event: domainEvent(n, site, station),
    site: SITES[site] as SiteId,
    receivedAt: T0 + n * 1_000,
    idParts: [n],
  } as Parameters<typeof eventFor>[0]);
}

function domainEvent(n: number, site: number, station: string): DomainEvent {
  if (n < 2) return configured(configOf(site));
  if (n % 11 === 4) return started(station, `t${n}`);
  if (n % 11 === 9) return ended(station, `t${n - 5}`);
  return metered(station, [n % 32, 1, 2]);
}

export const history = (count: number, from = 0): readonly NewEvent[] =>
  Array.from({ length: count }, (_, i) => nthEvent(from + i));
