// To each limit that a link stops: what one ampere more there would give, who shares it, and until when.

import type { Allocation } from '@ampledger/domain';
import type { Pass, Share, Shares } from './allocate.js';
import { needsByLeaf, policyFor } from './asked.js';
import { type Gains, gainsOf, NO_GAINS } from './gains.js';
import type { Problem } from './problem.js';

/** What one more ampere on its link would give each of those that are to be explained. */
export function withGains(
  { problem, config, site }: Pass,
  solved: readonly Allocation[],
  { settled, explains }: { readonly settled: Shares; readonly explains: (allocation: Allocation) => boolean },
): readonly Allocation[] {
  const links = new Set<number>();
  for (const allocation of solved) {
    const share = settled.get(allocation.connector);
    if (share !== undefined && share.link >= 0 && !share.waits && explains(allocation)) links.add(share.link);
  }
  const needs = needsByLeaf(problem, site);
  const asked = { policy: policyFor(config.policy, needs), needs };
  const gains: Gains = links.size === 0 ? NO_GAINS : gainsOf(site, [...links], asked);
  const leaves = leavesAt(problem, gains);
  return solved.map((allocation) => {
    const share = settled.get(allocation.connector);
    const { because } = allocation;
    // Of a station that is set in steps nobody can give it a part of one.
    if (share === undefined || because.kind === 'bound' || hasSteps(share)) return allocation;
    const found = share.waits ? undefined : gains.get(share.link);
    if (found === undefined) return allocation;
    const { index } = share.candidate;
    const gainA = Math.max(0, found.gainA[index] ?? 0) / (site.factor[index] ?? 1);
    const until = Math.min(
      because.until ?? Number.POSITIVE_INFINITY,
      leaves.get(share.link) ?? Number.POSITIVE_INFINITY,
    );
    return {
      ...allocation,
      because: {
        ...because,
        gainA: Math.round(gainA * 1000) / 1000,
        sharers: found.sharers.length,
        until: Number.isFinite(until) ? until : null,
      },
    };
  });
}

const hasSteps = ({ candidate: { config } }: Share): boolean => config.stepsA !== null || config.stepA > 0.1;

/** By link: when the first of those who share it leaves. */
function leavesAt({ candidates, now }: Problem, gains: Gains): ReadonlyMap<number, number> {
  const departs = new Map(candidates.map(({ index, needs }) => [index, needs?.departAt ?? null]));
  const first = new Map<number, number>();
  for (const [link, { sharers }] of gains) {
    for (const leaf of sharers) {
      const at = departs.get(leaf) ?? null;
      if (at !== null && at > now && at < (first.get(link) ?? Number.POSITIVE_INFINITY)) first.set(link, at);
    }
  }
  return first;
}
