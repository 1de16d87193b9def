// Admission at a rate, with room for a burst.

import type { Clock } from '@ampledger/kernel';

export interface TokenBucket {
  /** True when one more may pass now. */
  take(): boolean;
}

export function createTokenBucket(deps: {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly burst: number;
}): TokenBucket {
  const { clock, perSecond, burst } = deps;
  let tokens = burst;
  let filledAt = clock.now();
  return {
    take() {
      const now = clock.now();
      // A clock that was set back gives nothing and takes nothing.
      tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
