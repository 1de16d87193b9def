// Finds events in the log: page by page, in order, with memory for one page at a time.

import { setImmediate } from 'node:timers/promises';
import type { EventStore, RecordedEvent } from '@ampledger/ports';
import type { EventQuery } from '../schema/event.js';
import { positionBefore } from './time-position.js';

/** Clocks of several processes, and one that is set back, may disagree by this much. */
const CLOCK_SLACK_MS = 3_600_000;

export interface ScanPage {
  readonly events: readonly RecordedEvent[];
  /** How many events were looked at. */
  readonly scanned: number;
  /** The last position looked at. */
  readonly position: number;
}

export type EventFilter = Omit<EventQuery, 'limit'>;

/** `wanted`: how many matches the caller takes at most. */
export async function* scanEvents(
  store: EventStore,
  filter: EventFilter,
  wanted?: number,
): AsyncGenerator<ScanPage> {
  const after = await startOf(store, filter);
  const types = filter.type;
  // Where the store does all of the filtering, it need not read more than is wanted.
  const limit = [filter.site, filter.station, filter.from, filter.to].some((bound) => bound !== undefined)
    ? undefined
    : wanted;
  const pages = store.readAll({
    direction: filter.direction,
    ...(after === undefined ? {} : { after }),
    ...(types === undefined ? {} : { types }),
    ...(limit === undefined ? {} : { limit }),
  });
  for await (const page of pages) {
    const last = page.at(-1);
    if (last === undefined) continue;
    yield {
      events: page.filter((event) => matches(event, filter)),
      scanned: page.length,
      position: last.position,
    };
    if (isPast(last, filter)) return;
    // A store that answers from memory must not keep sockets and timers waiting.
    await setImmediate();
  }
}

export function matches(event: RecordedEvent, filter: EventFilter): boolean {
  const { receivedAt } = event.meta;
  return (
    (filter.site === undefined || event.key === filter.site) &&
    (filter.from === undefined || receivedAt >= filter.from) &&
    (filter.to === undefined || receivedAt <= filter.to) &&
    (filter.type === undefined || filter.type.some((type) => type === event.type)) &&
    (filter.station === undefined || isAbout(event.data, filter.station))
  );
}

/** The station stands in the data itself, or before the slash of a connector key. */
function isAbout(data: object, station: string): boolean {
  const { station: named, connector } = data as { readonly station?: unknown; readonly connector?: unknown };
  return named === station || (typeof connector === 'string' && connector.startsWith(`${station}/`));
}

/** A span of time need not be looked for from the beginning of the log. */
async function startOf(store: EventStore, filter: EventFilter): Promise<number | undefined> {
  const { after, from, to, direction } = filter;
  if (direction === 'forwards') {
    if (from === undefined) return after;
    return Math.max(after ?? 0, await positionBefore(store, from - CLOCK_SLACK_MS));
  }
  if (to === undefined) return after;
  const past = (await positionBefore(store, to + CLOCK_SLACK_MS)) + 1;
  return after === undefined ? past : Math.min(after, past);
}

function isPast(event: RecordedEvent, { from, to, direction }: EventFilter): boolean {
  const { receivedAt } = event.meta;
  return direction === 'forwards'
    ? to !== undefined && receivedAt > to + CLOCK_SLACK_MS
    : from !== undefined && receivedAt < from - CLOCK_SLACK_MS;
}
