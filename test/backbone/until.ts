// Waiting for what a process does in its own time: a probe with a deadline.

import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 100;

type Found<T> = T | undefined | null | false;

/**
 * Resolves with the first thing that the probe finds; undefined, null, false and errors are nothing. Rejects after
 * `msMax` with what was waited for and the probe's last word.
 */
export async function until<T>(
  what: string,
  probe: () => Found<T> | Promise<Found<T>>,
  msMax = 60_000,
): Promise<T> {
  const deadlineAt = performance.now() + msMax;
  let last: unknown = 'nothing';
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
      last = 'nothing';
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineAt) {
      const why = last instanceof Error ? last.message : String(last);
      throw new Error(`${what}: not within ${msMax} ms (${why})`);
    }
    await wait(LOOK_MS);
  }
}
