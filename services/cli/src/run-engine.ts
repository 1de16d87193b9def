// An engine as the business of a process: signals in, exit code out.

import { sleep, systemClock } from '@ampledger/kernel';
import type { Engine } from './engine.js';
import { EXIT, type ExitCode, endOf } from './exit.js';
import type { Log } from './log.js';

/** Closing takes less; what was acknowledged is on disk in any case. */
const CLOSE_MS_MAX = 1_800;
/** 128 and the number of the signal, as shells count. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Signals closer together than this are one. */
const SAME_SIGNAL_MS = 500;

export interface Signals {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly ended: Promise<void>;
  /** Called at each SIGHUP from then on. */
  onHangup(listener: () => void): void;
  release(): void;
}

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

/**
 * To be called before anything is started: a signal in the midst of a start ends in order too. The
 * first SIGINT or SIGTERM does, a second one ends the process at once.
 */
export function watchSignals(log: Log): Signals {
  let onFirst: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  let endingSince: number | null = null;
  let hangup: () => void = () => undefined;
  const onSignal = (signal: keyof typeof SIGNAL_CODES): void => {
    if (endingSince !== null) {
      // One Ctrl-C comes twice where npm passes on what the terminal has sent to us as well.
      if (systemClock.now() - endingSince >= SAME_SIGNAL_MS) process.exit(SIGNAL_CODES[signal]);
      return;
    }
    endingSince = systemClock.now();
    log.info({}, `${signal === 'SIGINT' ? 'Interrupted' : 'Terminated'}: closing`);
    onFirst();
  };
  const onHup = (): void => hangup();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onHup);
  return {
    ended,
    onHangup(listener) {
      hangup = listener;
    },
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onHup);
    },
  };
}
