// Timers that end together with what set them.

import type { Clock, Timer } from '@ampledger/kernel';

export interface Later {
  after(delayMs: number, task: () => void): void;
  close(): void;
}

export function createLater(clock: Clock): Later {
  const timers = new Set<Timer>();
  return {
    after: (delayMs, task) => {
      const timer = clock.after(delayMs, () => {
        timers.delete(timer);
        task();
      });
      timers.add(timer);
    },
    close: () => {
      for (const timer of timers) timer.cancel();
      timers.clear();
    },
  };
}
