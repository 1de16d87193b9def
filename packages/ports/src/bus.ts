// The bus: how services hear of what happened.

import type { NewEvent, RecordedEvent } from './event.js';

export interface Published {
  /** Where the event stands: its own place, or that of the event it repeats. */
  readonly position: number;
  /** True when an event of this id was in the stream before. */
  readonly duplicate: boolean;
}

export interface Subscription {
  /** Resolves when everything that was on the bus at the time of subscribing has been handled. */
  readonly caughtUp: Promise<void>;
  /** Rejects when the handler or the adapter fails; the subscription has then ended. Never resolves otherwise. */
  readonly failed: Promise<never>;
  /** Ends the subscription after the batch in hand. */
  close(): Promise<void>;
}

export interface SubscribeOptions {
  /** Handles events after this position; 0 is from the beginning. */
  readonly after: number;
  /** Only events of these types. */
  readonly types?: readonly string[];
  /**
   * Told when everything up to a position is handled, also where the last of it was nothing to hand
   * over (repetitions, other types). An adapter without such gaps need not call it.
   */
  readonly onPassed?: (position: number) => void;
}

/** Handles a batch; the next one comes when it has resolved. Events of one key come in order. */
export type BatchHandler = (events: readonly RecordedEvent[]) => void | Promise<void>;

export interface Bus {
  /**
   * Publishes events in order, all or none, and resolves when they are durable.
   * Concurrent calls are grouped into one commit. Rejects with a PortError; an event whose
   * publish was rejected may be published again with the same id.
   */
  publish(events: readonly NewEvent[]): Promise<readonly Published[]>;
  subscribe(options: SubscribeOptions, handler: BatchHandler): Subscription;
}
