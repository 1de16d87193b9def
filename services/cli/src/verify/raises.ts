// The promise of "no overload" at the only events by which the engine could break it: calls that
// let a station hold more than before. In the state that the decision knew of, there must have been
// room for all of its raises together; what changed by itself in between is nobody's decision.

import {
  addToNode,
  countedLoads,
  type EventData,
  eitherLoad,
  type Grant,
  grantLoad,
  LINKS_PER_NODE,
  type Load,
  ledgerInput,
  lineShortage,
  lineWords,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  sumOfA,
  topologyOf,
  type UnmanagedSpans,
  unmanagedSpans,
} from '@ampledger/domain';
import { type ConnectorKey, phaseName, type SiteId, subPhases, ZERO } from '@ampledger/kernel';
import type { EventStore } from '@ampledger/ports';
import { type Due, readDue } from './due.js';
import type { Findings } from './finding.js';

export const TOLERANCE = 1e-6;

export interface Raise {
  readonly position: number;
  readonly at: number;
  readonly basis: number;
  readonly grants: readonly Grant[];
}

export class RaiseCheck {
  readonly #findings: Findings;
  readonly #due: Due<Raise>;

  constructor(due: Due<Raise>, findings: Findings) {
    this.#findings = findings;
    this.#due = due;
  }

  /** To be called before the site's next event is folded into its state. */
  beforeEvent(site: SiteId, state: SiteState | undefined): void {
    if (state === undefined) return;
    let budget: Budget | undefined;
    for (const raise of this.#due.take(site, state.seq)) {
      if (raise.basis < 0) {
        this.#findings.skipped('raises');
        continue;
      }
      // Calls of one decision share its basis, and its room.
      if (budget?.basis !== raise.basis) budget = new Budget(state, raise);
      this.#check(raise, budget);
    }
  }

  /** The call itself comes by: what it claims to know must be before it. */
  compare(position: number, { basis }: EventData<'CallRequested'>, state: SiteState | undefined): void {
    if (basis > (state?.seq ?? 0))
      this.#findings.failed('raises', position, `the call claims to know event ${basis} of its site`);
  }

  siteRemoved(site: SiteId): void {
    this.#due.removed(site);
  }

  #check(raise: Raise, budget: Budget): void {
    for (const grant of raise.grants) {
      const problem = budget.take(grant);
      if (problem === 'no raise') continue;
      this.#findings.checked('raises');
      if (problem !== null) this.#findings.failed('raises', raise.position, problem);
    }
  }
}

const NO_LOAD: Load = { eachA: ZERO, togetherA: 0 };

/** What every link carries by the ledger as decided on, and the raises of the decision so far. */
class Budget {
  readonly basis: number;
  readonly #state: SiteState;
  readonly #load: Float64Array;
  readonly #ceiling: Float64Array;
  readonly #unmanaged: UnmanagedSpans;
  readonly #at: number;
  readonly #counted: Map<ConnectorKey, Load>;

  constructor(state: SiteState, { basis, at }: Raise) {
    const { load, byConnector } = countedLoads(state, at);
    this.basis = basis;
    this.#state = state;
    this.#load = load;
    this.#ceiling = linkCapacities(state, at).ceiling;
    this.#unmanaged = unmanagedSpans(state, at);
    this.#at = at;
    this.#counted = new Map(byConnector);
  }

  /** null: within every ceiling. Otherwise the first link that is not. */
  take(grant: Grant): string | null {
    const placed = topologyOf(this.#state.config).byKey.get(grant.connector);
    if (placed === undefined) return 'no raise';
    const before = this.#counted.get(placed.key) ?? NO_LOAD;
    const limitA = Math.max(grant.limitA, grant.tailA);
    const wanted = grantLoad(ledgerInput(this.#state, placed), { kind: grant.kind, limitA }, this.#at);
    const after = eitherLoad(before, wanted);
    const more = subPhases(after.eachA, before.eachA);
    const sumA = sumOfA(after) - sumOfA(before);
    if (Math.max(...more, sumA) <= TOLERANCE) return 'no raise';
    this.#counted.set(placed.key, after);
    const over = lineShortage(this.#state.config, placed, {
      rows: [this.#load, this.#unmanaged.drawn],
      feed: this.#unmanaged.feed,
      moreA: more,
      within: 'limit',
    });
    for (const node of placed.path) addToNode(this.#load, node, more, this.#state.config.voltageV, 1, sumA);
    if (over !== null) {
      const { line, currentA } = over;
      const node = this.#state.config.nodes[line.node]?.id;
      return `${line.side} line ${lineWords(line.phase)} of ${node} may carry ${currentA}, and ${line.limitA} is allowed`;
    }
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

/** All calls of the log that give limits. */
export const readRaises = (store: EventStore): Promise<Due<Raise>> =>
  readDue(store, 'CallRequested', ({ position, meta }, data) => {
    const { basis, grants } = data as EventData<'CallRequested'>;
    return grants.length === 0 ? undefined : { position, at: meta.receivedAt, basis, grants };
  });
