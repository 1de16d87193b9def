// Safe silence: when the engine says nothing more, every connector ends at its `fallback` (a session's lease) or
// its `idle` limit (the default profile of a car that arrives). Whatever mix of the two is on, no node is over
// its limit: the greater of both, summed below each node, fits beside the load that nobody controls. What the
// lines of a transformer carry is reckoned as everywhere else, at the worst of what cars may leave of it.

import {
  anyCarPerAmpere,
  lineCurrentA,
  lineWords,
  type NodeConfig,
  phaseWords,
  type SiteConfig,
  sumOfA,
  type TransformerLine,
  timesA,
  togetherA,
  transformerLines,
} from '@ampledger/domain';
import { addPhases, type NodeId, type PerPhase, PHASES, ZERO } from '@ampledger/kernel';
import type { NodePlace } from './compile.js';
import type { Finding, Path } from './problem.js';

/** Sums of decimal fractions come out a little off. */
const TOLERANCE_A = 1e-6;

interface Load {
  held: PerPhase;
  /** Of what is held, the amperes that all phases carry at once: less, where one phase may be any of three. */
  heldAtOnceA: number;
  constant: PerPhase;
  metered: PerPhase;
}

type Site = Pick<SiteConfig, 'nodes' | 'stations' | 'voltageV' | 'wiring'>;

export function silenceFindings(site: Site, nodePlaces: ReadonlyMap<NodeId, NodePlace>): readonly Finding[] {
  const loads = loadsBelow(site);
  const lines = linesByNode(site);
  return site.nodes.flatMap((node, index) => {
    const load = loads.get(node.id);
    if (load === undefined) return [];
    const { path, hasTransformer } = nodePlaces.get(node.id) ?? { path: [], hasTransformer: false };
    const at = (key: string): Path => [...path, key];
    return [
      ...worstOf(
        node,
        lineMeasures(lines.get(index) ?? [], load),
        at(hasTransformer ? 'transformer' : 'limit'),
      ),
      // Where lines are limited, legs are within their limits when the lines are.
      ...worstOf(
        node,
        node.transformer?.secondaryA ? [] : phaseMeasures(node, load, site.wiring),
        at('limit'),
      ),
      ...worstOf(node, powerMeasures(node, load, site.voltageV), at('limit')),
      ...unbalanceFindings(node, load, { wiring: site.wiring, path: at('unbalance') }),
    ];
  });
}

/** Children come after their parents: backwards, every node is complete before it is added to its parent. */
function loadsBelow({ nodes, stations, wiring }: Site): ReadonlyMap<NodeId, Load> {
  const loads = new Map<NodeId, Load>(nodes.map((node) => [node.id, ownLoad(node)]));
  for (const station of stations) {
    const load = loads.get(station.node);
    for (const connector of station.connectors) {
      const { fallbackA, idleA } = connector;
      const ownA = Math.max(fallbackA, idleA);
      const eachA = timesA(anyCarPerAmpere(wiring, connector), ownA);
      if (load === undefined) continue;
      load.held = addPhases(load.held, eachA);
      load.heldAtOnceA += sumOfA({ eachA, togetherA: togetherA(wiring, connector, ownA) });
    }
  }
  for (const node of nodes.toReversed()) {
    const load = loads.get(node.id);
    const parent = node.parent === null ? undefined : loads.get(node.parent);
    if (load === undefined || parent === undefined) continue;
    parent.held = addPhases(parent.held, load.held);
    parent.heldAtOnceA += load.heldAtOnceA;
    parent.constant = addPhases(parent.constant, load.constant);
    parent.metered = addPhases(parent.metered, load.metered);
  }
  return loads;
}

const ownLoad = ({ unmanaged }: NodeConfig): Load => ({
  held: ZERO,
  heldAtOnceA: 0,
  constant: unmanaged.kind === 'constant' ? unmanaged.loadA : ZERO,
  metered: unmanaged.kind === 'metered' ? unmanaged.maxA : ZERO,
});

/** One limit, and what of a load counts against it: by itself, and all together. */
interface Measure {
  readonly where: string;
  readonly unit: string;
  readonly limit: number;
  readonly held: number;
  readonly constant: number;
  readonly unmanaged: number;
  readonly total: number;
}

type Counted = Pick<Measure, 'held' | 'constant' | 'unmanaged' | 'total'>;

function counted({ held, constant, metered }: Load, of: (currentA: PerPhase) => number): Counted {
  const unmanaged = addPhases(constant, metered);
  return {
    held: of(held),
    constant: of(constant),
    unmanaged: of(unmanaged),
    total: of(addPhases(held, unmanaged)),
  };
}

const phaseMeasures = ({ limitA }: NodeConfig, load: Load, wiring: Site['wiring']): readonly Measure[] =>
  limitA === null
    ? []
    : PHASES.map((phase) => ({
        where: ` on ${phaseWords(wiring, phase)}`,
        unit: 'A',
        limit: limitA[phase],
        ...counted(load, (currentA) => currentA[phase]),
      }));

function linesByNode(site: Site): ReadonlyMap<number, readonly TransformerLine[]> {
  const lines = new Map<number, TransformerLine[]>();
  for (const line of transformerLines(site)) {
    const sameNode = lines.get(line.node);
    if (sameNode) sameNode.push(line);
    else lines.set(line.node, [line]);
  }
  return lines;
}

const lineMeasures = (lines: readonly TransformerLine[], load: Load): readonly Measure[] =>
  lines.map((line) => ({
    where: ` in line ${lineWords(line.phase)}${line.side === 'primary' ? ' of the primary side' : ''}`,
    unit: 'A',
    limit: line.limitA,
    ...counted(load, (legsA) => lineCurrentA(line, legsA)),
  }));

function powerMeasures({ limitW }: NodeConfig, load: Load, voltageV: number): readonly Measure[] {
  if (limitW === null) return [];
  const kW = (sumA: number): number => (sumA * voltageV) / 1000;
  const of = ([l1, l2, l3]: PerPhase): number => kW(l1 + l2 + l3);
  const held = kW(load.heldAtOnceA);
  const unmanaged = of(addPhases(load.constant, load.metered));
  const measured = { held, constant: of(load.constant), unmanaged, total: held + unmanaged };
  return [{ where: '', unit: 'kW', limit: limitW / 1000, ...measured }];
}

/** A meter may show more than the limit some day: then nothing is left for cars, but nothing is wrong with the file. */
const overBy = ({ held, total, constant, limit }: Measure): number =>
  Math.max(held > TOLERANCE_A ? total - limit : 0, constant - limit);

/** One finding for a node: the limit that is exceeded most. */
function worstOf(node: NodeConfig, measures: readonly Measure[], path: Path): readonly Finding[] {
  const worst = measures.toSorted((a, b) => overBy(b) - overBy(a))[0];
  if (worst === undefined || overBy(worst) <= TOLERANCE_A) return [];
  return [{ path, ...wordsOf(node, worst) }];
}

function wordsOf(node: NodeConfig, m: Measure): Omit<Finding, 'path'> {
  const amount = (value: number): string => `${Number(value.toFixed(2))} ${m.unit}`;
  if (m.constant > m.limit + TOLERANCE_A) {
    const message = `the unmanaged load of \`${node.id}\` and below, ${amount(m.constant)}${m.where}, is above its limit of ${amount(m.limit)}`;
    return { message, expected: 'an unmanaged load below the limit' };
  }
  const less = m.unmanaged === 0 ? '' : ` less ${amount(m.unmanaged)} unmanaged`;
  return {
    message: `silence is not safe: the \`fallback\` and \`idle\` limits below \`${node.id}\` sum to ${amount(m.held)}${m.where}, above the limit of ${amount(m.limit)}${less}`,
    expected: `a sum of at most ${amount(Math.max(0, m.limit - m.unmanaged))}${m.where} (of each connector, the greater of \`fallback\` and \`idle\`)`,
  };
}

/** At the limits as they are given: no car needs to take what it may, and then no difference is sure. */
function unbalanceFindings(
  node: NodeConfig,
  { held }: Load,
  { wiring, path }: { readonly wiring: Site['wiring']; readonly path: Path },
): readonly Finding[] {
  const { unbalanceA } = node;
  if (unbalanceA === null) return [];
  const most = PHASES.toSorted((a, b) => held[b] - held[a])[0] ?? 0;
  const least = PHASES.toSorted((a, b) => held[a] - held[b])[0] ?? 0;
  const differenceA = held[most] - held[least];
  if (differenceA <= unbalanceA + TOLERANCE_A) return [];
  const amount = (value: number): string => `${Number(value.toFixed(2))} A`;
  return [
    {
      path,
      message: `the \`fallback\` and \`idle\` limits below \`${node.id}\` sum to ${amount(differenceA)} more on ${phaseWords(wiring, most)} than on ${phaseWords(wiring, least)}`,
      expected: `a difference of at most ${amount(unbalanceA)} (of each connector, the greater of \`fallback\` and \`idle\`)`,
    },
  ];
}
