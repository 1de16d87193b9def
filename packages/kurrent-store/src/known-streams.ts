// The newest ids of the streams that this process writes to. A server recognises a repeat only where it
// says it belongs; one that expects the stream's end would be written twice. These ids recognise it.

import type { NewEvent } from '@ampledger/ports';

/** Per stream: more than one append has. */
export const KNOWN_IDS_OF_STREAM = 256;
const KNOWN_IDS_MAX = 200_000;

interface Known {
  /** Revision of the next event. */
  next: number;
  readonly revisions: Map<string, number>;
}

export interface KnownStreams {
  has(stream: string): boolean;
  /** Takes in events that are in the stream, in order, the first at this revision. */
  add(stream: string, first: number, ids: readonly string[]): void;
  forget(stream: string): void;
  /** The last revision of an append that is in the stream already, whole and in this order. */
  repeated(stream: string, events: readonly NewEvent[]): number | undefined;
}

export function createKnownStreams(): KnownStreams {
  // In the order of their use: the first is the one to drop.
  const streams = new Map<string, Known>();
  let count = 0;

  const drop = (stream: string): void => {
    count -= streams.get(stream)?.revisions.size ?? 0;
    streams.delete(stream);
  };
  const trim = (): void => {
    for (const stream of streams.keys()) {
      if (count <= KNOWN_IDS_MAX) return;
      drop(stream);
    }
  };

  return {
    has: (stream) => streams.has(stream),
    forget: drop,
    add(stream, first, ids) {
      const known = streams.get(stream) ?? { next: first, revisions: new Map<string, number>() };
      // A gap: somebody else has written, so the newest ids are not known any more.
      if (known.next !== first) return drop(stream);
      streams.delete(stream);
      streams.set(stream, known);
      for (const id of ids) {
        if (!known.revisions.has(id)) count += 1;
        known.revisions.set(id, known.next);
        known.next += 1;
      }
      for (const id of known.revisions.keys()) {
        if (known.revisions.size <= KNOWN_IDS_OF_STREAM) break;
        known.revisions.delete(id);
        count -= 1;
      }
      trim();
    },
    repeated(stream, events) {
      const revisions = streams.get(stream)?.revisions;
      let last = -1;
      for (const { id } of events) {
        const revision = revisions?.get(id);
        if (revision === undefined || revision <= last) return undefined;
        last = revision;
      }
      return last;
    },
  };
}
