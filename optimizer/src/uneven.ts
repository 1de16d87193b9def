// What stops a connector where unbalance is limited: filling under caps names the link of the phase that was capped,
// which need not be full. Then it is the limit on unbalance of a node, or another link that is full.

import { sumLeaves } from './admission/ledger.js';
import type { SiteNetwork } from './site-network.js';
import { KIND, KINDS, kindOfLink, linkOf, type Network, nodeOfLink, SUMS, uses } from './solver/index.js';
import { carriedOf } from './solver/lines.js';
import { hasUnbalance } from './solver/unbalance.js';

/** A link that has this left is not full. */
const ROOM_A = 1e-3;
const ROOM_W = 1;
/** Who waits may want more than is left though something is left. */
const WAKE_A = 6;

export interface Holder {
  /** -1: its own bound. */
  readonly link: number;
  /** The limit on unbalance of that link's node does, not the link, whose phase is the one that is too far above. */
  readonly uneven: boolean;
}

/** Of the share that stands in the site's scratch: by leaf and the link that is named for it. */
export function holders({ network, scratch }: SiteNetwork): (leaf: number, link: number) => Holder {
  if (!hasUnbalance(network)) return (_, link) => ({ link, uneven: false });
  const sums = new Float64Array(network.nodes * SUMS);
  sumLeaves(network, scratch.limitA, sums);
  return (leaf, link) => {
    if (link < 0) return { link, uneven: false };
    const waits = network.maxA[leaf] === network.minA[leaf];
    if (isFull(network, sums, link) || (waits && roomOn(network, sums, link) <= WAKE_A))
      return { link, uneven: false };
    if (waits) return { link, uneven: mayBeUneven(network, leaf, link) };
    const uneven = unevenLink(network, sums, leaf);
    if (uneven !== null) return { link: uneven, uneven: true };
    return { link: fullLink(network, sums, leaf) ?? link, uneven: false };
  };
}

const roomOn = ({ limit }: Network, sums: Float64Array, link: number): number =>
  (limit[link] as number) - carriedOf(sums, nodeOfLink(link) * SUMS, kindOfLink(link));

const isFull = (network: Network, sums: Float64Array, link: number): boolean =>
  roomOn(network, sums, link) <= (kindOfLink(link) === KIND.watts ? ROOM_W : ROOM_A);

const ALL_PHASES = 7;
/** Who uses all phases alike changes no difference. */
const mayBeUneven = ({ unbalance, phases }: Network, leaf: number, link: number): boolean =>
  kindOfLink(link) < KIND.watts &&
  unbalance[nodeOfLink(link)] !== Number.POSITIVE_INFINITY &&
  phases[leaf] !== ALL_PHASES;

/** The first phase on the way up that is as far above one of the others as it may be, and that the leaf would raise. */
function unevenLink(
  { unbalance, parent, node: nodeOf, phases: phasesOf }: Network,
  sums: Float64Array,
  leaf: number,
): number | null {
  const phases = phasesOf[leaf] as number;
  for (let node = nodeOf[leaf] as number; node >= 0; node = parent[node] as number) {
    for (let up = 0; up < KIND.watts; up++) {
      for (let other = 0; other < KIND.watts; other++) {
        if (((phases >> up) & 1) === 0 || ((phases >> other) & 1) === 1) continue;
        const apart = (sums[node * SUMS + up] as number) - (sums[node * SUMS + other] as number);
        if (apart >= (unbalance[node] as number) - ROOM_A) return linkOf(node, up);
      }
    }
  }
  return null;
}

/** The first full link on the way up that the leaf loads. */
function fullLink(network: Network, sums: Float64Array, leaf: number): number | null {
  const { parent, node: nodeOf, phases, limit } = network;
  for (let node = nodeOf[leaf] as number; node >= 0; node = parent[node] as number) {
    for (let kind = 0; kind < KINDS; kind++) {
      const link = linkOf(node, kind);
      if (limit[link] === Number.POSITIVE_INFINITY || !uses(phases[leaf] as number, kind)) continue;
      if (isFull(network, sums, link)) return link;
    }
  }
  return null;
}
