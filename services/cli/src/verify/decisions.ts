// Every recorded allocation, solved again from the state that it knew of. Which states these are is
// read from the log first, so that one fold passes each of them on its way. Another release may have
// allocated by other rules: what it decided is not solved again by this one.

import { isDeepStrictEqual } from 'node:util';
import type { EventData, SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import { decideLimits, problemOf, unsettableWords } from '@ampledger/optimizer';
import type { EventStore } from '@ampledger/ports';
import { VERSION } from '../version.js';
import { type Due, readDue } from './due.js';
import type { Findings } from './finding.js';

export interface Decision {
  readonly position: number;
  readonly at: number;
  readonly basis: number;
}

type Limits = EventData<'LimitsAllocated'>;

interface Solved {
  readonly limits: Limits | null;
  /** What is wrong with what was recorded, by what the stations could be set to then; null: nothing. */
  readonly unsettable: (recorded: Limits) => string | null;
}

export class DecisionCheck {
  readonly #findings: Findings;
  readonly #due: Due<Decision>;
  /** Solved again, until the recorded one comes by. */
  readonly #solved = new Map<number, Solved>();
  readonly #release = new Map<SiteId, string>();

  constructor(due: Due<Decision>, findings: Findings) {
    this.#findings = findings;
    this.#due = due;
  }

  /** To be called before the site's next event is folded into its state. */
  beforeEvent(site: SiteId, state: SiteState | undefined): void {
    if (state === undefined) return;
    for (const { position, at, basis } of this.#due.take(site, state.seq)) {
      if (basis >= 0)
        this.#solved.set(position, { limits: decideLimits(state, at), unsettable: checkOf(state, at) });
    }
  }

  siteRemoved(site: SiteId): void {
    this.#due.removed(site);
  }

  /** From here on, this release decides for the site. */
  decidesFrom({ site, version }: Pick<EventData<'EngineStarted'>, 'site' | 'version'>): void {
    this.#release.set(site, version);
  }

  compare(position: number, recorded: Limits, state: SiteState | undefined): void {
    const solved = this.#solved.get(position);
    const again = solved?.limits ?? null;
    this.#solved.delete(position);
    // A site made while the engine ran has no start of its own: this release's engine made it.
    if (recorded.basis < 0 || (this.#release.get(recorded.site) ?? VERSION) !== VERSION) {
      this.#findings.skipped('decisions');
      return;
    }
    this.#findings.checked('decisions');
    const unsettable = solved?.unsettable(recorded) ?? null;
    if (recorded.basis > (state?.seq ?? 0)) {
      this.#findings.failed(
        'decisions',
        position,
        `the allocation claims to know event ${recorded.basis} of its site, which is not before it`,
      );
    } else if (unsettable !== null) {
      this.#findings.failed('decisions', position, unsettable);
    } else if (again === null) {
      this.#findings.failed('decisions', position, 'solved again, nothing would have changed');
    } else if (!isDeepStrictEqual(asJson(again.allocations), recorded.allocations)) {
      this.#findings.failed('decisions', position, difference(again, recorded));
    }
  }
}

/** Equal is not right: what was given is looked at by itself. A state changes in place, so that its bounds are kept. */
function checkOf(state: SiteState, at: number): Solved['unsettable'] {
  const candidates = new Map(problemOf(state, at).candidates.map((one) => [one.key, one]));
  return ({ allocations }) => {
    for (const { connector, limitA } of allocations) {
      const candidate = candidates.get(connector);
      const words = candidate === undefined ? null : unsettableWords(candidate, limitA);
      if (words !== null) return words;
    }
    return null;
  };
}

/** As the log keeps it: JSON has no negative zero. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The first connector whose allocation comes out otherwise. */
function difference(again: Limits, recorded: Limits): string {
  const others = new Map(again.allocations.map((one) => [one.connector, one]));
  for (const one of recorded.allocations) {
    const other = others.get(one.connector);
    others.delete(one.connector);
    if (!isDeepStrictEqual(other, one))
      return `recorded ${JSON.stringify(one)}, solved again ${JSON.stringify(other ?? null)}`;
  }
  return `solved again, there is also ${JSON.stringify([...others.values()][0] ?? null)}`;
}

/** All decisions of the log. */
export const readDecisions = (store: EventStore): Promise<Due<Decision>> =>
  readDue(store, 'LimitsAllocated', ({ position }, data) => {
    const { at, basis } = data as Limits;
    return { position, at, basis };
  });
