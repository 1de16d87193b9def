// A site as the solver sees it: one leaf for each connector, and one for each phase of a node whose own load
// cannot simply be taken off a limit (lines of transformers and unbalance are not sums). Made once for a
// configuration and what is known of the cars' phases; limits and bounds are written in place.

import {
  addToNode,
  capacityBesideA,
  LINKS_PER_NODE,
  legsAt,
  type PlacedConnector,
  type SiteConfig,
  type Topology,
  togetherPerAmpere,
  topologyOf,
  transformerLines,
} from '@ampledger/domain';
import { type PerPhase, PHASES } from '@ampledger/kernel';
import { type AdmissionScratch, createAdmissionScratch } from './admission/index.js';
import { createShareMemory, type ShareMemory } from './policy/index.js';
import { createRoundingScratch, type RoundingScratch } from './rounding/index.js';
import {
  buildNetwork,
  createScratch,
  KIND,
  KINDS,
  linkOf,
  type Network,
  type Scratch,
} from './solver/index.js';

export interface SiteNetwork {
  readonly network: Network;
  readonly scratch: Scratch;
  readonly admission: AdmissionScratch;
  readonly rounding: RoundingScratch;
  readonly memory: ShareMemory;
  /** By connector of the topology: amperes of its leaf for one ampere of its own (1/√3 where it is even on a delta's three legs). */
  readonly factor: Float64Array;
  /** By node: first of three leaves, one for each phase, that stand for the node's own load; -1: it is taken off the limits. */
  readonly baseLeaf: Int32Array;
}

const kept = new WeakMap<Topology, { readonly phases: Uint8Array; readonly site: SiteNetwork }>();

/**
 * The site's network, as it was left by whoever asked last: its limits and bounds are to be written anew.
 * `phases`: by connector, the set of phases that its current counts on, and `EVEN`.
 */
export function siteNetwork(config: SiteConfig, phases: Uint8Array): SiteNetwork {
  const topology = topologyOf(config);
  const known = kept.get(topology);
  if (known?.phases.every((set, connector) => set === phases[connector])) return known.site;
  const site = makeSiteNetwork(config, topology, phases);
  kept.set(topology, { phases: Uint8Array.from(phases), site });
  return site;
}

const ALL_PHASES = 7;
/** Beside the set of phases: its current is known to be even on all three. */
export const EVEN = 8;
const ON_THREE_LEGS = 1 / Math.sqrt(3);
/** Amperes on each phase of a set for one ampere of a connector's own. */
const perAmpereOf = (wiring: SiteConfig['wiring'], set: number): number =>
  wiring === 'delta' && (set & EVEN) !== 0 ? ON_THREE_LEGS : 1;
/** Amperes on all phases at once for one ampere of a leaf: not more than its car can take, wherever it is. */
function togetherOf(
  { config }: PlacedConnector,
  { wiring, set }: { readonly wiring: SiteConfig['wiring']; readonly set: number },
): number {
  const all = countOf(set & ALL_PHASES);
  return (set & EVEN) !== 0 ? all : Math.min(all, togetherPerAmpere(wiring, config));
}
const countOf = (phases: number): number => (phases & 1) + ((phases >> 1) & 1) + ((phases >> 2) & 1);

function makeSiteNetwork(config: SiteConfig, topology: Topology, phases: Uint8Array): SiteNetwork {
  const { nodes, voltageV, wiring } = config;
  const factor = Float64Array.from(phases, (set) => perAmpereOf(wiring, set));
  const leaves = topology.connectors.map((placed, i) => ({
    node: placed.path[0] ?? 0,
    phases: (phases[i] ?? ALL_PHASES) & ALL_PHASES,
    wattsPerA: voltageV * togetherOf(placed, { wiring, set: phases[i] ?? ALL_PHASES }),
    weight: placed.config.weight * (factor[i] ?? 1),
    priority: placed.config.priority,
  }));
  const baseLeaf = new Int32Array(nodes.length).fill(-1);
  if (nodes.some((node) => node.transformer !== null || node.unbalanceA !== null)) {
    nodes.forEach((_, node) => {
      baseLeaf[node] = leaves.length;
      for (const phase of PHASES)
        leaves.push({ node, phases: 1 << phase, wattsPerA: voltageV, weight: 1, priority: 0 });
    });
  }
  const none = leaves.map(() => 0);
  const network = buildNetwork({
    parent: nodes.map(({ parent }) => (parent === null ? -1 : (topology.nodeIndex.get(parent) ?? -1))),
    limit: new Float64Array(nodes.length * KINDS).fill(Number.POSITIVE_INFINITY),
    unbalance: nodes.map(({ unbalanceA }) => unbalanceA ?? Number.POSITIVE_INFINITY),
    leaf: {
      node: leaves.map((leaf) => leaf.node),
      phases: leaves.map((leaf) => leaf.phases),
      wattsPerA: leaves.map((leaf) => leaf.wattsPerA),
      minA: none,
      maxA: none,
      weight: leaves.map((leaf) => leaf.weight),
      priority: leaves.map((leaf) => leaf.priority),
    },
  });
  writeLines(config, network, []);
  return {
    network,
    scratch: createScratch(network),
    admission: createAdmissionScratch(network),
    rounding: createRoundingScratch(network),
    memory: createShareMemory(),
    factor,
    baseLeaf,
  };
}

/** What the solver needs of a site's loads: see `Problem`. */
export interface SiteLoads {
  /** By link of the domain: the limit less reserve and `base` of all that is below. */
  readonly capacity: Float64Array;
  /** By node: what flows there whatever is decided, amperes on each phase: at least 0, and what is fed in at most 0. */
  readonly base: readonly PerPhase[];
  readonly feed: readonly PerPhase[];
}

/** Writes the limits and the loads that are given. */
export function writeLoads(config: SiteConfig, { network, baseLeaf }: SiteNetwork, loads: SiteLoads): void {
  const { capacity, base, feed } = loads;
  const asLeaves = baseLeaf[0] !== -1;
  const below = asLeaves ? sumBelow(config, base) : null;
  writeLines(config, network, feed);
  for (let node = 0; node < config.nodes.length; node++) {
    for (let row = 0; row < LINKS_PER_NODE; row++) {
      const link = node * LINKS_PER_NODE + row;
      // Where loads are leaves they are in the sums themselves.
      network.limit[linkOf(node, row)] = Math.max(0, (capacity[link] ?? 0) + (below?.[link] ?? 0));
    }
    if (!asLeaves) continue;
    for (const phase of PHASES) {
      const leaf = (baseLeaf[node] ?? 0) + phase;
      const loadA = base[node]?.[phase] ?? 0;
      network.minA[leaf] = loadA;
      network.maxA[leaf] = loadA;
    }
  }
}

/** Lines of transformers: less, as far as feed-in below may load them too. */
function writeLines(config: SiteConfig, network: Network, feed: SiteLoads['feed']): void {
  const lines = transformerLines(config);
  if (lines.length === 0) return;
  const isFed = feed.some((loadA) => loadA.some((amperes) => amperes < 0));
  const fed = isFed ? sumBelow(config, feed) : null;
  for (const line of lines) {
    const { node, side, phase, ratio, capacityA } = line;
    const kind = side === 'secondary' ? KIND.lineA : KIND.primaryA;
    const mostA = fed === null ? capacityA : capacityBesideA(line, legsAt(node, fed));
    network.limit[linkOf(node, kind + phase)] = mostA * ratio;
  }
}

function sumBelow(config: SiteConfig, base: readonly PerPhase[]): Float64Array {
  const { paths, linkCount } = topologyOf(config);
  const sums = new Float64Array(linkCount);
  config.nodes.forEach(({ id }, node) => {
    const loadA = base[node];
    for (const up of paths.get(id) ?? []) if (loadA) addToNode(sums, up, loadA, config.voltageV);
  });
  return sums;
}
