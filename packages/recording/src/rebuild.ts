// Rebuilds a partition from nothing but its recorded events, and compares with what runs.

import type { SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import type { EventStore } from '@ampledger/ports';
import type { RecordedPartition } from './marker.js';
import { type Restored, restorePartition } from './restore.js';
import { stateDigest } from './state-digest.js';

/** A site's state somewhere, after so many of its events. */
export interface SiteDigest {
  readonly site: SiteId;
  readonly seq: number;
  readonly digest: string;
}

export interface RebuildOptions extends RecordedPartition {
  readonly store: EventStore;
  readonly toOffset?: number;
  /** Sites whose digest is wanted after so many of their events: where what runs is, each process for itself. */
  readonly at?: ReadonlyMap<SiteId, ReadonlySet<number>>;
  readonly onProgress?: (progress: { readonly events: number; readonly position: number }) => void;
}

export interface Rebuilt extends Restored {
  /** Of what was asked for with `at`, that which came so far; by `placeOf`. */
  readonly digestsAt: ReadonlyMap<string, SiteDigest>;
}

export async function rebuildPartition(options: RebuildOptions): Promise<Rebuilt> {
  const { store, topic, partition, partitions, toOffset, at, onProgress } = options;
  const digestsAt = new Map<string, SiteDigest>();
  let events = 0;
  // Named one by one: a caller's object that has snapshots too must not bring them in.
  const restored = await restorePartition({
    ...{ store, topic, partition, partitions },
    ...(toOffset === undefined ? {} : { toOffset }),
    onEvent: (event, fold) => {
      const site = event.key as SiteId;
      const state = fold.sites.get(site);
      if (state !== undefined && at?.get(site)?.has(state.seq))
        digestsAt.set(placeOf(state), digestOf(state));
    },
    onPage: (page) => {
      events += page.length;
      onProgress?.({ events, position: page.at(-1)?.position ?? 0 });
    },
  });
  return { ...restored, digestsAt };
}

export const digestOf = (state: SiteState): SiteDigest => ({
  site: state.site,
  seq: state.seq,
  digest: stateDigest(state),
});

/**
 * `equal`: the same state after the same number of events. `behind`: the record does not go so far yet.
 * `unknown`: the record has no such site.
 */
export type Comparison = 'equal' | 'different' | 'behind' | 'unknown';

export interface ComparedSite {
  readonly site: SiteId;
  readonly seq: number;
  readonly comparison: Comparison;
}

/** What runs, beside a rebuild that was made with `at` from the same list. */
export function compareRebuilt(running: readonly SiteDigest[], rebuilt: Rebuilt): readonly ComparedSite[] {
  return running.map((one) => ({ site: one.site, seq: one.seq, comparison: compare(one, rebuilt) }));
}

function compare(running: SiteDigest, { digestsAt, fold }: Rebuilt): Comparison {
  const then = digestsAt.get(placeOf(running));
  if (then !== undefined) return then.digest === running.digest ? 'equal' : 'different';
  const now = fold.sites.get(running.site);
  if (now === undefined) return 'unknown';
  return now.seq < running.seq ? 'behind' : 'different';
}

const placeOf = ({ site, seq }: Pick<SiteDigest, 'site' | 'seq'>): string => `${site} ${seq}`;

/** Where a rebuild should stop to look, for `RebuildOptions.at`: processes that run are at different places. */
export function seqsOf(running: readonly SiteDigest[]): ReadonlyMap<SiteId, ReadonlySet<number>> {
  const seqs = new Map<SiteId, Set<number>>();
  for (const { site, seq } of running) seqs.set(site, (seqs.get(site) ?? new Set()).add(seq));
  return seqs;
}
