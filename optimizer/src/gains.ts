// What one ampere more on a link would give: for the policy that holds, by sharing again with that ampere.

import type { Policy } from '@ampledger/domain';
import { type Needs, shareAgain, sumsOf } from './policy/index.js';
import type { SiteNetwork } from './site-network.js';
import {
  carriedOf,
  KIND,
  kindOfLink,
  linkOf,
  marginals,
  type Network,
  nodeOfLink,
  SUMS,
} from './solver/index.js';

export interface Gain {
  /** By leaf that the link stops: amperes for one ampere more on it, or for one watt where it is a limit of power. */
  readonly gainA: Float64Array;
  /** Leaves that would have more. */
  readonly sharers: readonly number[];
  /**
   * Links that have the ampere, this one among them: phases of a node that are full together, because a fuse has all
   * of them and cars on three phases would gain nothing by one; or lines of one side of a transformer.
   */
  readonly together: readonly number[];
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
  const sums = sumsOf(network, scratch.limitA);
  if (network.leaves > LEAVES_MAX || links.length > LINKS_MAX)
    return policy === 'fair' ? fromFilling(site, links, sums) : NO_GAINS;
  const sharedA = scratch.limitA.slice();
  const gains = new Map<number, Gain>();
  for (const link of links) {
    const step = kindOfLink(link) === KIND.watts ? WATTS_OF_AN_AMPERE : 1;
    const together = fullWith(network, sums, link);
    const limits = together.map((each) => network.limit[each] ?? 0);
    for (const each of together) network.limit[each] = (network.limit[each] ?? 0) + step;
    shareAgain(site, site.memory, needs, policy);
    together.forEach((each, i) => {
      network.limit[each] = limits[i] ?? 0;
    });
    const gainA = sharedA.map((before, leaf) => ((scratch.limitA[leaf] ?? 0) - before) / step);
    gains.set(link, { gainA, sharers: sharersOf(gainA, LEAST_A / step), together });
  }
  return gains;
}

/** Kinds whose limits one device has. */
const GROUPS = [
  [KIND.L1, KIND.L2, KIND.L3],
  [KIND.watts],
  [KIND.lineA, KIND.lineB, KIND.lineC],
  [KIND.primaryA, KIND.primaryB, KIND.primaryC],
] as const satisfies readonly (readonly number[])[];

/** Less room than this is none to anybody who reads of it. */
const FULL_A = 0.1;

function fullWith(network: Network, sums: Float64Array, link: number): readonly number[] {
  const kind = kindOfLink(link);
  const node = nodeOfLink(link);
  const kinds: readonly number[] = GROUPS.find((group) => (group as readonly number[]).includes(kind)) ?? [];
  return kinds
    .map((other) => linkOf(node, other))
    .filter((other) => {
      const left = (network.limit[other] ?? 0) - carriedOf(sums, node * SUMS, kindOfLink(other));
      return other === link || left <= FULL_A;
    });
}

/**
 * The derivative to the right, from the structure of the filling, in linear time: exact where the links that are full
 * together are so for the same leaves, or no two are.
 */
function fromFilling({ network, scratch }: SiteNetwork, links: readonly number[], sums: Float64Array): Gains {
  const { gainA } = marginals(network, scratch);
  // Everybody's gain is on the link that stops it: one array serves all.
  const sharers = new Map<number, number[]>(links.map((link) => [link, []]));
  gainA.forEach((gain, leaf) => {
    if (gain > 0) sharers.get(scratch.binding[leaf] ?? -1)?.push(leaf);
  });
  return new Map(
    links.map((link) => [
      link,
      { gainA, sharers: sharers.get(link) ?? [], together: fullWith(network, sums, link) },
    ]),
  );
}

const sharersOf = (gainA: Float64Array, leastA: number): readonly number[] => {
  const sharers: number[] = [];
  gainA.forEach((gain, leaf) => {
    if (gain > leastA) sharers.push(leaf);
  });
  return sharers;
};
