// Links: every limit of the tree as one row. Node n has four: the currents on L1, L2, L3 and the
// power, at indices 4n .. 4n+3. Optimizer, command service and views all reckon on the same rows.

import {
  type ConnectorKey,
  connectorKey,
  maxPhases,
  type NodeId,
  type PerPhase,
  PHASES,
  type Phase,
  type StationId,
  ZERO,
} from '@ampledger/kernel';
import { feedIn, nodeCapacity, unmanagedLoad } from './capacity.js';
import { anyCarPerAmpere, type Load, perAmpere, sumOfA, togetherPerAmpere } from './phase-currents.js';
import type { ConnectorConfig, SiteConfig } from './site-config.js';
import type { SiteState } from './state.js';

export const LINKS_PER_NODE = 4;
const POWER = 3;

export interface PlacedConnector {
  readonly key: ConnectorKey;
  readonly station: StationId;
  readonly node: NodeId;
  readonly config: ConnectorConfig;
  /** Indices of the nodes from its own up to the root. */
  readonly path: readonly number[];
  /** Links that it may load. */
  readonly links: readonly number[];
  /** How much one ampere of its limit adds to each of them, as long as nothing is known of its car: 1, or volts. */
  readonly weights: readonly number[];
}

/** The shape of a site, worked out once for each configuration. */
export interface Topology {
  readonly nodeIndex: ReadonlyMap<NodeId, number>;
  readonly paths: ReadonlyMap<NodeId, readonly number[]>;
  readonly connectors: readonly PlacedConnector[];
  readonly byKey: ReadonlyMap<ConnectorKey, PlacedConnector>;
  readonly linkCount: number;
}

const topologies = new WeakMap<SiteConfig, Topology>();

export function topologyOf(config: SiteConfig): Topology {
  const known = topologies.get(config);
  if (known) return known;
  const made = makeTopology(config);
  topologies.set(config, made);
  return made;
}

function makeTopology(config: SiteConfig): Topology {
  const nodeIndex = new Map(config.nodes.map((node, index) => [node.id, index]));
  const paths = new Map<NodeId, readonly number[]>();
  config.nodes.forEach((node, index) => {
    paths.set(node.id, node.parent === null ? [index] : [index, ...(paths.get(node.parent) ?? [])]);
  });
  const connectors = config.stations.flatMap((station) =>
    station.connectors.map((connector) => {
      const path = paths.get(station.node) ?? [];
      return {
        key: connectorKey(station.id, connector.evseId),
        station: station.id,
        node: station.node,
        config: connector,
        path,
        ...linksOf(path, connector, config),
      };
    }),
  );
  const byKey = new Map(connectors.map((c) => [c.key, c]));
  return { nodeIndex, paths, connectors, byKey, linkCount: config.nodes.length * LINKS_PER_NODE };
}

function linksOf(
  path: readonly number[],
  connector: ConnectorConfig,
  { voltageV, wiring }: Pick<SiteConfig, 'voltageV' | 'wiring'>,
): Pick<PlacedConnector, 'links' | 'weights'> {
  const eachA = anyCarPerAmpere(wiring, connector);
  const links: number[] = [];
  const weights: number[] = [];
  for (const node of path) {
    for (const phase of connector.phases) {
      links.push(node * LINKS_PER_NODE + phase);
      weights.push(eachA[phase]);
    }
    links.push(node * LINKS_PER_NODE + POWER);
    weights.push(voltageV * sumOfA({ eachA, togetherA: togetherPerAmpere(wiring, connector) }));
  }
  return { links, weights };
}

/** What one ampere of a connector's limit on these phases is in watts. */
export function wattsPerAmpere(
  { voltageV, wiring }: Pick<SiteConfig, 'voltageV' | 'wiring'>,
  phases: readonly Phase[],
): number {
  const eachA = perAmpere(wiring, phases);
  return voltageV * (eachA[0] + eachA[1] + eachA[2]);
}

export interface LinkCapacities {
  /** Amperes (or watts) that connectors may use: the limit less unmanaged load and reserve. May be negative. */
  readonly capacity: Float64Array;
  /** The same without the reserve taken off: what must never be exceeded. */
  readonly ceiling: Float64Array;
  /** Whose limit each link is: `rating` or an envelope's source. */
  readonly by: readonly string[];
}

export function linkCapacities(state: SiteState, now: number): LinkCapacities {
  const { nodes, voltageV } = state.config;
  const topology = topologyOf(state.config);
  const ceiling = new Float64Array(topology.linkCount);
  const reserve = new Float64Array(topology.linkCount);
  const by: string[] = [];
  nodes.forEach((node, index) => {
    const found = nodeCapacity(state, node, now);
    const base = index * LINKS_PER_NODE;
    for (const phase of PHASES) {
      ceiling[base + phase] = found.perPhase[phase].limitA;
      reserve[base + phase] = node.reserveA;
      by.push(found.perPhase[phase].by);
    }
    ceiling[base + POWER] = found.power.limitW;
    reserve[base + POWER] = node.reserveA * voltageV * PHASES.length;
    by.push(found.power.by);
    addAbove(ceiling, topology.paths.get(node.id) ?? [], found.unmanagedA, { voltageV, sign: -1 });
  });
  return { ceiling, capacity: ceiling.map((value, link) => value - (reserve[link] ?? 0)), by };
}

/** What flows that nobody controls, summed over the tree: by link, as the load of connectors. */
export interface UnmanagedSpans {
  /** What is drawn, 0 and above: it may be all there while nothing is fed in. */
  readonly drawn: Float64Array;
  /** What is fed in, 0 and below. */
  readonly feed: Float64Array;
}

/** The same load by itself, for lines: there, other than in sums, feed-in on one leg makes no room on another. */
export function unmanagedSpans(state: SiteState, now: number): UnmanagedSpans {
  const { nodes, voltageV } = state.config;
  const topology = topologyOf(state.config);
  const drawn = new Float64Array(topology.linkCount);
  const feed = new Float64Array(topology.linkCount);
  for (const node of nodes) {
    const { unmanagedA } = unmanagedLoad(state, node, now);
    const path = topology.paths.get(node.id) ?? [];
    addAbove(drawn, path, maxPhases(unmanagedA, ZERO), { voltageV, sign: 1 });
    addAbove(feed, path, feedIn(state, node, now), { voltageV, sign: 1 });
  }
  return { drawn, feed };
}

/** A load flows through every node above the one that carries it. */
function addAbove(
  rows: Float64Array,
  path: readonly number[],
  currentA: PerPhase,
  { voltageV, sign }: { readonly voltageV: number; readonly sign: number },
): void {
  for (const up of path) addToNode(rows, up, currentA, voltageV, sign);
}

/**
 * Adds `sign` times a current, amperes per phase, to the four links of a node. `sumA`: what all phases carry at once,
 * where that is less than all of them.
 */
export function addToNode(
  rows: Float64Array,
  node: number,
  currentA: PerPhase,
  voltageV: number,
  sign = 1,
  sumA = currentA[0] + currentA[1] + currentA[2],
): void {
  const base = node * LINKS_PER_NODE;
  for (const phase of PHASES) rows[base + phase] = (rows[base + phase] ?? 0) + sign * currentA[phase];
  rows[base + POWER] = (rows[base + POWER] ?? 0) + sign * sumA * voltageV;
}

/** Adds a connector's load to every node above it. */
export function addToPath(
  rows: Float64Array,
  placed: Pick<PlacedConnector, 'path'>,
  load: Load,
  voltageV: number,
): void {
  const sumA = sumOfA(load);
  for (const node of placed.path) addToNode(rows, node, load.eachA, voltageV, 1, sumA);
}

/** The node and phase behind a link; phase null is power. */
export function linkAt(config: SiteConfig, link: number): { node: NodeId; phase: Phase | null } {
  const node = config.nodes[Math.floor(link / LINKS_PER_NODE)];
  const row = link % LINKS_PER_NODE;
  return { node: node?.id ?? ('' as NodeId), phase: row === POWER ? null : (row as Phase) };
}
