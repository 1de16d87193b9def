// An engine as the business of a process: signals in, exit code out.

import { sleep, systemClock } from '@ampledger/kernel';
import type { Engine } from './engine.js';
import { EXIT, type ExitCode, endOf } from './exit.js';
import type { Log } from './log.js';

/** Closing takes less; what was acknowledged is on disk in any case. */
const CLOSE_MS_MAX = 1_800;
/** 128 and the number of the signal, as shells count. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export interface RunOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly onHangup?: () => void;
  /** Ends what runs beside the engine. */
  readonly beforeClose?: () => Promise<void>;
}

/** Resolves with the exit code when the engine has ended, by a signal or by itself. */
export async function runUntilEnd({ engine, log, onHangup, beforeClose }: RunOptions): Promise<ExitCode> {
  const signals = watchSignals(log, onHangup);
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

/** The first SIGINT or SIGTERM ends in order, a second one at once. */
function watchSignals(log: Log, onHangup: (() => void) | undefined) {
  let onFirst: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  let isEnding = false;
  const onSignal = (signal: keyof typeof SIGNAL_CODES): void => {
    if (isEnding) process.exit(SIGNAL_CODES[signal]);
    isEnding = true;
    log.info({}, `${signal === 'SIGINT' ? 'Interrupted' : 'Terminated'}: closing`);
    onFirst();
  };
  const onHup = (): void => onHangup?.();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onHup);
  const release = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('SIGHUP', onHup);
  };
  return { ended, release };
}
