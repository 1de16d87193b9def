// A partition's state, restored from snapshots and the event store, and followed on the bus from the
// exact offset that it contains.

import { type Clock, sleep } from '@ampledger/kernel';
import { type EventStore, type PartitionedBus, PortError } from '@ampledger/ports';
import type { Log } from '@ampledger/process';
import { type Projection, startProjection } from '@ampledger/projection';
import { offsetsLost, restorePartition } from '@ampledger/recording';
import { CliError, EXIT } from '../exit.js';
import type { Backbone } from './backbone.js';

const PAUSE_MS = 1_000;

export interface FollowDeps {
  readonly backbone: Pick<Backbone, 'snapshots'> & {
    readonly bus: Pick<PartitionedBus, 'topic' | 'partitions' | 'partition' | 'offsets'>;
    readonly store: EventStore;
  };
  readonly log: Pick<Log, 'warn'>;
  readonly clock: Clock;
}

/**
 * With `types`, only these events are folded from then on. A store or a bus that is away for a while costs
 * time and nothing else.
 */
export async function followPartition(
  deps: FollowDeps,
  partition: number,
  types?: readonly string[],
): Promise<Projection> {
  for (;;) {
    try {
      return await follow(deps, partition, types);
    } catch (error) {
      if (!(error instanceof PortError && error.canRetry)) throw error;
      deps.log.warn({ partition, err: { message: error.message } }, 'the state cannot be restored yet');
      await sleep(deps.clock, PAUSE_MS);
    }
  }
}

async function follow(
  { backbone: { bus, store, snapshots } }: FollowDeps,
  partition: number,
  types?: readonly string[],
): Promise<Projection> {
  const { topic, partitions } = bus;
  const restored = await restorePartition({ store, snapshots, topic, partition, partitions });
  const lost = await offsetsLost(bus, partition, restored.nextOffset);
  if (lost > 0) {
    throw new CliError(
      EXIT.corruptLog,
      `${topic}/${partition}: ${lost} events from offset ${restored.nextOffset} on were deleted from Kafka before they were recorded. ` +
        'The recorder was behind for longer than the topic keeps events (--kafka-retention).',
    );
  }
  return startProjection({
    bus: bus.partition(partition),
    store,
    snapshots,
    fold: restored.fold,
    snapshotEvery: 0,
    ...(types === undefined ? {} : { types }),
  });
}
