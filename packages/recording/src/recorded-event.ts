// The recorded form of an event: the event itself, in a stream of its partition, with the place on
// the bus that it came from. Two fields of its source let a reader restore the order of the bus.

import { invariant } from '@ampledger/kernel';
import {
  type EventMeta,
  type EventSource,
  type NewEvent,
  type Place,
  PortError,
  positionOf,
  type RecordedEvent,
} from '@ampledger/ports';
import { originalStream, recordedStream } from './names.js';

/**
 * An event is written while everything up to `done` is in the store, and its offset is at most this
 * much higher. It bounds what a reader has to hold, and how far ahead a recorder that was superseded
 * without knowing may have written: part of the format, not a setting.
 */
export const OFFSETS_AHEAD_MAX = 2_000;

/** What one append may weigh: servers take 1 MiB, and say no to more. */
export const APPEND_BYTES_MAX = 900 * 1024;

/**
 * What an event may weigh (`weightOf`) to be recorded. A bus that refuses more at its publish
 * makes sure that nothing is folded that cannot be recorded.
 */
export const EVENT_BYTES_MAX = APPEND_BYTES_MAX;

/** Bytes of the event's JSON in the store, nearly, and never less. */
export function weightOf({ id, key, stream, type, data, meta }: NewEvent): number {
  const names = id.length + key.length + stream.length + type.length;
  // The source that is added to it, the names of the fields and the framing of the protocol.
  return Buffer.byteLength(JSON.stringify({ data, meta })) + 3 * names + 512;
}

export interface RecordedAt extends Place {
  readonly topic: string;
}

/** The event as it is appended to the store while everything up to `done` is there. */
export function recordedEvent(event: NewEvent, place: RecordedAt, done: number): NewEvent {
  const { id, key, stream, type, version, data, meta } = event;
  const { topic, partition, offset } = place;
  invariant(offset > done && offset <= done + OFFSETS_AHEAD_MAX, 'a batch stays close to what is done');
  return {
    id,
    key,
    stream: recordedStream(partition, stream),
    type,
    version,
    data,
    meta: { ...meta, source: { topic, partition, offset, done } },
  };
}

/** Where a recorded event came from. Throws CORRUPT for one that no recorder wrote. */
export function sourceOf(event: RecordedEvent, topic: string, partition: number): EventSource {
  const { source } = event.meta;
  if (source === undefined || source.partition !== partition) {
    throw new PortError('CORRUPT', `${nameOf(event)} does not say where on partition ${partition} it was`);
  }
  if (source.topic !== topic) {
    throw new PortError('INVALID', `${nameOf(event)} was recorded from topic ${source.topic}, not ${topic}`);
  }
  return source;
}

export const nameOf = ({ stream, revision }: RecordedEvent): string =>
  `Event ${revision} of stream ${stream} in the event store`;

/** The event as the bus gave it: its stream's name and its position there, and no word of the store. */
export function asOnBus(event: RecordedEvent, source: EventSource, partitions: number): RecordedEvent {
  const { source: _source, ...meta } = event.meta;
  const { partition } = source;
  return {
    ...event,
    stream: originalStream(partition, event.stream),
    meta: meta satisfies EventMeta,
    position: positionOf(source, partitions),
  };
}
