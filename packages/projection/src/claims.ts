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
   * whether this owner holds the role. Who lost it to another asks for it again only after a time in which
   * a process that must not decide any more has found that out: if this one still may, the other may not.
   */
  claim(site: SiteId): Promise<boolean>;
  /**
   * A decision was published and nobody knows whether it is on the bus, or will be. Claims anew before the
   * next decision: what was on the way is then in the state, or comes after the claim and is ignored.
   */
  doubt(site: SiteId): void;
  /** Nothing is claimed from the moment of the call, also by a claim that is under way. */
  close(): void;
}

/** For a process that is the only one, by the lock on its log: nothing to claim. */
export const SOLE_OWNER: Claims = {
  holds: () => true,
  claim: async () => true,
  // A log of one's own either has it or has not.
  doubt: () => undefined,
  close: () => undefined,
};

/** Another may claim the same epoch at the same time; each such race has a winner. */
const TRIES_MAX = 5;
/** Longer than any membership outlives its last heartbeat. */
const RETAKE_MS = 30_000;

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
  /** Held at some time; and, of those that another has now, since when that is known. */
  const once = new Set<SiteId>();
  const lostAt = new Map<SiteId, number>();
  /** The least epoch that counts as held. */
  const floor = new Map<SiteId, number>();
  let isClosed = false;

  const epochOf = (site: SiteId): number => projection.state(site)?.owners[role]?.epoch ?? 0;
  const ownerOf = (site: SiteId): string | undefined => projection.state(site)?.owners[role]?.owner;
  const holds = (site: SiteId): boolean => ownerOf(site) === owner && epochOf(site) >= (floor.get(site) ?? 0);

  /** Whether another took the role from us, and may still believe that it should have it. */
  function isLost(site: SiteId): boolean {
    const current = ownerOf(site);
    // A site that was removed and is configured anew belongs to nobody.
    if (current === undefined) floor.delete(site);
    if (!once.has(site) || current === undefined || current === owner) return false;
    const since = lostAt.get(site) ?? clock.now();
    lostAt.set(site, since);
    if (clock.now() - since < RETAKE_MS) return true;
    once.delete(site);
    lostAt.delete(site);
    return false;
  }

  async function claim(site: SiteId): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX && !holds(site); tries++) {
      const state = projection.state(site);
      if (isClosed || state === undefined || isLost(site)) return false;
      const epoch = epochOf(site) + 1;
      const event = eventFor({
        event: { type: 'OwnerClaimed', data: { site, role, epoch, owner, version } },
        site,
        receivedAt: clock.now(),
        // Epochs begin anew with a site that is configured again; positions do not.
        idParts: [role, epoch, owner, state.position],
      });
      const [published] = await bus.publish([event]);
      if (published !== undefined) await projection.reached(published.position);
      if (holds(site)) deps.onClaimed?.(site, epoch);
    }
    if (!holds(site)) return false;
    once.add(site);
    lostAt.delete(site);
    return true;
  }
  function doubt(site: SiteId): void {
    if (!holds(site)) return;
    floor.set(site, epochOf(site) + 1);
  }
  return {
    holds,
    claim,
    doubt,
    close() {
      isClosed = true;
    },
  };
}
