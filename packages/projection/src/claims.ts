// Taking a role over for the sites of a projection. A claim is an event like any other: whoever folds
// it ignores what an owner before decided after it, and so a paused owner that wakes up harms nobody.

import { eventFor, type Role } from '@ampledger/domain';
import type { Clock, SiteId } from '@ampledger/kernel';
import type { Bus } from '@ampledger/ports';
import type { Projection } from './projection.js';

export interface Claims {
  /** Whether this owner may decide for the site now. */
  holds(site: SiteId): boolean;
  /**
   * Claims the site's role unless it is held already; resolves when the claim is in the state, with
   * whether this owner holds the role. Never claims twice: who lost a role to another has lost it.
   */
  claim(site: SiteId): Promise<boolean>;
  /**
   * A decision was published and nobody knows whether it is on the bus, or will be. Claims anew before the
   * next decision: what was on the way is then in the state, or comes after the claim and is ignored.
   */
  doubt(site: SiteId): void;
}

/** For a process that is the only one, by the lock on its log: nothing to claim. */
export const SOLE_OWNER: Claims = {
  holds: () => true,
  claim: async () => true,
  // A log of one's own either has it or has not.
  doubt: () => undefined,
};

/** Another may claim the same epoch at the same time; each such race has a winner. */
const TRIES_MAX = 5;

export function createClaims(deps: {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  readonly role: Role;
  /** Unique to this taking over, e.g. the instance and a random part. */
  readonly owner: string;
  /** The release that decides. */
  readonly version: string;
  readonly onClaimed?: (site: SiteId, epoch: number) => void;
}): Claims {
  const { bus, projection, clock, role, owner, version } = deps;
  const once = new Set<SiteId>();
  /** The least epoch that counts as held. */
  const floor = new Map<SiteId, number>();

  const epochOf = (site: SiteId): number => projection.state(site)?.owners[role]?.epoch ?? 0;
  const holds = (site: SiteId): boolean =>
    projection.state(site)?.owners[role]?.owner === owner && epochOf(site) >= (floor.get(site) ?? 0);

  async function claim(site: SiteId): Promise<boolean> {
    if (holds(site) || once.has(site)) return holds(site);
    for (let tries = 0; tries < TRIES_MAX && !holds(site); tries++) {
      if (projection.state(site) === undefined) return false;
      const epoch = epochOf(site) + 1;
      const event = eventFor({
        event: { type: 'OwnerClaimed', data: { site, role, epoch, owner, version } },
        site,
        receivedAt: clock.now(),
        idParts: [role, epoch, owner],
      });
      const [published] = await bus.publish([event]);
      if (published !== undefined) await projection.reached(published.position);
      if (holds(site)) deps.onClaimed?.(site, epoch);
    }
    if (holds(site)) once.add(site);
    return holds(site);
  }
  function doubt(site: SiteId): void {
    if (!holds(site)) return;
    floor.set(site, epochOf(site) + 1);
    once.delete(site);
  }
  return { holds, claim, doubt };
}
