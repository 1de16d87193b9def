// One partition over the time that it comes to us and goes: one tenure after the other, never two at once.

import type { PartitionStatus } from './contract.js';
import { pause } from './effort.js';
import { METRIC } from './metrics.js';
import { beginTenure, type Tenure, type TenureDeps } from './tenure.js';

export interface PartitionKeeper {
  /** It is ours. Again: nothing changes, for if somebody else had it meanwhile our next marker shows it. */
  assign(): void;
  /** It is not. Resolves when nothing of ours is being written any more. */
  revoke(rest: 'give-out' | 'drop'): Promise<void>;
  /** undefined: not ours. */
  status(): Omit<PartitionStatus, 'lagEvents'> | undefined;
  snapshotTakenAt(): number | undefined;
}

export function createPartitionKeeper(deps: TenureDeps, onFailed: (error: unknown) => void): PartitionKeeper {
  const { clock, log, metrics, options, partition } = deps;
  let wanted = false;
  let tenure: Tenure | undefined;
  let running: Promise<void> | undefined;
  let wake = new AbortController();

  async function keep(): Promise<void> {
    while (wanted) {
      tenure = beginTenure(deps);
      const ending = await tenure.ended;
      if (ending === 'superseded') {
        metrics.count(METRIC.superseded);
        log.warn({ partition }, 'somebody else took the partition over; nothing more is recorded here');
        if (wanted) await pause(clock, options.retakeMs, wake.signal);
      }
    }
  }
  function start(): void {
    if (running !== undefined) return;
    running = keep()
      .catch(onFailed)
      .finally(() => {
        running = undefined;
        tenure = undefined;
      });
  }
  return {
    assign() {
      wanted = true;
      wake.abort();
      wake = new AbortController();
      start();
    },
    async revoke(rest) {
      wanted = false;
      wake.abort();
      wake = new AbortController();
      tenure?.stop(rest);
      await running;
    },
    status() {
      if (!wanted || tenure === undefined) return undefined;
      return tenure.status();
    },
    snapshotTakenAt: () => tenure?.snapshotTakenAt(),
  };
}
