// What one ampere more on a link would give: for the policy that holds, by sharing again with that ampere.

import type { Policy } from '@ampledger/domain';
import { type Needs, share } from './policy/index.js';
import type { SiteNetwork } from './site-network.js';
import { KIND, kindOfLink, marginals } from './solver/index.js';

export interface Gain {
  /** By leaf that the link stops: amperes for one ampere more on it, or for one watt where it is a limit of power. */
  readonly gainA: Float64Array;
  /** Leaves that would have more. */
  readonly sharers: readonly number[];
}
/** By link. A link that is left out was not looked at. */
export type Gains = ReadonlyMap<number, Gain>;
export const NO_GAINS: Gains = new Map();

/** Beyond these it is left open for all policies but `fair`, where it follows from the filling itself. */
const LEAVES_MAX = 400;
const LINKS_MAX = 6;
/** Less is rounding. */
const LEAST_A = 1e-3;
const WATTS_OF_AN_AMPERE = 230;

interface Ask {
  readonly policy: Policy;
  readonly needs: Needs;
}

/** The site as it was shared last; its limits are as before afterwards, its `scratch` is not. */
export function gainsOf(site: SiteNetwork, links: readonly number[], { policy, needs }: Ask): Gains {
  const { network, scratch } = site;
  if (policy === 'fair') return fromFilling(site, links);
  if (network.leaves > LEAVES_MAX || links.length > LINKS_MAX) return NO_GAINS;
  const sharedA = Float64Array.from(scratch.limitA);
  const gains = new Map<number, Gain>();
  for (const link of links) {
    const limit = network.limit[link] ?? 0;
    const step = kindOfLink(link) === KIND.watts ? WATTS_OF_AN_AMPERE : 1;
    network.limit[link] = limit + step;
    share(network, scratch, needs, policy);
    network.limit[link] = limit;
    const gainA = sharedA.map((before, leaf) => ((scratch.limitA[leaf] ?? 0) - before) / step);
    gains.set(link, { gainA, sharers: sharersOf(gainA, LEAST_A / step) });
  }
  return gains;
}

/** The derivative to the right, from the structure of the filling: exact and in linear time. */
function fromFilling({ network, scratch }: SiteNetwork, links: readonly number[]): Gains {
  const { gainA } = marginals(network, scratch);
  // Everybody's gain is on the link that stops it: one array serves all.
  const sharers = new Map<number, number[]>(links.map((link) => [link, []]));
  gainA.forEach((gain, leaf) => {
    if (gain > 0) sharers.get(scratch.binding[leaf] ?? -1)?.push(leaf);
  });
  return new Map(links.map((link) => [link, { gainA, sharers: sharers.get(link) ?? [] }]));
}

const sharersOf = (gainA: Float64Array, leastA: number): readonly number[] => {
  const sharers: number[] = [];
  gainA.forEach((gain, leaf) => {
    if (gain > leastA) sharers.push(leaf);
  });
  return sharers;
};
