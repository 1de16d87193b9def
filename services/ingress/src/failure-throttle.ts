// Slows down whoever keeps failing: after a few free attempts each further failure doubles the
// time until the next attempt, up to a cap, so that nobody is ever locked out for good.

import type { Clock } from '@ampledger/kernel';
import { BoundedMap } from './bounded-map.js';

export interface FailureThrottle {
  /** How long this source has to wait before its next attempt; 0: it may try now. */
  waitMs(source: string): number;
  failed(source: string): void;
  succeeded(source: string): void;
}

interface Failures {
  readonly failures: number;
  readonly openAt: number;
  readonly lastAt: number;
}

export interface ThrottleOptions {
  readonly freeAttempts: number;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** A source that was quiet this long starts anew. */
  readonly forgetAfterMs: number;
  /** Sources kept; the oldest is forgotten first. */
  readonly sourcesMax: number;
}

export const DEFAULT_THROTTLE: ThrottleOptions = {
  freeAttempts: 5,
  firstDelayMs: 1_000,
  delayMaxMs: 60_000,
  forgetAfterMs: 600_000,
  sourcesMax: 10_000,
};

export function createFailureThrottle(clock: Clock, options: Partial<ThrottleOptions> = {}): FailureThrottle {
  const bounds = { ...DEFAULT_THROTTLE, ...options };
  const sources = new BoundedMap<string, Failures>(bounds.sourcesMax);

  const recall = (source: string): Failures | undefined => {
    const record = sources.get(source);
    if (record === undefined || clock.now() - record.lastAt < bounds.forgetAfterMs) return record;
    sources.delete(source);
    return undefined;
  };
  const delayMs = (failures: number): number => {
    const excess = failures - bounds.freeAttempts;
    return excess <= 0 ? 0 : Math.min(bounds.delayMaxMs, bounds.firstDelayMs * 2 ** Math.min(excess - 1, 30));
  };

  return {
    waitMs: (source) => Math.max(0, (recall(source)?.openAt ?? 0) - clock.now()),
    failed(source) {
      const failures = (recall(source)?.failures ?? 0) + 1;
      const now = clock.now();
      sources.set(source, { failures, openAt: now + delayMs(failures), lastAt: now });
    },
    succeeded(source) {
      sources.delete(source);
    },
  };
}
