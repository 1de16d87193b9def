// Links: every limit of the tree as one row. Node n has four: the currents on L1, L2, L3 and the
// power, at indices 4n .. 4n+3. Optimizer, command service and views all reckon on the same rows.

import {
  type ConnectorKey,
  connectorKey,
  type NodeId,
  type PerPhase,
  PHASES,
  type Phase,
  type StationId,
} from '@ampledger/kernel';
import { nodeCapacity } from './capacity.js';
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
  /** Links it loads, and how much one ampere on each of its phases adds to each: 1, or volts. */
  readonly links: readonly number[];
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
        ...linksOf(path, connector.phases, config.voltageV),
      };
    }),
  );
  const byKey = new Map(connectors.map((c) => [c.key, c]));
  return { nodeIndex, paths, connectors, byKey, linkCount: config.nodes.length * LINKS_PER_NODE };
}

function linksOf(path: readonly number[], phases: readonly Phase[], voltageV: number) {
  const links: number[] = [];
  const weights: number[] = [];
  for (const node of path) {
    for (const phase of phases) {
      links.push(node * LINKS_PER_NODE + phase);
      weights.push(1);
    }
    links.push(node * LINKS_PER_NODE + POWER);
    weights.push(voltageV * phases.length);
  }
  return { links, weights };
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
  const unmanaged: PerPhase[] = [];
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
    unmanaged.push(found.unmanagedA);
  });
  // Unmanaged load flows through every node above the one that carries it.
  nodes.forEach((node, index) => {
    const load = unmanaged[index];
    if (load) for (const up of topology.paths.get(node.id) ?? []) addToNode(ceiling, up, load, voltageV, -1);
  });
  return { ceiling, capacity: ceiling.map((value, link) => value - (reserve[link] ?? 0)), by };
}

/** Adds `sign` times a current, amperes per phase, to the four links of a node. */
export function addToNode(
  rows: Float64Array,
  node: number,
  currentA: PerPhase,
  voltageV: number,
  sign = 1,
): void {
  const base = node * LINKS_PER_NODE;
  for (const phase of PHASES) rows[base + phase] = (rows[base + phase] ?? 0) + sign * currentA[phase];
  const sumA = currentA[0] + currentA[1] + currentA[2];
  rows[base + POWER] = (rows[base + POWER] ?? 0) + sign * sumA * voltageV;
}

/** Adds a connector's current to every node above it. */
export function addToPath(
  rows: Float64Array,
  placed: PlacedConnector,
  currentA: PerPhase,
  voltageV: number,
): void {
  for (const node of placed.path) addToNode(rows, node, currentA, voltageV);
}

/** The node and phase behind a link; phase null is power. */
export function linkAt(config: SiteConfig, link: number): { node: NodeId; phase: Phase | null } {
  const node = config.nodes[Math.floor(link / LINKS_PER_NODE)];
  const row = link % LINKS_PER_NODE;
  return { node: node?.id ?? ('' as NodeId), phase: row === POWER ? null : (row as Phase) };
}
