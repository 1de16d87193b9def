// An engine as the business of a process: signals in, exit code out.

import { sleep, systemClock } from '@ampledger/kernel';
import type { Signals } from '@ampledger/process';
import type { Engine } from './engine.js';
import { EXIT, type ExitCode, endOf } from './exit.js';
import type { Log } from './log.js';

/** Closing takes less; what was acknowledged is on disk in any case. */
const CLOSE_MS_MAX = 1_800;

export interface RunOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly signals: Signals;
  /** Ends what runs beside the engine. */
  readonly beforeClose?: () => Promise<void>;
}

/** Resolves with the exit code when the engine has ended, by a signal or by itself. */
export async function runUntilEnd({ engine, log, signals, beforeClose }: RunOptions): Promise<ExitCode> {
  try {
    await Promise.race([signals.ended, engine.failed]);
  } catch (error) {
    const { exitCode, message } = endOf(error);
    log.error({}, `The engine cannot go on: ${message}`);
    return exitCode;
  }
  const closed = (beforeClose?.() ?? Promise.resolve()).then(() => engine.close()).then(() => true);
  const inTime = await Promise.race([closed, sleep(systemClock, CLOSE_MS_MAX).then(() => false)]);
  if (!inTime)
    log.warn({}, 'Closing took too long and was cut short; nothing that was acknowledged is lost.');
  signals.release();
  return EXIT.ok;
}
