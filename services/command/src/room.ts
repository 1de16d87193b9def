// Room on the tree by the ledger: what every link may still take before it could be overloaded.
// An increase is sent only into room that is there now; what another connector is about to give
// up is room only when its decrease has been accepted or its lease has run out.

import {
  countedLoads,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
} from '@ampledger/domain';
import type { ConnectorKey, PerPhase } from '@ampledger/kernel';
import { onPhases } from '@ampledger/kernel';

const EPSILON = 1e-6;

export interface Shortage {
  readonly node: string;
  /** 0, 1, 2 for L1, L2, L3; null for power. */
  readonly phase: number | null;
  /** How much is missing: amperes, or watts. */
  readonly missing: number;
}

export class Room {
  readonly #state: SiteState;
  readonly #now: number;
  #sums: { readonly free: Float64Array; readonly counted: Map<ConnectorKey, PerPhase> } | null = null;

  constructor(state: SiteState, now: number) {
    this.#state = state;
    this.#now = now;
  }

  /** Summed up when first asked for: most decisions raise nobody. */
  get #known(): { readonly free: Float64Array; readonly counted: Map<ConnectorKey, PerPhase> } {
    if (this.#sums === null) {
      const { load, byConnector } = countedLoads(this.#state, this.#now);
      const { capacity } = linkCapacities(this.#state, this.#now);
      this.#sums = {
        free: capacity.map((value, link) => value - (load[link] ?? 0)),
        counted: new Map(byConnector),
      };
    }
    return this.#sums;
  }

  /** What keeps the connector from holding `limitA` per phase, or null when it fits. */
  shortage(placed: PlacedConnector, limitA: number): Shortage | null {
    const moreA = this.#more(placed, limitA);
    for (let i = 0; i < placed.links.length; i++) {
      const link = placed.links[i] ?? 0;
      const needed = this.#onLink(moreA, placed, i);
      const free = this.#known.free[link] ?? 0;
      if (needed > EPSILON && needed > free + EPSILON)
        return { ...linkAt(this.#state.config, link), missing: needed - free };
    }
    return null;
  }

  /** Takes the room for `limitA`, so that the next one to ask finds it gone. */
  take(placed: PlacedConnector, limitA: number): void {
    const moreA = this.#more(placed, limitA);
    placed.links.forEach((link, i) => {
      this.#known.free[link] = (this.#known.free[link] ?? 0) - this.#onLink(moreA, placed, i);
    });
    const counted = this.#known.counted.get(placed.key) ?? [0, 0, 0];
    this.#known.counted.set(placed.key, [
      counted[0] + moreA[0],
      counted[1] + moreA[1],
      counted[2] + moreA[2],
    ]);
  }

  /** By how much each phase would rise above what is counted already. */
  #more(placed: PlacedConnector, limitA: number): PerPhase {
    const counted = this.#known.counted.get(placed.key) ?? [0, 0, 0];
    const wanted = onPhases(placed.config.phases, limitA);
    return [
      Math.max(0, wanted[0] - counted[0]),
      Math.max(0, wanted[1] - counted[1]),
      Math.max(0, wanted[2] - counted[2]),
    ];
  }

  #onLink(moreA: PerPhase, placed: PlacedConnector, i: number): number {
    const link = placed.links[i] ?? 0;
    const row = link % 4;
    if (row < 3) return moreA[row as 0 | 1 | 2];
    return (moreA[0] + moreA[1] + moreA[2]) * this.#state.config.voltageV;
  }
}
