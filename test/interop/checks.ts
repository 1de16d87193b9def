// One line per check on stdout, `ok <what>` or `not ok <what>`, and an exit code that says whether all held.

import type { EventEmitter } from 'node:events';

export interface Checks {
  check(what: string, holds: boolean, detail?: unknown): void;
  readonly failures: number;
}

export function createChecks(prefix: string): Checks {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    check(what, holds, detail) {
      if (!holds) failures += 1;
      const more = holds || detail === undefined ? '' : `: ${JSON.stringify(detail)}`;
      process.stdout.write(`${holds ? 'ok' : 'not ok'} ${prefix}: ${what}${more}\n`);
    },
  };
}

/** Resolves with the first value that the emitter's `event` brings and that is wanted; undefined when none comes. */
export function awaited<T>(
  emitter: EventEmitter,
  event: string,
  isWanted: (value: T) => boolean,
  timeoutMs: number,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    const onEvent = (value: T): void => {
      if (isWanted(value)) finish(value);
    };
    function finish(value: T | undefined): void {
      clearTimeout(timer);
      emitter.off(event, onEvent);
      resolve(value);
    }
    emitter.on(event, onEvent);
  });
}
