// Site files become SiteConfigured events, where they say something new.

import { isDeepStrictEqual } from 'node:util';
import { eventFor, type SiteConfig } from '@ampledger/domain';
import type { Clock, SiteId } from '@ampledger/kernel';
import type { Bus, NewEvent } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';
import { CliError, EXIT } from './exit.js';

interface Deps {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  /** Tells this write from every other of the same site. */
  readonly newId: () => string;
}

/** Configures the sites that differ from what holds, all or none, and returns which these are. */
export async function configureSites(deps: Deps, sites: readonly SiteConfig[]): Promise<readonly SiteId[]> {
  const { bus, projection, clock, newId } = deps;
  refuseStationsElsewhere(projection, sites);
  const changed = sites.filter((site) => !isDeepStrictEqual(projection.state(site.id)?.config, site));
  if (changed.length === 0) return [];
  const events = changed.map(
    (site): NewEvent =>
      eventFor({
        event: { type: 'SiteConfigured', data: { site, origin: 'file' } },
        site: site.id,
        receivedAt: clock.now(),
        idParts: [newId()],
      }),
  );
  const published = await bus.publish(events);
  await projection.reached(Math.max(...published.map(({ position }) => position)));
  return changed.map((site) => site.id);
}

/** A station belongs to one site: also to none that the log knows and that no file was given for. */
function refuseStationsElsewhere(projection: Projection, sites: readonly SiteConfig[]): void {
  const given = new Set(sites.map((site) => site.id));
  const elsewhere = sites.flatMap((site) =>
    site.stations.flatMap(({ id }) => {
      const owner = projection.siteOf(id);
      return owner === undefined || given.has(owner) ? [] : [`${id} (in the site "${owner}")`];
    }),
  );
  if (elsewhere.length === 0) return;
  throw new CliError(
    EXIT.badInput,
    `These stations belong to another site of this log: ${elsewhere.slice(0, 10).join(', ')}. Give that site's file too, without them, or use another data directory.`,
  );
}
