// A partition's state, restored from snapshots and the event store, and followed on the bus from the
// exact offset that it contains.

import { sleep } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
import { type Projection, startProjection } from '@ampledger/projection';
import { offsetsLost, type Restored, restorePartition } from '@ampledger/recording';
import { CliError, EXIT } from '../exit.js';
import type { Shell } from './shell.js';

const PAUSE_MS = 1_000;

type Deps = Pick<Shell<object>, 'backbone' | 'log' | 'clock'>;

/** With `types`, only these events are folded from then on. */
export async function followPartition(
  deps: Deps,
  partition: number,
  types?: readonly string[],
): Promise<Projection> {
  const { bus, store, snapshots } = deps.backbone;
  const restored = await restore(deps, partition);
  const lost = await offsetsLost(bus, partition, restored.nextOffset);
  if (lost > 0) {
    throw new CliError(
      EXIT.corruptLog,
      `${bus.topic}/${partition}: ${lost} events from offset ${restored.nextOffset} on were deleted from Kafka before they were recorded. ` +
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

/** A store that is down for a while costs time and nothing else. */
async function restore({ backbone, log, clock }: Deps, partition: number): Promise<Restored> {
  const { bus, store, snapshots } = backbone;
  const { topic, partitions } = bus;
  for (;;) {
    try {
      return await restorePartition({ store, snapshots, topic, partition, partitions });
    } catch (error) {
      if (!(error instanceof PortError && error.canRetry)) throw error;
      log.warn({ partition, err: { message: error.message } }, 'the state cannot be restored yet');
      await sleep(clock, PAUSE_MS);
    }
  }
}
