// Every page of the log is checked when the engine starts: a short log before anything else happens,
// the rest of a long one in the background, so that a start does not take longer with every month.
// Damage stops the engine with its position.

import type { EmbeddedLog } from '@ampledger/embedded-log';
import { type Clock, sleep } from '@ampledger/kernel';

export interface PageCheck {
  /** Rejects when a page is damaged. */
  readonly failed: Promise<never>;
  close(): void;
}

/** How long a start waits for the check. */
const BEFORE_START_MS = 2_000;
/** Between two chunks in the background: stations come first. */
const PAUSE_MS = 20;

/** Resolves when the log is checked, or has been for as long as a start may wait; rejects on damage. */
export async function startPageCheck(log: EmbeddedLog, clock: Clock): Promise<PageCheck> {
  const until = clock.now() + BEFORE_START_MS;
  const pages = log.verifyPages()[Symbol.asyncIterator]();
  let closed = false;
  const check = async (mayGoOn: () => boolean, pauseMs: number): Promise<boolean> => {
    while (mayGoOn()) {
      const { done, value } = await pages.next();
      // The database's own consistency is left to `ampledger verify`: it cannot be looked at in slices.
      if (done === true || value.position >= value.lastPosition) return true;
      if (pauseMs > 0) await sleep(clock, pauseMs);
    }
    return false;
  };
  const isChecked = await check(() => clock.now() < until, 0);
  const failed = new Promise<never>((_, reject) => {
    if (!isChecked) check(() => !closed, PAUSE_MS).catch(reject);
  });
  failed.catch(() => undefined);
  return {
    failed,
    close() {
      closed = true;
    },
  };
}
