// The highest quarter-hour means of every node, as demand meters have them: a mean hides that meters
// report one after the other, which the highest single moment would take for a peak.

import { type SiteConfig, topologyOf } from '@ampledger/domain';
import { type NodeId, type PerPhase, PHASES, ZERO } from '@ampledger/kernel';

export const QUARTER_MS = 900_000;

export interface NodePeak {
  readonly node: NodeId;
  /** Highest quarter-hour mean on each phase, amperes, and of all phases together, watts. */
  readonly peakA: PerPhase;
  readonly peakW: number;
}

/** What flows through one node, until the moment `at`. */
interface Flow {
  readonly sumA: [number, number, number];
  /** Ampere-milliseconds of the quarter-hour that runs. */
  readonly ampereMs: [number, number, number];
  readonly peakA: [number, number, number];
  peakW: number;
  at: number;
}

export class NodePeaks {
  #config: SiteConfig;
  readonly #flows = new Map<NodeId, Flow>();
  /** Mean power of the whole site by quarter-hours since 1970, watts. */
  readonly rootW = new Map<number, number>();

  constructor(config: SiteConfig, at: number) {
    this.#config = config;
    this.configure(config, at);
  }

  /** Another site file: peaks of nodes that stay are kept, what flows is told anew. */
  configure(config: SiteConfig, at: number): void {
    this.advance(at);
    this.#config = config;
    for (const { sumA } of this.#flows.values()) sumA.fill(0);
    for (const { id } of config.nodes) {
      if (this.#flows.has(id)) continue;
      this.#flows.set(id, { sumA: [0, 0, 0], ampereMs: [0, 0, 0], peakA: [0, 0, 0], peakW: 0, at });
    }
  }

  /** A current at `node` changes: so it does on the way up to the root. */
  change(node: NodeId, byA: PerPhase, at: number): void {
    for (const up of topologyOf(this.#config).paths.get(node) ?? []) {
      const id = this.#config.nodes[up]?.id;
      const flow = id === undefined ? undefined : this.#flows.get(id);
      if (flow === undefined) continue;
      this.#advance(flow, at, up === 0);
      for (const phase of PHASES) flow.sumA[phase] += byA[phase];
    }
  }

  advance(at: number): void {
    this.#config.nodes.forEach(({ id }, index) => {
      const flow = this.#flows.get(id);
      if (flow) this.#advance(flow, at, index === 0);
    });
  }

  peaks(): readonly NodePeak[] {
    return this.#config.nodes.map(({ id }) => {
      const flow = this.#flows.get(id);
      return { node: id, peakA: flow ? [...flow.peakA] : ZERO, peakW: flow?.peakW ?? 0 };
    });
  }

  /** The quarter-hour at the very end counts as if nothing flowed in what is left of it. */
  finish(at: number): void {
    this.advance(at);
    this.#config.nodes.forEach(({ id }, index) => {
      const flow = this.#flows.get(id);
      if (flow) this.#close(flow, Math.floor(at / QUARTER_MS), index === 0);
    });
  }

  #advance(flow: Flow, at: number, isRoot: boolean): void {
    while (flow.at < at) {
      const quarter = Math.floor(flow.at / QUARTER_MS);
      const until = Math.min(at, (quarter + 1) * QUARTER_MS);
      for (const phase of PHASES) flow.ampereMs[phase] += flow.sumA[phase] * (until - flow.at);
      flow.at = until;
      if (until === (quarter + 1) * QUARTER_MS) this.#close(flow, quarter, isRoot);
    }
  }

  #close(flow: Flow, quarter: number, isRoot: boolean): void {
    let sumA = 0;
    for (const phase of PHASES) {
      const meanA = flow.ampereMs[phase] / QUARTER_MS;
      flow.ampereMs[phase] = 0;
      flow.peakA[phase] = Math.max(flow.peakA[phase], meanA);
      sumA += meanA;
    }
    const meanW = sumA * this.#config.voltageV;
    flow.peakW = Math.max(flow.peakW, meanW);
    if (isRoot && meanW !== 0) this.rootW.set(quarter, (this.rootW.get(quarter) ?? 0) + meanW);
  }
}
