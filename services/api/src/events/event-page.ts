// One page of events: as many as asked for, or as many as a bounded look finds.

import type { EventStore, RecordedEvent } from '@ampledger/ports';
import { type EventFilter, scanEvents } from './event-scan.js';

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Goes into `after` for what follows; null when the log has no more. */
  readonly next: number | null;
}

export async function readEventPage(
  store: EventStore,
  filter: EventFilter,
  bounds: { readonly limit: number; readonly scannedMax: number },
): Promise<EventPage> {
  const events: RecordedEvent[] = [];
  let scanned = 0;
  for await (const page of scanEvents(store, filter, bounds.limit)) {
    for (const event of page.events) {
      events.push(event);
      if (events.length === bounds.limit) return { events, next: event.position };
    }
    scanned += page.scanned;
    if (scanned >= bounds.scannedMax) return { events, next: page.position };
  }
  return { events, next: null };
}

/** The same without bound, one line for each event; reads on only when the lines have been taken. */
export async function* exportLines(
  store: EventStore,
  filter: EventFilter,
  options: { readonly limit: number | undefined; readonly format: (event: RecordedEvent) => object },
): AsyncGenerator<string> {
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for await (const page of scanEvents(store, filter, options.limit)) {
    const wanted = page.events.slice(0, left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted.map((event) => `${JSON.stringify(options.format(event))}\n`).join('');
    if (left <= 0) return;
  }
}
