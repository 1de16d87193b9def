// kafkajs 2.2.4 sets a timer a millisecond ahead for ever, on every connection (tulios/kafkajs#1751): several
// per cent of a core for a process that does nothing. Its `scheduleCheckPendingRequests` is wanted only while
// something is pending or the broker throttles; elsewhere it is a no-op here.

import { createRequire } from 'node:module';
import { messageOf } from './deferred.js';

const VERSION = '2.2.4';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
}
type Schedule = (this: RequestQueue) => void;

let done = false;

/** Once for the process. Where kafkajs is not as it is known, a warning, and the loop stays. */
export function stopTimerLoop(warn: (fields: object, message: string) => void): void {
  if (done) return;
  const problem = patch();
  if (problem)
    warn({ problem }, 'kafkajs keeps a timer running all the time: it is not the one that is known');
  else done = true;
}

function patch(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const { version } = require('kafkajs/package.json') as { version?: unknown };
    if (version !== VERSION) return `kafkajs ${String(version)}, not ${VERSION}`;
    const { prototype } = require('kafkajs/src/network/requestQueue') as {
      prototype?: { scheduleCheckPendingRequests?: Schedule };
    };
    const schedule = prototype?.scheduleCheckPendingRequests;
    if (!prototype || typeof schedule !== 'function') return 'there is no scheduleCheckPendingRequests';
    prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
      if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
    };
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
