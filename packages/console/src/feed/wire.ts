// What arrives over HTTP, read into the domain's own shapes: instants become epoch milliseconds again.

import type { SiteView } from '@ampledger/domain';

/** One entry of the list of sites. */
export interface SiteEntry {
  readonly id: string;
  readonly name: string | null;
}

/** A recorded event as the API prints it; only what the page reads of it. */
export interface EventEntry {
  readonly position: number;
  readonly type: string;
  readonly receivedAt: number;
  readonly data: Readonly<Record<string, unknown>>;
}

const INSTANT_KEY = /^(?:at|from|to|until|[a-z]+(?:[A-Z][a-z]+)*At)$/;

/** Parses JSON from the API. Throws a SyntaxError on text that is none. */
export const parseWire = (text: string): unknown =>
  JSON.parse(text, (key, value) => {
    if (typeof value !== 'string' || !INSTANT_KEY.test(key)) return value;
    const instant = Date.parse(value);
    return Number.isNaN(instant) ? value : instant;
  });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same product wrote it, so a look at its outline is enough to tell a view from an error page. */
export const isSiteView = (value: unknown): value is SiteView =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.at === 'number' &&
  ['nodes', 'stations', 'connectors', 'envelopes'].every((key) => Array.isArray(value[key]));

export function isEventEntry(value: unknown): value is EventEntry {
  return (
    isRecord(value) &&
    typeof value.position === 'number' &&
    typeof value.type === 'string' &&
    typeof value.receivedAt === 'number' &&
    isRecord(value.data)
  );
}

const asEvent = (value: unknown): unknown =>
  isRecord(value) && isRecord(value.meta) ? { receivedAt: value.meta.receivedAt, ...value } : value;

/** Lists come bare or under `events` or `sites`, with a cursor beside them. */
const listOf = (value: unknown, key: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return isRecord(value) && Array.isArray(value[key]) ? value[key] : [];
};

export const readEvent = (value: unknown): EventEntry | undefined => {
  const event = asEvent(value);
  return isEventEntry(event) ? event : undefined;
};

export const readEvents = (value: unknown): readonly EventEntry[] =>
  listOf(value, 'events').flatMap((entry) => readEvent(entry) ?? []);

export const readSites = (value: unknown): readonly SiteEntry[] =>
  listOf(value, 'sites').flatMap((entry) =>
    isRecord(entry) && typeof entry.id === 'string'
      ? [{ id: entry.id, name: typeof entry.name === 'string' ? entry.name : null }]
      : [],
  );
