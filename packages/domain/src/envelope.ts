// From a domain event to what goes on the bus: its stream, its id, its meta. One place for all services.

import { deterministicId, type SiteId } from '@ampledger/kernel';
import { type DomainEvent, EVENT_VERSIONS } from './event-types.js';

/** Structurally a `NewEvent` of @ampledger/ports; the domain knows no ports. */
export interface OutgoingEvent {
  readonly id: string;
  readonly key: string;
  readonly stream: string;
  readonly type: string;
  readonly version: number;
  readonly data: object;
  readonly meta: EventContext;
}

export interface EventContext {
  readonly receivedAt: number;
  readonly stationAt?: number;
  readonly causationId?: string;
  readonly correlationId?: string;
  readonly frame?: string;
  readonly trace?: string;
}

/** What is undefined is left out of the event. */
export type EventInput = {
  readonly [K in keyof EventContext]: EventContext[K] | undefined;
} & {
  readonly receivedAt: number;
  readonly event: DomainEvent;
  readonly site: SiteId;
  /** The event's natural key: the same parts give the same id, so that a repetition is recognised. */
  readonly idParts: readonly (string | number)[];
};

export function eventFor(input: EventInput): OutgoingEvent {
  const { event, site, idParts, receivedAt } = input;
  return {
    id: deterministicId(site, subjectOf(event), event.type, ...idParts),
    key: site,
    stream: streamFor(event, site, receivedAt),
    type: event.type,
    version: EVENT_VERSIONS[event.type],
    data: event.data,
    meta: metaOf(input),
  };
}

// Without spreads: every message of every station passes here.
function metaOf({
  receivedAt,
  stationAt,
  causationId,
  correlationId,
  frame,
  trace,
}: EventInput): EventContext {
  const meta: { -readonly [K in keyof EventContext]: EventContext[K] } = { receivedAt };
  if (stationAt !== undefined) meta.stationAt = stationAt;
  if (causationId !== undefined) meta.causationId = causationId;
  if (correlationId !== undefined) meta.correlationId = correlationId;
  if (frame !== undefined) meta.frame = frame;
  if (trace !== undefined) meta.trace = trace;
  return meta;
}

/** Whom the event is about: a station where there is one. */
function subjectOf(event: DomainEvent): string {
  const data = event.data;
  if ('station' in data) return data.station;
  if ('connector' in data) return data.connector;
  return '';
}

/**
 * Streams are short and have an end: one per session, one per station and day for what happens
 * outside sessions, one per site and day for decisions. Days are UTC.
 */
export function streamFor(event: DomainEvent, site: SiteId, receivedAt: number): string {
  const data = event.data;
  if ('session' in data && data.session !== null) return `session-${data.session}`;
  if (event.type === 'MeterSampled') return `meter-${event.data.station}-${utcDay(receivedAt)}`;
  if ('station' in data) return `station-${data.station}-${utcDay(receivedAt)}`;
  if ('connector' in data) return `station-${data.connector.split('/')[0]}-${utcDay(receivedAt)}`;
  return `site-${site}-${utcDay(receivedAt)}`;
}

let cachedDay = { from: 0, to: 0, text: '' };
const DAY_MS = 86_400_000;

/** `yyyymmdd`; the last day is remembered, because almost every event is of the same day. */
function utcDay(at: number): string {
  if (at < cachedDay.from || at >= cachedDay.to) {
    const from = Math.floor(at / DAY_MS) * DAY_MS;
    const text = new Date(from).toISOString().slice(0, 10).replaceAll('-', '');
    cachedDay = { from, to: from + DAY_MS, text };
  }
  return cachedDay.text;
}
