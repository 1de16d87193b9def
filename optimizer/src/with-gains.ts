// To each limit that a link stops: what one ampere more there would give, who shares it, and until when.

import type { Allocation } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Pass, Share, Watch } from './allocate.js';
import { needsByLeaf, policyFor } from './asked.js';
import { type Gains, gainsOf } from './gains.js';
import type { Problem } from './problem.js';
import { KIND, kindOfLink } from './solver/index.js';

interface Asked {
  /** In the order of the allocations. */
  readonly shares: readonly Share[];
  readonly explains: (allocation: Allocation, previous: Allocation | null) => boolean;
  readonly watch: Watch;
}

/** What one more ampere on its link would give each of those that are to be explained. */
export function withGains(
  { problem, config, site }: Pass,
  solved: readonly Allocation[],
  { shares, explains, watch }: Asked,
): readonly Allocation[] {
  const links = new Set<number>();
  solved.forEach((allocation, i) => {
    const share = shares[i];
    if (share === undefined || share.link < 0 || share.waits) return;
    if (!links.has(share.link) && explains(allocation, share.candidate.previous)) links.add(share.link);
  });
  if (links.size === 0) return solved;
  const needs = needsByLeaf(problem, site);
  const asked = { policy: policyFor(config.policy, needs), needs };
  watch.entered?.('gains');
  const gains = gainsOf(site, [...links], asked);
  watch.entered?.('finish');
  const leaves = leavesAt(problem, gains);
  return solved.map((allocation, i) => {
    const share = shares[i];
    const { because } = allocation;
    if (share === undefined || because.kind === 'bound') return allocation;
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
        // Of a station that is set in steps nobody can give it a part of one.
        gainA: hasSteps(share) ? null : Math.round(gainA * 1000) / 1000,
        sharers: found.sharers.length,
        ...togetherOf(found.together),
        until: Number.isFinite(until) ? until : null,
      },
    };
  });
}

/** Named only where there are more than the binding's own. */
const togetherOf = (links: readonly number[]): { readonly together?: readonly Phase[] } =>
  links.length < 2 ? {} : { together: links.map(phaseOfLink) };

function phaseOfLink(link: number): Phase {
  const kind = kindOfLink(link);
  return (kind < KIND.watts ? kind : (kind - KIND.lineA) % 3) as Phase;
}

const hasSteps = ({ candidate: { config } }: Share): boolean => config.stepsA !== null || config.stepA > 0.1;

/** By link: when the first of those who share it leaves. */
function leavesAt({ candidates, now }: Problem, gains: Gains): ReadonlyMap<number, number> {
  const departs: (number | null | undefined)[] = [];
  for (const { index, needs } of candidates) departs[index] = needs?.departAt ?? null;
  const first = new Map<number, number>();
  for (const [link, { sharers }] of gains) {
    for (const leaf of sharers) {
      const at = departs[leaf] ?? null;
      if (at !== null && at > now && at < (first.get(link) ?? Number.POSITIVE_INFINITY)) first.set(link, at);
    }
  }
  return first;
}
