// What things are called in the event store. The partition comes first in every name, so that a
// partition's events are those of the streams that begin with its prefix.

import type { SiteId } from '@ampledger/kernel';

const MARKERS = 'recorded';
/** A stream of the bus that is called like the markers' gets one sign more, and so on. */
const LIKE_MARKERS = /^recorded=*$/;

/** With which every stream of the partition begins: `p7.`. */
export const streamPrefixOf = (partition: number): string => `p${partition}.`;

/** The stream that says how far the partition is recorded. */
export const markerStream = (partition: number): string => streamPrefixOf(partition) + MARKERS;

/** Where the events of one of the bus's streams are recorded: `p7.session-A:1`. Never the markers' stream. */
export const recordedStream = (partition: number, stream: string): string =>
  streamPrefixOf(partition) + (LIKE_MARKERS.test(stream) ? `${stream}=` : stream);

/** The stream's name on the bus. */
export function originalStream(partition: number, recorded: string): string {
  const stream = recorded.slice(streamPrefixOf(partition).length);
  return LIKE_MARKERS.test(stream) ? stream.slice(0, -1) : stream;
}

/** The snapshot that lists a partition's sites. */
export const partitionSnapshotName = (partition: number): string => `p${partition}`;

export const siteSnapshotName = (partition: number, site: SiteId): string => `p${partition}.${site}`;
