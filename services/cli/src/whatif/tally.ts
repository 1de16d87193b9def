// Gathers how a span of time goes, told change by change in order of time: by the log for what
// happened, by the simulation for what would have. Both are counted by the same rules.

import { type Binding, type SiteConfig, topologyOf } from '@ampledger/domain';
import {
  type ConnectorKey,
  type NodeId,
  type PerPhase,
  type SessionId,
  subPhases,
  ZERO,
} from '@ampledger/kernel';
import { costOf } from './cost.js';
import { MinuteBins } from './minute-bins.js';
import { NodePeaks } from './node-peaks.js';
import { type BoundLimit, type Outcome, outcomeOf } from './outcome.js';
import type { RecordedChange, RecordedSession, RulesFrom } from './recording.js';

interface Bound {
  readonly limit: Omit<BoundLimit, 'boundMs'>;
  connectors: number;
  since: number;
  boundMs: number;
}

interface Why {
  readonly session: SessionId;
  readonly limit: string | null;
  readonly waitsSince: number | null;
}

export class Tally {
  #config: SiteConfig;
  readonly #peaks: NodePeaks;
  readonly #carWh = new MinuteBins();
  readonly #drawn = new Map<ConnectorKey, PerPhase>();
  readonly #loads = new Map<NodeId, PerPhase>();
  readonly #bound = new Map<string, Bound>();
  readonly #why = new Map<ConnectorKey, Why>();
  readonly #servedWh = new Map<SessionId, number>();
  readonly #waitedMs = new Map<SessionId, number>();

  constructor(config: SiteConfig, at: number) {
    this.#config = config;
    this.#peaks = new NodePeaks(config, at);
  }

  configure(config: SiteConfig, at: number): void {
    const drawn = [...this.#drawn];
    const loads = [...this.#loads];
    this.#config = config;
    this.#peaks.configure(config, at);
    this.#drawn.clear();
    this.#loads.clear();
    for (const [key, drawA] of drawn) this.draw(key, drawA, at);
    for (const [node, loadA] of loads) this.load(node, loadA, at);
  }

  /** From now on the connector draws so much on the grid's phases, amperes. */
  draw(key: ConnectorKey, drawA: PerPhase, at: number): void {
    const placed = topologyOf(this.#config).byKey.get(key);
    const before = this.#drawn.get(key) ?? ZERO;
    if (placed === undefined || sameCurrents(before, drawA)) return;
    this.#drawn.set(key, drawA);
    this.#peaks.change(placed.node, subPhases(drawA, before), at);
  }

  load(node: NodeId, loadA: PerPhase, at: number): void {
    const before = this.#loads.get(node) ?? ZERO;
    if (sameCurrents(before, loadA)) return;
    this.#loads.set(node, loadA);
    this.#peaks.change(node, subPhases(loadA, before), at);
  }

  /** What a car took in a span that is over, watt-hours on its side of the connector. */
  energy(session: SessionId, taken: { from: number; to: number; wh: number; efficiency: number }): void {
    this.#servedWh.set(session, (this.#servedWh.get(session) ?? 0) + taken.wh);
    this.#carWh.add(taken.from, taken.to, taken.wh / taken.efficiency);
  }

  /** Why a session's limit is as it is from now on; null: it has none any more. */
  because(key: ConnectorKey, session: SessionId, because: Binding | null, at: number): void {
    const before = this.#why.get(key);
    const limit = because === null ? null : limitOf(because);
    const waits = because?.kind === 'waiting';
    if (before?.session === session && before.limit === limit?.name && (before.waitsSince !== null) === waits)
      return;
    this.#endWhy(key, before, at);
    if (because === null) return;
    this.#why.set(key, { session, limit: limit?.name ?? null, waitsSince: waits ? at : null });
    if (limit !== null) this.#binds(limit, at);
  }

  /** The sessions in the order in which they are to be listed. */
  finish(
    at: number,
    told: {
      readonly sessions: readonly RecordedSession[];
      readonly rules: readonly RulesFrom[];
      readonly changes: readonly RecordedChange[];
    },
  ): Outcome {
    for (const [key, why] of [...this.#why]) this.#endWhy(key, why, at);
    this.#peaks.finish(at);
    return outcomeOf(told.sessions, {
      servedWh: this.#servedWh,
      waitedMs: this.#waitedMs,
      peaks: this.#peaks.peaks(),
      bound: [...this.#bound.values()]
        .map(({ limit, boundMs }) => ({ ...limit, boundMs }))
        .sort((a, b) => b.boundMs - a.boundMs),
      cost: costOf({ carWh: this.#carWh, rootW: this.#peaks.rootW }, told.rules, told.changes),
    });
  }

  #binds({ name, limit }: NamedLimit, at: number): void {
    const bound = this.#bound.get(name) ?? { limit, connectors: 0, since: at, boundMs: 0 };
    if (bound.connectors === 0) bound.since = at;
    bound.connectors++;
    this.#bound.set(name, bound);
  }

  #endWhy(key: ConnectorKey, why: Why | undefined, at: number): void {
    if (why === undefined) return;
    this.#why.delete(key);
    if (why.waitsSince !== null)
      this.#waitedMs.set(why.session, (this.#waitedMs.get(why.session) ?? 0) + at - why.waitsSince);
    const bound = why.limit === null ? undefined : this.#bound.get(why.limit);
    if (bound === undefined) return;
    bound.connectors--;
    if (bound.connectors === 0) bound.boundMs += at - bound.since;
  }
}

interface NamedLimit {
  readonly name: string;
  readonly limit: Omit<BoundLimit, 'boundMs'>;
}

function limitOf(because: Binding): NamedLimit | null {
  if (because.kind === 'bound') return null;
  const { node, phase, envelope: by, line = null } = because;
  return { name: `${node} ${phase} ${line} ${by}`, limit: { node, phase, line, by } };
}

const sameCurrents = (a: PerPhase, b: PerPhase): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
