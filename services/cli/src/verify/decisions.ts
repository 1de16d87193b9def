// Every recorded allocation, solved again from the state that it knew of. Which states these are is
// read from the log first, so that one fold passes each of them on its way. Another release may have
// allocated by other rules: what it decided is not solved again by this one.

import { isDeepStrictEqual } from 'node:util';
import type { EventData, SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import { decideLimits } from '@ampledger/optimizer';
import type { EventStore } from '@ampledger/ports';
import { VERSION } from '../version.js';
import type { Findings } from './finding.js';

interface Decision {
  readonly position: number;
  readonly at: number;
  readonly basis: number;
}

type Limits = EventData<'LimitsAllocated'>;

export class DecisionCheck {
  readonly #findings: Findings;
  /** By site, in the order of their basis; taken from the front. */
  readonly #due: Map<SiteId, { readonly list: readonly Decision[]; next: number }>;
  /** Solved again, until the recorded one comes by. */
  readonly #solved = new Map<number, Limits | null>();
  readonly #release = new Map<SiteId, string>();

  constructor(due: ReadonlyMap<SiteId, readonly Decision[]>, findings: Findings) {
    this.#findings = findings;
    this.#due = new Map([...due].map(([site, list]) => [site, { list, next: 0 }]));
  }

  /** To be called before the site's next event, at `position`, is folded into its state. */
  beforeEvent(site: SiteId, state: SiteState | undefined, position: number): void {
    const due = this.#due.get(site);
    if (due === undefined) return;
    for (;;) {
      const decision = due.list[due.next];
      if (decision === undefined || decision.basis >= position) return;
      due.next += 1;
      if (state !== undefined) this.#solved.set(decision.position, decideLimits(state, decision.at));
    }
  }

  /** From here on, this release decides for the site. */
  engineStarted({ site, version }: EventData<'EngineStarted'>): void {
    this.#release.set(site, version);
  }

  compare(position: number, recorded: Limits): void {
    const again = this.#solved.get(position);
    this.#solved.delete(position);
    // A site made while the engine ran has no start of its own: this release's engine made it.
    if ((this.#release.get(recorded.site) ?? VERSION) !== VERSION) {
      this.#findings.skipped('decisions');
      return;
    }
    this.#findings.checked('decisions');
    if (recorded.basis >= position) {
      this.#findings.failed(
        'decisions',
        position,
        `the allocation claims to know event ${recorded.basis}, which is not before it`,
      );
    } else if (again === undefined || again === null) {
      this.#findings.failed('decisions', position, 'solved again, nothing would have changed');
    } else if (!isDeepStrictEqual(asJson(again.allocations), recorded.allocations)) {
      this.#findings.failed('decisions', position, difference(again, recorded));
    }
  }
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

/** All decisions of the log by site, in the order of what they knew of. */
export async function readDecisions(store: EventStore): Promise<ReadonlyMap<SiteId, readonly Decision[]>> {
  const bySite = new Map<SiteId, Decision[]>();
  for await (const page of store.readAll({ types: ['LimitsAllocated'] })) {
    for (const { position, data, key } of page) {
      const { at, basis } = data as Limits;
      const list = bySite.get(key as SiteId);
      if (list) list.push({ position, at, basis });
      else bySite.set(key as SiteId, [{ position, at, basis }]);
    }
  }
  for (const list of bySite.values()) list.sort((a, b) => a.basis - b.basis);
  return bySite;
}
