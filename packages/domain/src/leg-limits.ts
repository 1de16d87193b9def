// What a limit on lines that is set at some moment leaves the legs of a delta. The site file's own limits become
// lines that the optimizer and the ledger reckon exactly; an envelope comes and goes, and becomes limits of legs
// that keep every line within it whatever the legs draw below them.

import { mapPhases, type NodeId, type PerPhase, PHASES, type Phase } from '@ampledger/kernel';
import { nextLeg } from './phase-currents.js';
import type { NodeConfig, SiteConfig } from './site-config.js';

type Site = Pick<SiteConfig, 'nodes' | 'stations'>;

/**
 * Amperes of the legs AB, BC, CA, from amperes that the lines A, B, C of a node may carry. A line carries two legs
 * that are 60° apart: with 1/√3 of its limit on each it carries just that, and less with less on either. Exact where
 * the legs are even, and less than there is where they are not. A line is its leg where all load below the node is
 * on one; and where the site file limits the line as tightly, its legs have no need to be kept from it.
 */
export function legLimits(site: Site, node: NodeConfig, lineA: PerPhase): PerPhase {
  const onOneLeg = (legsBelow(site).get(node.id)?.size ?? 0) <= 1;
  const ratedA = node.transformer?.secondaryA ?? null;
  const ofLine = (line: Phase): number => {
    const isKept = onOneLeg || (ratedA !== null && ratedA[line] <= lineA[line]);
    return isKept ? lineA[line] : lineA[line] / Math.sqrt(3);
  };
  // Leg k lies between line k and the next.
  return mapPhases((leg) => Math.min(ofLine(leg), ofLine(nextLeg(leg))));
}

type Legs = ReadonlyMap<NodeId, ReadonlySet<Phase>>;
const known = new WeakMap<Site, Legs>();

/** The legs that may carry something below each node; worked out once for each configuration. */
export function legsBelow(site: Site): Legs {
  const made = known.get(site) ?? findLegs(site);
  known.set(site, made);
  return made;
}

function findLegs({ nodes, stations }: Site): Legs {
  const legs = new Map(nodes.map((node) => [node.id, new Set(unmanagedLegs(node))]));
  for (const { node, connectors } of stations) {
    for (const leg of connectors.flatMap(({ phases }) => phases)) legs.get(node)?.add(leg);
  }
  // Children come after their parents.
  for (const node of nodes.toReversed()) {
    const parent = node.parent === null ? undefined : legs.get(node.parent);
    for (const leg of legs.get(node.id) ?? []) parent?.add(leg);
  }
  return legs;
}

/** A meter may report any leg, whatever was said of its most. */
function unmanagedLegs({ unmanaged }: NodeConfig): readonly Phase[] {
  if (unmanaged.kind === 'metered') return PHASES;
  return unmanaged.kind === 'none' ? [] : PHASES.filter((leg) => unmanaged.loadA[leg] > 0);
}
