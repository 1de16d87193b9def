// The right to record a partition: the newest marker is ours. Appending one with the revision that we
// expect takes the right over, and shows whether we still have it.

import { randomUUID } from 'node:crypto';
import type { Clock } from '@ampledger/kernel';
import type { EventStore } from '@ampledger/ports';
import {
  type MarkerData,
  markerEvent,
  markerStream,
  newestMarker,
  type RecordedPartition,
} from '@ampledger/recording';
import { type Effort, TenureEnd } from './effort.js';

const TRIES_MAX = 10;

interface Deps {
  readonly store: EventStore;
  readonly effort: Effort;
  readonly clock: Clock;
  readonly of: RecordedPartition;
}

export interface MarkerLine {
  /** Everything up to here was recorded when we took over; -1: nothing. */
  readonly takenAt: number;
  /** Says that everything up to `to` is recorded; gives the marker's place. SUPERSEDED: the right is lost. */
  append(to: number, skipped: readonly number[]): Promise<number>;
}

/** Takes the partition over: from here on whoever had it finds out with their next marker. */
export async function takeOver(deps: Deps, instance: string): Promise<MarkerLine> {
  const { store, effort, of } = deps;
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const newest = await effort(() => newestMarker(store, of));
    const takenAt = newest?.to ?? -1;
    const revision = newest?.revision ?? -1;
    const position = await appendMarker(deps, revision, { ...dataOf(of, takenAt), takenOver: instance });
    if (position !== undefined) return lineAfter(deps, revision + 1, takenAt);
  }
  throw new TenureEnd('SUPERSEDED');
}

function lineAfter(deps: Deps, takenRevision: number, takenAt: number): MarkerLine {
  let revision = takenRevision;
  return {
    takenAt,
    async append(to, skipped) {
      const data = dataOf(deps.of, to);
      const position = await appendMarker(deps, revision, skipped.length === 0 ? data : { ...data, skipped });
      if (position === undefined) throw new TenureEnd('SUPERSEDED');
      revision++;
      return position;
    },
  };
}

const dataOf = ({ topic, partitions }: RecordedPartition, to: number): MarkerData => ({
  ...{ to, topic, partitions },
});

/** undefined: the stream does not end, or no longer ends, where we thought. */
async function appendMarker(deps: Deps, expected: number, data: MarkerData): Promise<number | undefined> {
  const { store, effort, clock, of } = deps;
  // One id for all tries of this marker, and for no other: a repetition of ours is recognised, and one of
  // somebody else's, who writes the same about the same partition, never taken for ours.
  const event = markerEvent({ id: randomUUID(), partition: of.partition, data, now: clock.now() });
  const stream = markerStream(of.partition);
  const appended = await effort(() => store.append(stream, expected < 0 ? 'none' : expected, [event]));
  if (!appended.ok || appended.value.nextExpectedRevision !== expected + 1) return undefined;
  return appended.value.position;
}
