// Whether a limit on unbalance stops a connector, and not the full link that filling names in its place.

import { sumLeaves } from './admission/ledger.js';
import type { SiteNetwork } from './site-network.js';
import { kindOfLink, nodeOfLink, SUMS } from './solver/index.js';
import { carriedOf } from './solver/lines.js';
import { hasUnbalance } from './solver/unbalance.js';

/** A link that has this left is not full, A. */
const ROOM_A = 1e-3;

/** Of the share that stands in the site's scratch: by leaf and the link that is named for it. */
export function stoppedByUnbalance({
  network,
  scratch,
}: SiteNetwork): (leaf: number, link: number) => boolean {
  if (!hasUnbalance(network)) return () => false;
  const sums = new Float64Array(network.nodes * SUMS);
  sumLeaves(network, scratch.limitA, sums);
  return (leaf, link) => {
    const node = link < 0 ? -1 : nodeOfLink(link);
    if (node < 0 || network.unbalance[node] === Number.POSITIVE_INFINITY) return false;
    const room = (network.limit[link] as number) - carriedOf(sums, node * SUMS, kindOfLink(link));
    // Who waits may want more than is left though something is left.
    const waits = network.maxA[leaf] === network.minA[leaf];
    return room > (waits ? WAKE_A : ROOM_A);
  };
}
const WAKE_A = 6;
