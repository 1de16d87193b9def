// The event store: every stream, and the order of everything.

import type { Result } from '@ampledger/kernel';
import type { NewEvent, RecordedEvent } from './event.js';

/** `any`: no check. `none`: the stream must not exist. A number: its last revision. */
export type ExpectedRevision = 'any' | 'none' | number;

export interface Appended {
  /** The stream's last revision after the append. */
  readonly nextExpectedRevision: number;
  readonly position: number;
}

export interface WrongExpectedRevision {
  readonly code: 'WRONG_EXPECTED_REVISION';
  /** -1 when the stream does not exist. */
  readonly actualRevision: number;
}

export interface ReadStreamOptions {
  /** First revision to read; default the beginning (or, backwards, the end). */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Forwards: positions greater than this. Backwards: positions less than this. */
  readonly after?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
  readonly types?: readonly string[];
  /** Only streams whose name begins so. */
  readonly streamPrefix?: string;
}

export interface EventStore {
  /**
   * Appends to one stream, all or none, durable when resolved. Repeating an append whose events
   * are all in the stream already (same ids, same order) succeeds and changes nothing, whatever
   * revision it expects.
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Result<Appended, WrongExpectedRevision>>;
  /** Pages of events in stream order; nothing for a stream that does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;
  /** Pages of events in the order of the log. */
  readAll(options?: ReadAllOptions): AsyncIterable<readonly RecordedEvent[]>;
  /** Position of the last event; 0 when there is none. */
  lastPosition(): Promise<number>;
}
