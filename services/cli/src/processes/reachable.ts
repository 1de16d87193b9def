// Whether Kafka answers: asked now and then, because a client that waits for a broker says nothing.

import type { Clock, Timer } from '@ampledger/kernel';
import type { PartitionedBus } from '@ampledger/ports';
import type { Health } from '@ampledger/process';

const LOOK_MS = 3_000;
/** A leader that moves is away for less. */
const SILENT_MS_MAX = 12_000;

export interface ReachableWatch {
  close(): void;
}

/** Makes the process not ready while the bus has been silent for too long. */
export function watchReachable(deps: {
  readonly bus: Pick<PartitionedBus, 'offsets'>;
  readonly health: Pick<Health, 'watch'>;
  readonly clock: Clock;
}): ReachableWatch {
  const { bus, health, clock } = deps;
  let heardAt = clock.now();
  let isClosed = false;
  let timer: Timer | undefined;
  const look = async (): Promise<void> => {
    try {
      await bus.offsets(0);
      heardAt = clock.now();
    } catch {
      // Said by `reasons`, once it has lasted.
    }
    if (!isClosed) timer = clock.after(LOOK_MS, () => void look());
  };
  void look();
  health.watch(() => {
    const silentMs = clock.now() - heardAt;
    return silentMs > SILENT_MS_MAX ? [`Kafka has not answered for ${Math.round(silentMs / 1000)} s`] : [];
  });
  return {
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
