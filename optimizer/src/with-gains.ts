// To each limit that a link stops: what one ampere more there would give, who shares it, and until when.

import { type Allocation, type SiteConfig, transformerLines } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Pass, Share, Watch } from './allocate.js';
import { needsByLeaf, policyFor } from './asked.js';
import { type Gain, type Gains, gainsOf, stopOf } from './gains.js';
import type { Problem } from './problem.js';
import { KIND, kindOfLink } from './solver/index.js';
import type { Holder } from './uneven.js';

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
  const stops = new Map<number, Holder>();
  solved.forEach((allocation, i) => {
    const share = shares[i];
    if (share === undefined || !isAsked(share)) return;
    const stop = stopOf(share);
    if (!stops.has(stop) && explains(allocation, share.candidate.previous)) stops.set(stop, share);
  });
  if (stops.size === 0) return solved;
  const needs = needsByLeaf(problem, site);
  const asked = { policy: policyFor(config.policy, needs), needs, ratioAt: ratiosOf(config) };
  watch.entered?.('gains');
  const gains = gainsOf(site, [...stops.values()], asked);
  watch.entered?.('finish');
  const leaves = leavesAt(problem, gains);
  return solved.map((allocation, i) => {
    const share = shares[i];
    const { because } = allocation;
    if (share === undefined || because.kind === 'bound' || !isAsked(share)) return allocation;
    const stop = stopOf(share);
    const found = gains.get(stop);
    if (found === undefined) return allocation;
    const until = Math.min(
      because.until ?? Number.POSITIVE_INFINITY,
      leaves.get(stop) ?? Number.POSITIVE_INFINITY,
    );
    return {
      ...allocation,
      because: {
        ...because,
        ...worthOf(share, found, site.factor[share.candidate.index] ?? 1),
        until: Number.isFinite(until) ? until : null,
      },
    };
  });
}

/** Who takes no limits at present counts as it is: more room would only show afterwards what it gives. */
const isAsked = ({ link, waits, candidate }: Share): boolean =>
  link >= 0 && !waits && candidate.stuckAtA === null;

const ratiosOf =
  (config: SiteConfig) =>
  (node: number): number =>
    transformerLines(config).find((line) => line.node === node && line.side === 'primary')?.ratio ?? 1;

/** Told to a thousandth of an ampere, for a kilowatt where the limit is one of power. */
const DIGITS = { amperes: 1e3, watts: 1e6 };

type Worth = Pick<Extract<Allocation['because'], { kind: 'link' }>, 'gainA' | 'sharers' | 'together'>;

function worthOf(share: Share, { gainA, sharers, together }: Gain, factor: number): Worth {
  const digits = kindOfLink(share.link) === KIND.watts && !share.uneven ? DIGITS.watts : DIGITS.amperes;
  const gain = Math.round((Math.max(0, gainA[share.candidate.index] ?? 0) / factor) * digits) / digits;
  // What is told is the exact share: of a station in large steps, or whose share stays, the steps decide.
  const isOpen = hasSteps(share) && (gain === 0 || !hasSmallSteps(share));
  if (isOpen) return { gainA: null, sharers: sharers.length === 0 ? null : sharers.length };
  return { gainA: gain, sharers: sharers.length, ...togetherOf(together) };
}

/** Named only where there are more than the binding's own. */
const togetherOf = (links: readonly number[]): { readonly together?: readonly Phase[] } =>
  links.length < 2 ? {} : { together: links.map(phaseOfLink) };

function phaseOfLink(link: number): Phase {
  const kind = kindOfLink(link);
  return (kind < KIND.watts ? kind : (kind - KIND.lineA) % 3) as Phase;
}

const hasSteps = ({ candidate: { config } }: Share): boolean => config.stepsA !== null || config.stepA > 0.1;
const hasSmallSteps = ({ candidate: { config } }: Share): boolean =>
  config.stepsA === null && config.stepA <= STEP_A_MAX;
/** Up to here the share that is told is near enough to what can be set. */
const STEP_A_MAX = 1;

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
