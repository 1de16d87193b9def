// Safe silence: when the engine says nothing more, every connector ends at its `fallback` (a session's lease) or
// its `idle` limit (the default profile of a car that arrives). Whatever mix of the two is on, no node is over
// its limit: the greater of both, summed below each node, fits beside the load that nobody controls.

import type { NodeConfig, SiteConfig } from '@ampledger/domain';
import { addPhases, type NodeId, onPhases, type PerPhase, PHASES, phaseName, ZERO } from '@ampledger/kernel';
import type { Finding, Path } from './problem.js';

/** Sums of decimal fractions come out a little off. */
const TOLERANCE_A = 1e-6;

interface Load {
  held: PerPhase;
  constant: PerPhase;
  metered: PerPhase;
}

export function silenceFindings(
  { nodes, stations, voltageV }: Pick<SiteConfig, 'nodes' | 'stations' | 'voltageV'>,
  nodePaths: ReadonlyMap<NodeId, Path>,
): readonly Finding[] {
  const loads = loadsBelow(nodes, stations);
  return nodes.flatMap((node) => {
    const load = loads.get(node.id);
    const path = [...(nodePaths.get(node.id) ?? []), 'limit'];
    if (load === undefined) return [];
    return [...currentFindings(node, load, path), ...powerFindings(node, load, { path, voltageV })];
  });
}

/** Children come after their parents: backwards, every node is complete before it is added to its parent. */
function loadsBelow(
  nodes: readonly NodeConfig[],
  stations: SiteConfig['stations'],
): ReadonlyMap<NodeId, Load> {
  const loads = new Map<NodeId, Load>(nodes.map((node) => [node.id, ownLoad(node)]));
  for (const station of stations) {
    const load = loads.get(station.node);
    for (const { phases, fallbackA, idleA } of station.connectors) {
      if (load) load.held = addPhases(load.held, onPhases(phases, Math.max(fallbackA, idleA)));
    }
  }
  for (const node of nodes.toReversed()) {
    const load = loads.get(node.id);
    const parent = node.parent === null ? undefined : loads.get(node.parent);
    if (load === undefined || parent === undefined) continue;
    parent.held = addPhases(parent.held, load.held);
    parent.constant = addPhases(parent.constant, load.constant);
    parent.metered = addPhases(parent.metered, load.metered);
  }
  return loads;
}

const ownLoad = ({ unmanaged }: NodeConfig): Load => ({
  held: ZERO,
  constant: unmanaged.kind === 'constant' ? unmanaged.loadA : ZERO,
  metered: unmanaged.kind === 'metered' ? unmanaged.maxA : ZERO,
});

/** One finding for a node: its worst phase. */
function currentFindings(node: NodeConfig, load: Load, path: Path): readonly Finding[] {
  const { limitA } = node;
  if (limitA === null) return [];
  const measures = PHASES.map((phase) => ({
    where: ` on ${phaseName(phase)}`,
    unit: 'A',
    limit: limitA[phase],
    held: load.held[phase],
    constant: load.constant[phase],
    metered: load.metered[phase],
    tolerance: TOLERANCE_A,
  }));
  const worst = measures.toSorted((a, b) => overBy(b) - overBy(a))[0];
  return worst === undefined ? [] : measureFindings(node, worst, path);
}

function powerFindings(
  node: NodeConfig,
  load: Load,
  { path, voltageV }: { path: Path; voltageV: number },
): readonly Finding[] {
  if (node.limitW === null) return [];
  const kilowatts = ([l1, l2, l3]: PerPhase): number => ((l1 + l2 + l3) * voltageV) / 1000;
  return measureFindings(
    node,
    {
      where: '',
      unit: 'kW',
      limit: node.limitW / 1000,
      held: kilowatts(load.held),
      constant: kilowatts(load.constant),
      metered: kilowatts(load.metered),
      tolerance: TOLERANCE_A,
    },
    path,
  );
}

interface Measure {
  readonly where: string;
  readonly unit: string;
  readonly limit: number;
  readonly held: number;
  readonly constant: number;
  readonly metered: number;
  readonly tolerance: number;
}

/** A meter may show more than the limit some day: then nothing is left for cars, but nothing is wrong with the file. */
const room = ({ limit, constant, metered }: Measure): number => Math.max(0, limit - constant - metered);
const overBy = (m: Measure): number => Math.max(m.held - room(m), m.constant - m.limit);

function measureFindings(node: NodeConfig, m: Measure, path: Path): readonly Finding[] {
  if (overBy(m) <= m.tolerance) return [];
  const amount = (value: number): string => `${Number(value.toFixed(2))} ${m.unit}`;
  if (m.constant > m.limit + m.tolerance) {
    const message = `the unmanaged load of \`${node.id}\` and below, ${amount(m.constant)}${m.where}, is above its limit of ${amount(m.limit)}`;
    return [{ path, message, expected: 'an unmanaged load below the limit' }];
  }
  const unmanaged = m.constant + m.metered;
  const less = unmanaged === 0 ? '' : ` less ${amount(unmanaged)} unmanaged`;
  return [
    {
      path,
      message: `silence is not safe: the \`fallback\` and \`idle\` limits below \`${node.id}\` sum to ${amount(m.held)}${m.where}, above the limit of ${amount(m.limit)}${less}`,
      expected: `a sum of at most ${amount(room(m))}${m.where} (of each connector, the greater of \`fallback\` and \`idle\`)`,
    },
  ];
}
