// Room on the tree by the ledger: what every link may still take before it could be overloaded.
// An increase is sent only into room that is there now; what another connector is about to give
// up is room only when its decrease has been accepted or its lease has run out.

import {
  countedLoads,
  eitherLoad,
  type Grant,
  grantLoad,
  LINKS_PER_NODE,
  type Load,
  ledgerInput,
  lineShortage,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  sumOfA,
  type TransformerLine,
  type UnmanagedSpans,
  unmanagedSpans,
} from '@ampledger/domain';
import { type ConnectorKey, type PerPhase, type Phase, subPhases } from '@ampledger/kernel';

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
  readonly unmanaged: UnmanagedSpans;
  readonly capacity: Float64Array;
  readonly counted: Map<ConnectorKey, Load>;
}

/** What a wish adds to what its connector counts at, and that with it. */
interface More {
  readonly eachA: PerPhase;
  readonly sumA: number;
  readonly after: Load;
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
      const unmanaged = unmanagedSpans(this.#state, this.#now);
      this.#sums = { load, unmanaged, capacity, counted: new Map(byConnector) };
    }
    return this.#sums;
  }

  /** What keeps the connector from holding `wanted`, or null when it fits. */
  shortage(placed: PlacedConnector, wanted: Wanted): Shortage | null {
    const more = this.#more(placed, wanted);
    const { load, unmanaged, capacity } = this.#known;
    for (const link of placed.links) {
      const needed = this.#onLink(more, link);
      const free = (capacity[link] ?? 0) - (load[link] ?? 0);
      if (needed > EPSILON && needed > free + EPSILON)
        return { ...linkAt(this.#state.config, link), line: null, missing: needed - free };
    }
    const over = lineShortage(this.#state.config, placed, {
      rows: [load, unmanaged.drawn],
      feed: unmanaged.feed,
      moreA: more.eachA,
      within: 'capacity',
    });
    if (over === null) return null;
    const { node, phase, side } = over.line;
    return { node: this.#state.config.nodes[node]?.id ?? '', phase, line: side, missing: over.missingA };
  }

  /** Takes the room for `wanted`, so that the next one to ask finds it gone. */
  take(placed: PlacedConnector, wanted: Wanted): void {
    const more = this.#more(placed, wanted);
    const { load, counted } = this.#known;
    for (const link of placed.links) load[link] = (load[link] ?? 0) + this.#onLink(more, link);
    counted.set(placed.key, more.after);
  }

  /** By how much each phase, and all of them at once, would rise above what is counted already. */
  #more(placed: PlacedConnector, wanted: Wanted): More {
    const load = grantLoad(ledgerInput(this.#state, placed), wanted, this.#now);
    const before = this.#known.counted.get(placed.key);
    const after = before === undefined ? load : eitherLoad(before, load);
    if (before === undefined) return { eachA: after.eachA, sumA: sumOfA(after), after };
    return { eachA: subPhases(after.eachA, before.eachA), sumA: sumOfA(after) - sumOfA(before), after };
  }

  #onLink({ eachA, sumA }: More, link: number): number {
    const row = link % LINKS_PER_NODE;
    return row < 3 ? eachA[row as 0 | 1 | 2] : sumA * this.#state.config.voltageV;
  }
}
