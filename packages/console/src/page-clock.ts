// The browser's clock and timers behind the kernel's Clock. Nothing else on the page reads the time.

import type { Clock } from '@ampledger/kernel';

export const pageClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const handle = window.setTimeout(task, delayMs);
    return { cancel: () => window.clearTimeout(handle) };
  },
};
