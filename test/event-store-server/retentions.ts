// `$maxCount`, `$maxAge` and `$tb`, as the metadata streams have them. They limit what is read from a
// stream; in `$all` events stay until a server scavenges, which this one never does.

import type { EventStore } from '@ampledger/ports';

const KNOWN_MAX = 200_000;

interface StreamMetadata {
  readonly $maxCount?: number;
  readonly $maxAge?: number;
  readonly $tb?: number;
}

export interface Visible {
  /** First revision that is read. */
  readonly first: number;
  readonly createdAfterMs: number;
}

export function createRetentions(store: EventStore) {
  const known = new Map<string, StreamMetadata>();

  const metadataOf = async (stream: string): Promise<StreamMetadata> => {
    const cached = known.get(stream);
    if (cached) return cached;
    let metadata: StreamMetadata = {};
    for await (const [last] of store.readStream(`$$${stream}`, { direction: 'backwards', limit: 1 })) {
      if (last) metadata = JSON.parse((last.data as { data: string }).data) as StreamMetadata;
    }
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(stream, metadata);
    return metadata;
  };

  return {
    /** The stream has a new event; perhaps it is the metadata of another. */
    changed(stream: string): void {
      if (stream.startsWith('$$')) known.delete(stream.slice(2));
    },
    async of(stream: string, last: number): Promise<Visible> {
      const { $maxCount, $maxAge, $tb } = await metadataOf(stream);
      return {
        first: Math.max(0, $tb ?? 0, $maxCount === undefined ? 0 : last - $maxCount + 1),
        createdAfterMs: $maxAge === undefined ? 0 : Date.now() - $maxAge * 1000,
      };
    },
  };
}
