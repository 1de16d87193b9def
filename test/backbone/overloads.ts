// No overload, by the stations' own word: twice a second what their profiles allow together is held
// against the limits that the test itself set. It knows nothing of the engine's ledger.

import { systemClock } from '@ampledger/kernel';
import { createJudge, type Judge, type Overload } from '../simulation/judge.js';
import type { BackboneFleet } from './fleet.js';
import type { TestSite } from './sites.js';

const LOOK_MS = 500;

export interface OverloadWatch {
  /** A root's limit as the test set it, from the moment that it was acknowledged; null: none but the rating. */
  capped(site: string, limitA: number | null): void;
  /** Spans over a limit. A limit that fell counts once its reaction time is over; there is no other grace. */
  overloads(): readonly Overload[];
  looks(): number;
  close(): void;
}

interface Cap {
  readonly limitA: number;
  /** From when it counts. */
  readonly from: number;
}

export function watchOverloads(options: {
  readonly fleet: BackboneFleet;
  readonly sites: readonly TestSite[];
  /** From a limit that falls to the last station's cut. */
  readonly reactionMs: number;
}): OverloadWatch {
  const { fleet, sites, reactionMs } = options;
  const caps = new Map<string, Cap>();
  const judges: Judge[] = sites.map(({ id: site, config }) => {
    const rated = new Map(config.nodes.map(({ id, limitA }) => [id as string, Math.min(...(limitA ?? []))]));
    const root = config.nodes.find(({ parent }) => parent === null)?.id as string;
    const limitA = (node: string): number => {
      const cap = node === root ? caps.get(site) : undefined;
      const capA = cap !== undefined && cap.from <= systemClock.now() ? cap.limitA : Number.POSITIVE_INFINITY;
      return Math.min(rated.get(node) ?? 0, capA);
    };
    return createJudge({ fleet, config, clock: systemClock, limitA });
  });
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    for (const judge of judges) judge.look();
  }, LOOK_MS);
  return {
    capped(site, limit) {
      if (limit === null) caps.delete(site);
      else caps.set(site, { limitA: limit, from: systemClock.now() + reactionMs });
    },
    overloads: () => judges.flatMap((judge) => judge.overloads('held')),
    looks: () => looks,
    close: () => clearInterval(timer),
  };
}
