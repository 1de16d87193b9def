// Room on the tree by the ledger: what every link may still take before it could be overloaded.
// An increase is sent only into room that is there now; what another connector is about to give
// up is room only when its decrease has been accepted or its lease has run out.

import {
  countedLoads,
  type Grant,
  grantOnA,
  LINKS_PER_NODE,
  ledgerInput,
  lineShortage,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  type TransformerLine,
  unmanagedLoads,
} from '@ampledger/domain';
import { type ConnectorKey, mapPhases, type PerPhase, type Phase } from '@ampledger/kernel';

const EPSILON = 1e-6;

export interface Shortage {
  readonly node: string;
  /** 0, 1, 2 for L1, L2, L3 (legs AB, BC, CA; lines A, B, C); null for power. */
  readonly phase: Phase | null;
  /** Set where a line of the node's transformer would be over its limit. */
  readonly line: TransformerLine['side'] | null;
  /** How much is missing: amperes, or watts. */
  readonly missing: number;
}

/** What a grant is to let a station hold: a session's limit counts on the phases of its car, any other on all. */
export type Wanted = Pick<Grant, 'kind' | 'limitA'>;

interface Sums {
  /** By link: what connectors count at, and what nobody controls. */
  readonly load: Float64Array;
  readonly unmanaged: Float64Array;
  readonly capacity: Float64Array;
  readonly counted: Map<ConnectorKey, PerPhase>;
}

export class Room {
  readonly #state: SiteState;
  readonly #now: number;
  #sums: Sums | null = null;

  constructor(state: SiteState, now: number) {
    this.#state = state;
    this.#now = now;
  }

  /** Summed up when first asked for: most decisions raise nobody. */
  get #known(): Sums {
    if (this.#sums === null) {
      const { load, byConnector } = countedLoads(this.#state, this.#now);
      const { capacity } = linkCapacities(this.#state, this.#now);
      const unmanaged = unmanagedLoads(this.#state, this.#now);
      this.#sums = { load, unmanaged, capacity, counted: new Map(byConnector) };
    }
    return this.#sums;
  }

  /** What keeps the connector from holding `wanted`, or null when it fits. */
  shortage(placed: PlacedConnector, wanted: Wanted): Shortage | null {
    const moreA = this.#more(placed, wanted);
    const { load, unmanaged, capacity } = this.#known;
    for (const link of placed.links) {
      const needed = this.#onLink(moreA, link);
      const free = (capacity[link] ?? 0) - (load[link] ?? 0);
      if (needed > EPSILON && needed > free + EPSILON)
        return { ...linkAt(this.#state.config, link), line: null, missing: needed - free };
    }
    const over = lineShortage(this.#state.config, placed, { rows: [load, unmanaged], moreA });
    if (over === null) return null;
    const { node, phase, side } = over.line;
    return { node: this.#state.config.nodes[node]?.id ?? '', phase, line: side, missing: over.missingA };
  }

  /** Takes the room for `wanted`, so that the next one to ask finds it gone. */
  take(placed: PlacedConnector, wanted: Wanted): void {
    const moreA = this.#more(placed, wanted);
    const { load, counted } = this.#known;
    for (const link of placed.links) load[link] = (load[link] ?? 0) + this.#onLink(moreA, link);
    const before = counted.get(placed.key);
    counted.set(
      placed.key,
      mapPhases((phase) => (before?.[phase] ?? 0) + moreA[phase]),
    );
  }

  /** By how much each phase would rise above what is counted already. */
  #more(placed: PlacedConnector, wanted: Wanted): PerPhase {
    const counted = this.#known.counted.get(placed.key);
    const wantedA = grantOnA(ledgerInput(this.#state, placed), wanted, this.#now);
    return mapPhases((phase) => Math.max(0, wantedA[phase] - (counted?.[phase] ?? 0)));
  }

  #onLink(moreA: PerPhase, link: number): number {
    const row = link % LINKS_PER_NODE;
    if (row < 3) return moreA[row as 0 | 1 | 2];
    return (moreA[0] + moreA[1] + moreA[2]) * this.#state.config.voltageV;
  }
}
