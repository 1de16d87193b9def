// Behind a delta, a fuse carries what its lines carry, and stations hang between lines: line k carries legs k and
// k - 1 of AB, BC, CA. What is written as the limit of a node is that of its lines. Where all load below a node is
// on one leg, a line is the leg; elsewhere the lines become limits of the engine beside those of the legs.

import { legsBelow, type NodeConfig, nextLeg, type SiteConfig } from '@ampledger/domain';
import { mapPhases, type PerPhase } from '@ampledger/kernel';
import { rounded } from './connector-amounts.js';

type Tree = Pick<SiteConfig, 'nodes' | 'stations'>;

/** Nodes with their limits as written, on lines, to nodes with limits of legs and lines. */
export function limitLines({ nodes, stations }: Tree): readonly NodeConfig[] {
  const legs = legsBelow({ nodes, stations });
  return nodes.map((node) => {
    const onOneLeg = (legs.get(node.id)?.size ?? 0) <= 1;
    const limited = node.limitA === null ? node : limitNode(node, node.limitA, onOneLeg);
    return node.exportA === null ? limited : { ...limited, exportA: exportLegs(node.exportA, onOneLeg) };
  });
}

function limitNode(node: NodeConfig, lineA: PerPhase, onOneLeg: boolean): NodeConfig {
  // The least that either line of the leg may carry. With two legs on it, a line carries more than each of them.
  const limitA = mapPhases((leg) => Math.min(lineA[leg], lineA[nextLeg(leg)]));
  if (onOneLeg) return { ...node, limitA };
  const { transformer } = node;
  const written = transformer?.secondaryA ?? lineA;
  const secondaryA = mapPhases((line) => Math.min(written[line], lineA[line]));
  return { ...node, limitA, transformer: { primaryA: null, ratio: 1, ...transformer, secondaryA } };
}

/** Lines have no limits of export: three equal legs carry 1/√3 of a line, and less of one stays below it. */
function exportLegs(lineA: PerPhase, onOneLeg: boolean): PerPhase {
  const legA = mapPhases((leg) => Math.min(lineA[leg], lineA[nextLeg(leg)]));
  return onOneLeg ? legA : mapPhases((leg) => rounded(legA[leg] / Math.sqrt(3)));
}
