// Everything, in the order of the log. What is not wanted stays at the server where the client can have it
// so: the one filters counted reads, the other subscribes and stops where the log ended when it began.

import type { ReadAllOptions, RecordedEvent } from '@ampledger/ports';
import { batchesOf } from './batches.js';
import type { FeedItem, WireFilter, WireRecord } from './db-client.js';
import { recordedEventOf } from './envelope.js';
import { portErrorOf } from './failure.js';
import type { Wire } from './wire.js';

/** Neither the server's own streams nor the snapshots, which are large. */
const ORDINARY_STREAMS: WireFilter = {
  on: 'streamName',
  regex: '^(?!\\$|snapshots$|snapshots-|snapshot-parts-)',
};

/** A server filters by one thing; the rest is passed over here. */
export function filterOf({
  streamPrefix,
  types,
}: Pick<ReadAllOptions, 'streamPrefix' | 'types'>): WireFilter {
  if (streamPrefix !== undefined && streamPrefix !== '')
    return { on: 'streamName', prefixes: [streamPrefix] };
  // A server takes a type that begins so.
  if (types && types.length > 0) return { on: 'eventType', prefixes: [...types] };
  return ORDINARY_STREAMS;
}

export async function* readAllOf(
  wire: Wire,
  options: ReadAllOptions = {},
): AsyncGenerator<readonly RecordedEvent[]> {
  const { types, streamPrefix = '', limit = Number.MAX_SAFE_INTEGER } = options;
  wire.assertOpen();
  if (limit <= 0 || types?.length === 0) return;
  const wantedTypes = types && new Set(types);
  let left = limit;
  for await (const records of recordsOf(wire, options)) {
    const events: RecordedEvent[] = [];
    for (const record of records) {
      if (!record.stream.startsWith(streamPrefix) || wantedTypes?.has(record.type) === false) continue;
      const event = recordedEventOf(record);
      if (event && events.length < left) events.push(event);
    }
    left -= events.length;
    if (events.length > 0) yield events;
    if (left <= 0) return;
  }
}

/** At least what is wanted, without what stands at or before `after` (backwards: at or after it). */
async function* recordsOf(wire: Wire, options: ReadAllOptions): AsyncGenerator<readonly WireRecord[]> {
  const { after, direction = 'forwards', streamPrefix, types } = options;
  const isFiltered = (streamPrefix ?? '') !== '' || types !== undefined;
  if (direction === 'forwards' && isFiltered && !wire.filtersReads) {
    yield* subscribedUntilNow(wire, after ?? 0, filterOf(options));
    return;
  }
  if (direction === 'backwards' && after !== undefined && after <= 1) return;
  const from = after === undefined || after <= 0 ? undefined : after;
  const range = { direction, limit: Number.MAX_SAFE_INTEGER, filter: filterOf(options) };
  const isBeyond = ({ position }: WireRecord): boolean =>
    after === undefined || (direction === 'forwards' ? position > after : position < after);
  for await (const records of wire.readAll({ ...range, ...(from === undefined ? {} : { from }) })) {
    yield records.filter(isBeyond);
  }
}

async function* subscribedUntilNow(
  wire: Wire,
  after: number,
  filter: WireFilter,
): AsyncGenerator<readonly WireRecord[]> {
  let end = 0;
  for await (const [last] of wire.readAll({ direction: 'backwards', limit: 1 })) end = last?.position ?? 0;
  if (after >= end) return;
  // Whatever comes first: the last event there was, news of having passed it, or of having caught up.
  const isLast = (item: FeedItem): boolean => item.kind === 'caught-up' || positionOf(item) >= end;
  try {
    const feed = await wire.subscribeAll(after, filter);
    for await (const items of batchesOf(feed, wire.deadlineMs, isLast)) {
      wire.assertOpen();
      const records: WireRecord[] = [];
      for (const item of items) {
        if (item.kind === 'event' && item.record.position <= end) records.push(item.record);
      }
      yield records;
    }
  } catch (error) {
    wire.assertOpen();
    throw portErrorOf('reading the log', error);
  }
}

function positionOf(item: Exclude<FeedItem, { kind: 'caught-up' }>): number {
  return item.kind === 'event' ? item.record.position : item.position;
}
