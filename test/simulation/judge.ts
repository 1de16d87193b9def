// The judge: what the stations themselves hold and draw, against the limits that the test itself
// set. It knows nothing of the engine's ledger.

import type { SiteConfig } from '@ampledger/domain';
import { addPhases, type Clock, maxPhases, onPhases, PHASES, type PerPhase, ZERO } from '@ampledger/kernel';
import type { Fleet } from '@ampledger/simulator';

export interface Overload {
  readonly node: string;
  readonly phase: number;
  readonly fromAt: number;
  untilAt: number;
  worstA: number;
  /** What the stations held when it was worst. */
  detail: string;
}

export interface Judge {
  /** Overloads that lasted longer than `ms`. */
  longerThan(ms: number): readonly Overload[];
  longestMs(): number;
  look(): void;
}

const TOLERANCE_A = 1e-6;

export interface JudgeOptions {
  readonly fleet: Fleet;
  readonly config: SiteConfig;
  readonly clock: Clock;
  /** The limit that holds now on each phase of a node. */
  readonly limitA: (node: string) => number;
}

export function createJudge({ fleet, config, clock, limitA }: JudgeOptions): Judge {
  const open = new Map<string, Overload>();
  const all: Overload[] = [];
  const above = ancestors(config);
  const places = config.stations.flatMap((station) =>
    station.connectors.map((connector) => ({ station, connector, path: above.get(station.node) ?? [] })),
  );

  /** What an outlet takes from the grid, or could take at any moment by what it has been told. */
  function worst(id: string, evseId: number, phases: SiteConfig['stations'][number]['connectors'][number]['phases']): PerPhase {
    const station = fleet.station(id);
    if (!station) return ZERO;
    const held = station.outlet(evseId).inSession ? onPhases(phases, station.compositeLimitA(evseId)) : ZERO;
    return maxPhases(held, station.drawA(evseId));
  }

  function look(): void {
    const sums = new Map<string, PerPhase>(config.nodes.map((node) => [node.id, ZERO]));
    const detail: string[] = [];
    for (const { station, connector, path } of places) {
      const taken = worst(station.id, connector.evseId, connector.phases);
      if (taken !== ZERO && Math.max(...taken) > 0) detail.push(`${station.id} ${Math.max(...taken).toFixed(1)}`);
      for (const node of path) sums.set(node, addPhases(sums.get(node) ?? ZERO, taken));
    }
    for (const [node, sum] of sums) for (const phase of PHASES) note(node, phase, sum[phase] - limitA(node), detail);
  }

  function note(node: string, phase: number, excessA: number, detail: readonly string[]): void {
    const key = `${node}/${phase}`;
    const running = open.get(key);
    if (excessA <= TOLERANCE_A) {
      open.delete(key);
      return;
    }
    if (running === undefined) {
      const made = { node, phase, fromAt: clock.now(), untilAt: clock.now(), worstA: excessA, detail: detail.join(', ') };
      open.set(key, made);
      all.push(made);
      return;
    }
    running.untilAt = clock.now();
    if (excessA > running.worstA) Object.assign(running, { worstA: excessA, detail: detail.join(', ') });
  }

  return {
    look,
    longerThan: (ms) => all.filter((o) => o.untilAt - o.fromAt > ms),
    longestMs: () => Math.max(0, ...all.map((o) => o.untilAt - o.fromAt)),
  };
}

function ancestors(config: SiteConfig): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>();
  for (const { id, parent } of config.nodes) paths.set(id, parent === null ? [id] : [id, ...(paths.get(parent) ?? [])]);
  return paths;
}
