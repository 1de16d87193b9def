// Unmanaged load as its meter told it, thinned to means over fixed windows: what is left for cars over a
// window depends on the mean alone, and a month of readings becomes a few thousand changes.

import type { NodeConfig, SiteConfig } from '@ampledger/domain';
import { mapPhases, type NodeId, type PerPhase, ZERO } from '@ampledger/kernel';
import type { RecordedChange } from './recording.js';

type LoadChange = Extract<RecordedChange, { kind: 'load' }>;

/** A mean that moves by less is the same load. */
const SAME_WITHIN_A = 0.05;

interface Metered {
  readonly staleAfterMs: number;
  /** The window that runs, and what flowed in it while the meter spoke. */
  window: number;
  ampereMs: PerPhase;
  knownMs: number;
  /** The last reading, until when its flow is counted. */
  loadA: PerPhase;
  heardAt: number;
  at: number;
  told: PerPhase | null | undefined;
}

export class LoadMeans {
  readonly #windowMs: number;
  readonly #nodes = new Map<NodeId, Metered>();
  readonly #changes: LoadChange[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  measured(node: NodeConfig, loadA: PerPhase, at: number): void {
    if (node.unmanaged.kind !== 'metered') return;
    const known = this.#nodes.get(node.id);
    if (known !== undefined) {
      this.#advance(node.id, known, at);
      known.loadA = loadA;
      known.heardAt = at;
      return;
    }
    const window = Math.floor(at / this.#windowMs);
    const staleAfterMs = node.unmanaged.staleAfterS * 1000;
    this.#nodes.set(node.id, {
      ...{ staleAfterMs, window, ampereMs: ZERO, knownMs: 0 },
      ...{ loadA, heardAt: at, at, told: undefined },
    });
  }

  /** Nodes that are no longer metered are forgotten. */
  configure(config: SiteConfig, at: number): void {
    const metered = new Set(
      config.nodes.filter(({ unmanaged }) => unmanaged.kind === 'metered').map((n) => n.id),
    );
    for (const [node, known] of this.#nodes) {
      this.#advance(node, known, at);
      if (!metered.has(node)) this.#nodes.delete(node);
    }
  }

  /** Everything up to a moment, in order of time. */
  finish(at: number): readonly LoadChange[] {
    for (const [node, known] of this.#nodes) {
      this.#advance(node, known, at);
      this.#close(node, known);
    }
    return this.#changes.sort((a, b) => a.at - b.at);
  }

  #advance(node: NodeId, known: Metered, at: number): void {
    while (known.at < at) {
      const windowEnds = (known.window + 1) * this.#windowMs;
      const until = Math.min(at, windowEnds);
      const spokeUntil = Math.max(known.at, Math.min(until, known.heardAt + known.staleAfterMs));
      const spokeMs = spokeUntil - known.at;
      const { ampereMs, loadA } = known;
      known.ampereMs = mapPhases((phase) => ampereMs[phase] + loadA[phase] * spokeMs);
      known.knownMs += spokeMs;
      known.at = until;
      if (until === windowEnds) this.#close(node, known);
    }
  }

  #close(node: NodeId, known: Metered): void {
    const { knownMs, ampereMs, told, window } = known;
    const mean = knownMs === 0 ? null : mapPhases((phase) => ampereMs[phase] / knownMs);
    if (told === undefined || !isSame(told, mean)) {
      this.#changes.push({ at: window * this.#windowMs, kind: 'load', node, loadA: mean });
      known.told = mean;
    }
    known.ampereMs = ZERO;
    known.knownMs = 0;
    known.window = window + 1;
  }
}

function isSame(a: PerPhase | null, b: PerPhase | null): boolean {
  if (a === null || b === null) return a === b;
  return a.every((value, phase) => Math.abs(value - (b[phase] ?? 0)) < SAME_WITHIN_A);
}
