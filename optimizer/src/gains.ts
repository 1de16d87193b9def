// What one ampere more on a link, or of difference between phases, would give: for the policy that holds, by sharing
// again with that ampere.

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
import { hasUnbalance } from './solver/unbalance.js';
import type { Holder } from './uneven.js';

export interface Gain {
  /**
   * By leaf that the link stops: amperes for one ampere more on it, of the line itself where it is one; or for one
   * watt where it is a limit of power, of a thousand more.
   */
  readonly gainA: Float64Array;
  /** Leaves that would have more. */
  readonly sharers: readonly number[];
  /**
   * Links that have the ampere, this one among them: phases of a node that are full together, because a fuse has all
   * of them and cars on three phases would gain nothing by one; or lines of one side of a transformer.
   */
  readonly together: readonly number[];
}
/** By what stops. What is left out was not looked at. */
export type Gains = ReadonlyMap<number, Gain>;
/** One number for each link, and one for each limit on unbalance. */
export const stopOf = ({ link, uneven }: Holder): number => (uneven ? -1 - nodeOfLink(link) : link);
export const NO_GAINS: Gains = new Map();

/** Beyond these it is left open for all policies but `fair`, where it follows from the filling itself. */
const LEAVES_MAX = 400;
const LINKS_MAX = 6;
/** Less is rounding. */
const LEAST_A = 1e-3;
/** Said by the kilowatt. */
const STEP_W = 1000;

interface Ask {
  readonly policy: Policy;
  readonly needs: Needs;
  /** By node: what one ampere of a line on the primary side of its transformer is in the unit of that link. */
  readonly ratioAt: (node: number) => number;
}

/** The site as it was shared last; its limits are as before afterwards, its `scratch` is not. */
export function gainsOf(site: SiteNetwork, stops: readonly Holder[], asked: Ask): Gains {
  const { network, scratch } = site;
  const sums = sumsOf(network, scratch.limitA);
  if (network.leaves > LEAVES_MAX || stops.length > LINKS_MAX)
    return asked.policy === 'fair' && !hasUnbalance(network)
      ? fromFilling(site, stops, sums, asked)
      : NO_GAINS;
  const sharedA = scratch.limitA.slice();
  const gains = new Map<number, Gain>();
  for (const stop of stops) {
    const watts = !stop.uneven && kindOfLink(stop.link) === KIND.watts;
    const step = watts ? STEP_W : 1;
    const together = stop.uneven ? [stop.link] : fullWith(network, sums, stop.link);
    shareRaised(site, { ...stop, together, step }, asked);
    const gainA = sharedA.map((before, leaf) => ((scratch.limitA[leaf] ?? 0) - before) / step);
    gains.set(stopOf(stop), { gainA, sharers: sharersOf(gainA, LEAST_A / step), together });
  }
  return gains;
}

type Raise = Holder & { readonly together: readonly number[]; readonly step: number };

/** Shares as if there were that much more; limits are as before afterwards. */
function shareRaised(site: SiteNetwork, { link, uneven, together, step }: Raise, asked: Ask): void {
  const { network, memory } = site;
  const row = uneven ? network.unbalance : network.limit;
  const raised = uneven ? [nodeOfLink(link)] : together;
  const before = raised.map((at) => row[at] ?? 0);
  const more = uneven ? step : step * unitOf(link, asked);
  raised.forEach((at, i) => {
    row[at] = (before[i] ?? 0) + more;
  });
  shareAgain(site, memory, asked.needs, asked.policy);
  raised.forEach((at, i) => {
    row[at] = before[i] ?? 0;
  });
}

/** One ampere (or watt) of a link in the unit of its limit. */
const unitOf = (link: number, { ratioAt }: Ask): number =>
  kindOfLink(link) >= KIND.primaryA ? ratioAt(nodeOfLink(link)) : 1;

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
function fromFilling(
  { network, scratch }: SiteNetwork,
  stops: readonly Holder[],
  sums: Float64Array,
  asked: Ask,
): Gains {
  const found = marginals(network, scratch);
  // Everybody's gain is on the link that stops it: one array serves all.
  const gainA = found.gainA.map((gain, leaf) => {
    const link = scratch.binding[leaf] ?? -1;
    return link < 0 ? gain : gain * unitOf(link, asked);
  });
  const sharers = new Map<number, number[]>(stops.map(({ link }) => [link, []]));
  gainA.forEach((gain, leaf) => {
    if (gain > 0) sharers.get(scratch.binding[leaf] ?? -1)?.push(leaf);
  });
  return new Map(
    stops.map(({ link }) => [
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
