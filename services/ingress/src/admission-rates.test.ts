import { VirtualClock } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { BootGate } from './boot-gate.js';
import { createFailureThrottle } from './failure-throttle.js';
import { createTokenBucket } from './token-bucket.js';

describe('token bucket', () => {
  it('lets a burst pass, then a rate', async () => {
    const clock = new VirtualClock(0);
    const bucket = createTokenBucket({ clock, perSecond: 2, burst: 3 });
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false]);
    await clock.advance(1_000);
    expect([1, 2, 3].map(() => bucket.take())).toEqual([true, true, false]);
    await clock.advance(1_000_000);
    expect([1, 2, 3, 4].filter(() => bucket.take())).toHaveLength(3);
  });
});

describe('failure throttle', () => {
  it('doubles the wait after the free attempts, up to a cap, and forgets in time', async () => {
    const clock = new VirtualClock(0);
    const throttle = createFailureThrottle(clock, {
      freeAttempts: 2,
      firstDelayMs: 1_000,
      delayMaxMs: 5_000,
    });
    const waits = Array.from({ length: 7 }, () => {
      throttle.failed('a');
      return throttle.waitMs('a');
    });
    expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000, 5_000, 5_000]);
    expect(throttle.waitMs('b')).toBe(0);
    await clock.advance(4_999);
    expect(throttle.waitMs('a')).toBe(1);
    await clock.advance(1);
    expect(throttle.waitMs('a')).toBe(0);
    await clock.advance(600_000);
    throttle.failed('a');
    expect(throttle.waitMs('a')).toBe(0);
  });

  it('forgets at success', () => {
    const throttle = createFailureThrottle(new VirtualClock(0), { freeAttempts: 0 });
    throttle.failed('a');
    throttle.succeeded('a');
    expect(throttle.waitMs('a')).toBe(0);
  });

  it('keeps a bounded number of sources', () => {
    const throttle = createFailureThrottle(new VirtualClock(0), { freeAttempts: 0, sourcesMax: 2 });
    for (const source of ['a', 'b', 'c']) throttle.failed(source);
    expect(['a', 'b', 'c'].map((source) => throttle.waitMs(source) > 0)).toEqual([false, true, true]);
  });
});

describe('boot gate', () => {
  it('makes a station that boots too often wait longer and longer, then welcomes it', async () => {
    const clock = new VirtualClock(0);
    const gate = new BootGate(clock, 3);
    expect(Array.from({ length: 6 }, () => gate.waitS())).toEqual([0, 0, 0, 60, 120, 240]);
    expect(gate.isRefused).toBe(true);
    await clock.advance(60_000);
    expect(gate.waitS()).toBe(0);
    expect(gate.isRefused).toBe(false);
  });
});
