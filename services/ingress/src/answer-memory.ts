// The last answers of one station, so that a CALL that it repeats gets the same answer and has no
// second effect. Empty after a restart of the process: then the deterministic ids of the events do it.

import { BoundedMap } from './bounded-map.js';

export interface HeardCall {
  readonly id: string;
  /** Digest of the frame's text. */
  readonly digest: string;
  readonly action: string;
  /** The connection that it came on. */
  readonly connection: string;
}

interface Kept {
  readonly digest: string;
  readonly connection: string;
  readonly answer: string;
}

/** `again`: the same CALL as before. `conflict`: another one under a used id. */
export type Recollection =
  | { readonly kind: 'new' }
  | { readonly kind: 'again'; readonly answer: string }
  | { readonly kind: 'conflict' };

const NEW: Recollection = { kind: 'new' };
const CONFLICT: Recollection = { kind: 'conflict' };

// These name a moment of their own transaction, so the same text on a later connection is the same
// message. Boots, heartbeats and states are not: a station that counts its message ids from 1 after
// every start sends the same text and means something new.
const SAME_ON_EVERY_CONNECTION = new Set([
  'StartTransaction',
  'StopTransaction',
  'MeterValues',
  'TransactionEvent',
]);

export class AnswerMemory {
  readonly #answers: BoundedMap<string, Kept>;

  constructor(limit: number) {
    this.#answers = new BoundedMap(limit);
  }

  recall(call: HeardCall): Recollection {
    const kept = this.#answers.get(call.id);
    if (kept === undefined) return NEW;
    const sameConnection = kept.connection === call.connection;
    if (kept.digest === call.digest) {
      return sameConnection || SAME_ON_EVERY_CONNECTION.has(call.action)
        ? { kind: 'again', answer: kept.answer }
        : NEW;
    }
    // Ids are unique per connection at best, so on a later one this is a new message.
    return sameConnection ? CONFLICT : NEW;
  }

  keep(call: HeardCall, answer: string): void {
    this.#answers.set(call.id, { digest: call.digest, connection: call.connection, answer });
  }
}
