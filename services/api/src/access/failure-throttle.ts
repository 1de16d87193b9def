// Counts refused tokens per address. It slows down guessing and bounds what guessing can log;
// a valid token always passes, so nobody can lock another out.

import type { Clock } from '@ampledger/kernel';

const WINDOW_MS = 60_000;
const FAILURES_MAX = 10;
const ADDRESSES_MAX = 10_000;

export interface FailureThrottle {
  /** Notes a failure; says how long the address has to wait, 0 when it may go on. */
  failed(address: string): { readonly waitS: number; readonly count: number };
}

export function createFailureThrottle(clock: Clock): FailureThrottle {
  const windows = new Map<string, { startedAt: number; count: number }>();

  const windowOf = (address: string, now: number) => {
    const known = windows.get(address);
    if (known !== undefined && now - known.startedAt < WINDOW_MS) return known;
    windows.delete(address);
    // A map keeps the order of insertion, so the first is the oldest.
    const oldest = windows.size >= ADDRESSES_MAX ? windows.keys().next().value : undefined;
    if (oldest !== undefined) windows.delete(oldest);
    const fresh = { startedAt: now, count: 0 };
    windows.set(address, fresh);
    return fresh;
  };

  return {
    failed(address) {
      const now = clock.now();
      const window = windowOf(address, now);
      window.count++;
      const waitS = window.count > FAILURES_MAX ? Math.ceil((window.startedAt + WINDOW_MS - now) / 1000) : 0;
      return { waitS, count: window.count };
    },
  };
}
