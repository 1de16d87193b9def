// Bridges the moment between an event that is durable and the fold that has seen it: a station that
// starts a transaction and reports at once must find its own session open.

import type { DomainEvent } from '@ampledger/domain';
import type { Clock, SessionId } from '@ampledger/kernel';
import type { OpenSession } from '@ampledger/ocpp';
import { BoundedMap } from './bounded-map.js';

/** By then the fold knows, or the session is not what it was. */
const BRIDGE_MS = 60_000;
const SESSIONS_MAX = 16;

interface Change {
  readonly at: number;
  /** undefined: it ended. */
  readonly open: OpenSession | undefined;
}

export class RecentSessions {
  readonly #clock: Clock;
  readonly #changes = new BoundedMap<SessionId, Change>(SESSIONS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An event of this station became durable. */
  note({ type, data }: DomainEvent): void {
    const at = this.#clock.now();
    if (type === 'SessionEnded') this.#changes.set(data.session, { at, open: undefined });
    if (type !== 'SessionStarted') return;
    const { session, transaction, evseId, idToken } = data;
    // A start that comes again after its end changes nothing.
    if (this.#changes.get(session)?.open === undefined && this.#changes.has(session)) return;
    this.#changes.set(session, { at, open: { session, transaction, evseId, idToken } });
  }

  /** What the fold knows, and what it does not know yet. */
  over(folded: readonly OpenSession[]): readonly OpenSession[] {
    if (this.#changes.size === 0) return folded;
    const open = new Map(folded.map((session) => [session.session, session]));
    const now = this.#clock.now();
    for (const [session, change] of this.#changes.entries()) {
      if (now - change.at >= BRIDGE_MS) this.#changes.delete(session);
      else if (change.open === undefined) open.delete(session);
      else if (!open.has(session)) open.set(session, change.open);
    }
    return [...open.values()];
  }
}
