// The promise of "no overload" at the only events by which the engine could break it: calls that
// let a station hold more than before. In the state that the decision knew of, there must have been
// room for all of its raises together; what changed by itself in between is nobody's decision.

import {
  addToNode,
  countedLoads,
  type EventData,
  type Grant,
  LINKS_PER_NODE,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import {
  addPhases,
  type ConnectorKey,
  maxPhases,
  onPhases,
  type PerPhase,
  phaseName,
  type SiteId,
  subPhases,
  ZERO,
} from '@ampledger/kernel';
import type { EventStore } from '@ampledger/ports';
import type { Findings } from './finding.js';

export const TOLERANCE = 1e-6;

interface Raise {
  readonly position: number;
  readonly at: number;
  readonly basis: number;
  readonly grants: readonly Grant[];
}

export class RaiseCheck {
  readonly #findings: Findings;
  /** By site, in the order of their basis; taken from the front. */
  readonly #due: Map<SiteId, { readonly list: readonly Raise[]; next: number }>;

  constructor(due: ReadonlyMap<SiteId, readonly Raise[]>, findings: Findings) {
    this.#findings = findings;
    this.#due = new Map([...due].map(([site, list]) => [site, { list, next: 0 }]));
  }

  /** To be called before the site's next event, at `position`, is folded into its state. */
  beforeEvent(site: SiteId, state: SiteState | undefined, position: number): void {
    const due = this.#due.get(site);
    if (due === undefined) return;
    let budget: Budget | undefined;
    for (;;) {
      const raise = due.list[due.next];
      if (raise === undefined || raise.basis >= position) return;
      due.next += 1;
      if (state === undefined) continue;
      // Calls of one decision share its basis, and its room.
      if (budget?.basis !== raise.basis) budget = new Budget(state, raise);
      this.#check(raise, budget);
    }
  }

  #check(raise: Raise, budget: Budget): void {
    if (raise.basis >= raise.position) {
      this.#findings.failed('raises', raise.position, `the call claims to know event ${raise.basis}`);
      return;
    }
    for (const grant of raise.grants) {
      const problem = budget.take(grant);
      if (problem === 'no raise') continue;
      this.#findings.checked('raises');
      if (problem !== null) this.#findings.failed('raises', raise.position, problem);
    }
  }
}

/** What every link carries by the ledger as decided on, and the raises of the decision so far. */
class Budget {
  readonly basis: number;
  readonly #state: SiteState;
  readonly #load: Float64Array;
  readonly #ceiling: Float64Array;
  readonly #counted: Map<ConnectorKey, PerPhase>;

  constructor(state: SiteState, { basis, at }: Raise) {
    const { load, byConnector } = countedLoads(state, at);
    this.basis = basis;
    this.#state = state;
    this.#load = load;
    this.#ceiling = linkCapacities(state, at).ceiling;
    this.#counted = new Map(byConnector);
  }

  /** null: within every ceiling. Otherwise the first link that is not. */
  take(grant: Grant): string | null {
    const placed = topologyOf(this.#state.config).byKey.get(grant.connector);
    if (placed === undefined) return 'no raise';
    const before = this.#counted.get(placed.key) ?? ZERO;
    const wanted = onPhases(placed.config.phases, Math.max(grant.limitA, grant.tailA));
    const more = subPhases(maxPhases(before, wanted), before);
    if (Math.max(...more) <= TOLERANCE) return 'no raise';
    this.#counted.set(placed.key, addPhases(before, more));
    for (const node of placed.path) addToNode(this.#load, node, more, this.#state.config.voltageV);
    return this.#firstOver(placed);
  }

  #firstOver(placed: PlacedConnector): string | null {
    for (const node of placed.path) {
      for (let link = node * LINKS_PER_NODE; link < (node + 1) * LINKS_PER_NODE; link++) {
        const [load = 0, ceiling = 0] = [this.#load[link], this.#ceiling[link]];
        if (!placed.links.includes(link) || load <= ceiling + TOLERANCE) continue;
        return `${linkText(this.#state, link)} may carry ${load}, and ${ceiling} is allowed`;
      }
    }
    return null;
  }
}

export function linkText(state: SiteState, link: number): string {
  const { node, phase } = linkAt(state.config, link);
  return phase === null ? `${node} (watts)` : `${node} on ${phaseName(phase)} (amperes)`;
}

/** All calls of the log that give limits, by site, in the order of what they knew of. */
export async function readRaises(store: EventStore): Promise<ReadonlyMap<SiteId, readonly Raise[]>> {
  const bySite = new Map<SiteId, Raise[]>();
  for await (const page of store.readAll({ types: ['CallRequested'] })) {
    for (const { position, data, key, meta } of page) {
      const { basis, grants } = data as EventData<'CallRequested'>;
      if (grants.length === 0) continue;
      const raise = { position, at: meta.receivedAt, basis, grants };
      const list = bySite.get(key as SiteId);
      if (list) list.push(raise);
      else bySite.set(key as SiteId, [raise]);
    }
  }
  for (const list of bySite.values()) list.sort((a, b) => a.basis - b.basis || a.position - b.position);
  return bySite;
}
