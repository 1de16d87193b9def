// A bound on how many of one kind of work run at once: a replay, an export.

import { err, ok, type Result } from '@ampledger/kernel';
import { type Problem, problem } from './problem.js';

export interface Slots {
  /** Takes a slot; the answer gives it back. Giving back twice is once. */
  take(): Result<() => void, Problem>;
}

export function createSlots(max: number, what: string): Slots {
  let taken = 0;
  return {
    take() {
      if (taken >= max) {
        return err(problem('busy', `At most ${max} ${what} run at once; try again.`, { retryAfterS: 1 }));
      }
      taken++;
      let held = true;
      return ok(() => {
        if (held) taken--;
        held = false;
      });
    },
  };
}
