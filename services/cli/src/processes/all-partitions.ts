// The states of all partitions, for those who own none: which station is whose, and what comes next.

import type { SiteState } from '@ampledger/domain';
import type { SiteId, StationId } from '@ampledger/kernel';
import type { BatchHandler, Bus, NewEvent, PartitionedBus, Subscription } from '@ampledger/ports';
import { type FoundStation, findStation, type Projection } from '@ampledger/projection';

export interface AllPartitions {
  state(site: SiteId): SiteState | undefined;
  find(station: StationId): FoundStation | undefined;
  /** Publishes to every partition; hands over what is folded from now on, after it is folded. */
  readonly bus: Bus;
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

export function allPartitions(log: PartitionedBus, projections: readonly Projection[]): AllPartitions {
  /** Where a station was found last: looked at first, and believed only if it is still there. */
  const last = new Map<StationId, Projection>();

  function find(station: StationId): FoundStation | undefined {
    const known = last.get(station);
    const found = known && findStation(known, station);
    if (found !== undefined) return found;
    for (const projection of projections) {
      const elsewhere = findStation(projection, station);
      if (elsewhere === undefined) continue;
      last.set(station, projection);
      return elsewhere;
    }
    last.delete(station);
    return undefined;
  }

  return {
    find,
    state: (site) => projections[log.partitionOf(site)]?.state(site),
    bus: {
      publish: (events: readonly NewEvent[]) => log.publish(events),
      subscribe: ({ types }, handler) => afterFolding(projections, types, handler),
    },
    failed: Promise.race(projections.map((projection) => projection.failed)),
    close: async () => void (await Promise.all(projections.map((projection) => projection.close()))),
  };
}

function afterFolding(
  projections: readonly Projection[],
  types: readonly string[] | undefined,
  handler: BatchHandler,
): Subscription {
  const wanted = types && new Set(types);
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  let tail: Promise<void> = Promise.resolve();
  const stops = projections.map((projection) =>
    projection.onBatch((events) => {
      const mine = wanted === undefined ? events : events.filter(({ type }) => wanted.has(type));
      if (mine.length > 0) tail = tail.then(() => handler(mine)).catch(fail);
    }),
  );
  return {
    caughtUp: Promise.resolve(),
    failed,
    async close() {
      for (const stop of stops) stop();
      await tail;
    },
  };
}
