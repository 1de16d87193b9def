// An event of ours as the server keeps it: its data as data, everything else about it as metadata, with
// the names that the server's own tools know for what led to it.

import type { EventMeta, NewEvent, RecordedEvent } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import type { WireEvent, WireRecord } from './db-client.js';

/** The smallest bound that servers are known to be set to. */
export const APPEND_BYTES_MAX = 1024 * 1024;

interface Metadata extends Omit<EventMeta, 'correlationId' | 'causationId'> {
  readonly key: string;
  readonly version: number;
  readonly $correlationId?: string;
  readonly $causationId?: string;
}

/** Throws INVALID for an append that a server would not take. */
export function wireEventsOf(stream: string, events: readonly NewEvent[]): WireEvent[] {
  if (events.length === 0) throw new PortError('INVALID', 'An append needs at least one event');
  if (stream.startsWith('$')) throw new PortError('INVALID', `${stream}: a name with $ is the server's own`);
  let bytes = 0;
  const wire = events.map((event): WireEvent => {
    if (event.stream !== stream) {
      throw new PortError('INVALID', `Event ${event.id} is of stream ${event.stream}, not ${stream}`);
    }
    const metadata = new Uint8Array(Buffer.from(JSON.stringify(metadataOf(event))));
    // As the server counts: two bytes a letter of the type.
    bytes += metadata.length + Buffer.byteLength(JSON.stringify(event.data)) + 2 * event.type.length;
    return { id: event.id, type: event.type, data: event.data, metadata };
  });
  if (bytes > APPEND_BYTES_MAX) {
    throw new PortError('INVALID', `${bytes} bytes in one append to ${stream}; at most ${APPEND_BYTES_MAX}`);
  }
  return wire;
}

function metadataOf({ key, version, meta }: NewEvent): Metadata {
  const { correlationId, causationId, ...rest } = meta;
  return {
    key,
    version,
    ...rest,
    ...(correlationId === undefined ? {} : { $correlationId: correlationId }),
    ...(causationId === undefined ? {} : { $causationId: causationId }),
  };
}

/** Undefined for what is not ours: the server's own events, snapshots, other users of the same server. */
export function recordedEventOf(record: WireRecord): RecordedEvent | undefined {
  const { id, stream, type, revision, position, isJson, data, metadata } = record;
  if (!isJson || stream.startsWith('$') || type.startsWith('$')) return undefined;
  if (typeof data !== 'object' || data === null || !isMetadata(metadata)) return undefined;
  const { key, version, $correlationId, $causationId, ...rest } = metadata;
  const meta: EventMeta = {
    ...rest,
    ...($correlationId === undefined ? {} : { correlationId: $correlationId }),
    ...($causationId === undefined ? {} : { causationId: $causationId }),
  };
  return { id, key, stream, type, version, data, meta, position, revision };
}

const isMetadata = (metadata: unknown): metadata is Metadata =>
  typeof metadata === 'object' &&
  metadata !== null &&
  'key' in metadata &&
  typeof metadata.key === 'string' &&
  'version' in metadata &&
  typeof metadata.version === 'number' &&
  'receivedAt' in metadata &&
  typeof metadata.receivedAt === 'number';
