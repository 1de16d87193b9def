// Markers say how far a partition is recorded. Each is appended with the revision that its writer
// expects, so that of two recorders which believe to own a partition only one can go on.

import { type EventStore, type NewEvent, PortError, type RecordedEvent } from '@ampledger/ports';
import { markerStream } from './names.js';
import { nameOf } from './recorded-event.js';

export const MARKER_TYPE = 'Recorded';

export interface MarkerData {
  /** Everything of the partition up to and with this offset is in the store; -1: nothing. */
  readonly to: number;
  readonly topic: string;
  readonly partitions: number;
  /** Offsets since the marker before that the store refused for good: nobody will find them here. */
  readonly skipped?: readonly number[];
  /** Who took the partition over with this marker. */
  readonly takenOver?: string;
}

export interface Marker extends MarkerData {
  readonly revision: number;
  /** Its place in the store. */
  readonly position: number;
}

/**
 * The id must be new for each marker, and the same when its append is repeated: a marker of one
 * recorder is never taken for a repetition of another's.
 */
export function markerEvent(options: {
  readonly id: string;
  readonly partition: number;
  readonly data: MarkerData;
  readonly now: number;
}): NewEvent {
  const stream = markerStream(options.partition);
  return {
    id: options.id,
    key: stream,
    stream,
    type: MARKER_TYPE,
    version: 1,
    data: options.data,
    meta: { receivedAt: options.now },
  };
}

export interface RecordedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly partitions: number;
}

/**
 * The newest marker; undefined when the partition was never recorded. Throws INVALID when it was recorded
 * from another topic or with another number of partitions: keys then belong to other partitions.
 */
export async function newestMarker(store: EventStore, of: RecordedPartition): Promise<Marker | undefined> {
  const options = { direction: 'backwards', limit: 1 } as const;
  for await (const [event] of store.readStream(markerStream(of.partition), options)) {
    if (event !== undefined) return markerOf(event, of);
  }
  return undefined;
}

export function markerOf(event: RecordedEvent, of: RecordedPartition): Marker {
  const data = event.data as Partial<MarkerData>;
  const { to, topic, partitions } = data;
  if (event.type !== MARKER_TYPE || typeof to !== 'number') {
    throw new PortError('CORRUPT', `${nameOf(event)} is no marker`);
  }
  if (topic !== of.topic || partitions !== of.partitions) {
    throw new PortError(
      'INVALID',
      `The event store has a record of topic ${topic} in ${partitions} partitions, not of ${of.topic} in ` +
        `${of.partitions}. Neither may change; for another topic use another event store.`,
    );
  }
  return { ...data, to, topic, partitions, revision: event.revision, position: event.position };
}
