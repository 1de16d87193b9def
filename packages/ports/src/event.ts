// The envelope that every adapter carries and none looks into.

/** What is said about an event beside its data. Instants are epoch milliseconds. */
export interface EventMeta {
  /** When we received what the event tells, by our clock. Decisions use this time. */
  readonly receivedAt: number;
  /** The station's own time, when it gave one. Never used to decide. */
  readonly stationAt?: number;
  /** The id of the event that led to this one. */
  readonly causationId?: string;
  /** What belongs together: a call and its answer, an envelope and all that follows from it. */
  readonly correlationId?: string;
  /** The raw frame behind the event, secrets removed. */
  readonly frame?: string;
  /** W3C traceparent: the trace that the event belongs to, from the socket to the answer. */
  readonly trace?: string;
  /** Where on the bus the event was, for one that a recorder took over from there. */
  readonly source?: EventSource;
}

/** An event's place on a bus in partitions. */
export interface EventSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Everything of the partition up to and with this offset was in the store before this event; -1: nothing. */
  readonly done: number;
}

/** An event on its way to the log. */
export interface NewEvent {
  /** Deterministic UUID. A second event with the same id in the same stream changes nothing. */
  readonly id: string;
  /** What orders it: the site. Events of one key keep their order, on every adapter. */
  readonly key: string;
  readonly stream: string;
  readonly type: string;
  /** Version of the type's schema. */
  readonly version: number;
  /** JSON data: no undefined, no functions, no cycles. */
  readonly data: object;
  readonly meta: EventMeta;
}

/** An event in the log. */
export interface RecordedEvent extends NewEvent {
  /** Place in the whole log: strictly increasing, from 1; gaps are allowed. */
  readonly position: number;
  /** Place in its stream: 0, 1, 2, ... without gaps. */
  readonly revision: number;
}
