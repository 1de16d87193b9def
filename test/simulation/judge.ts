// The judge: what the stations themselves hold and draw, against the limits that the test itself
// set. It knows nothing of the engine's ledger.

import type { SiteConfig } from '@ampledger/domain';
import {
  addPhases,
  type Clock,
  mapPhases,
  onPhases,
  type PerPhase,
  PHASES,
  type Phase,
  ZERO,
} from '@ampledger/kernel';
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

/** What is summed: what stations hold by their own composite schedules, or what they draw. */
export type Tally = 'held' | 'drawn';

export interface Judge {
  /** Every span for which a node was over on a phase. */
  overloads(tally: Tally): readonly Overload[];
  look(): void;
}

const TOLERANCE_A = 1e-6;

export interface JudgeOptions {
  readonly fleet: Fleet;
  readonly config: SiteConfig;
  readonly clock: Clock;
  /** The limit that holds now on each phase of a node. */
  readonly limitA: (node: string) => number;
  /** Phases on which nobody can know yet that the outlet's car draws: they are not held against the engine. */
  readonly unseen?: (station: string, evseId: number) => readonly Phase[];
}

export function createJudge(options: JudgeOptions): Judge {
  const { fleet, config, unseen = () => [] } = options;
  const held = createTally(options);
  const drawn = createTally(options);
  const above = ancestors(config);
  const places = config.stations.flatMap((station) =>
    station.connectors.map(({ evseId }) => ({
      id: station.id,
      evseId,
      path: above.get(station.node) ?? [],
    })),
  );
  return {
    overloads: (tally) => (tally === 'held' ? held : drawn).all,
    look() {
      for (const { id, evseId, path } of places) {
        const station = fleet.station(id);
        if (!station) continue;
        // A schedule matters while there is a transaction that can draw by it, on the phases of its car.
        const { inSession, phasesInUse } = station.outlet(evseId);
        const beyond = unseen(id, evseId);
        const known = phasesInUse.filter((phase) => !beyond.includes(phase));
        if (inSession) held.add(path, onPhases(known, station.compositeLimitA(evseId)), id);
        const drawA = station.drawA(evseId);
        drawn.add(
          path,
          mapPhases((phase) => (beyond.includes(phase) ? 0 : drawA[phase])),
          id,
        );
      }
      held.close();
      drawn.close();
    },
  };
}

interface Tallying {
  readonly all: readonly Overload[];
  add(path: readonly string[], currentA: PerPhase, station: string): void;
  /** Ends a look: compares the sums with the limits and starts anew. */
  close(): void;
}

function createTally({ config, clock, limitA }: JudgeOptions): Tallying {
  const open = new Map<string, Overload>();
  const all: Overload[] = [];
  let sums = new Map<string, PerPhase>();
  let detail: string[] = [];

  function note(node: string, phase: number, excessA: number): void {
    const key = `${node}/${phase}`;
    const running = open.get(key);
    if (excessA <= TOLERANCE_A) {
      open.delete(key);
    } else if (running === undefined) {
      const at = clock.now();
      const made = { node, phase, fromAt: at, untilAt: at, worstA: excessA, detail: detail.join(', ') };
      open.set(key, made);
      all.push(made);
    } else {
      running.untilAt = clock.now();
      if (excessA > running.worstA) Object.assign(running, { worstA: excessA, detail: detail.join(', ') });
    }
  }

  return {
    all,
    add(path, currentA, station) {
      const most = Math.max(...currentA);
      if (most > 0) detail.push(`${station} ${most.toFixed(1)}`);
      for (const node of path) sums.set(node, addPhases(sums.get(node) ?? ZERO, currentA));
    },
    close() {
      for (const { id } of config.nodes) {
        for (const phase of PHASES) note(id, phase, (sums.get(id) ?? ZERO)[phase] - limitA(id));
      }
      sums = new Map();
      detail = [];
    },
  };
}

function ancestors(config: SiteConfig): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, readonly string[]>();
  for (const { id, parent } of config.nodes)
    paths.set(id, parent === null ? [id] : [id, ...(paths.get(parent) ?? [])]);
  return paths;
}
