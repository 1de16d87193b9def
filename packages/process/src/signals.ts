// The signals that end a process in order.

import { type Clock, systemClock } from '@ampledger/kernel';
import type { Log } from './log.js';

/** 128 and the number of the signal, as shells count. */
const INTERRUPTED = 130;
const TERMINATED = 143;

/** Signals closer together than this are one. */
const SAME_SIGNAL_MS = 500;

/** As much of `process` as is needed. */
export interface Host {
  on(event: string, listener: (detail: unknown) => void): unknown;
  off(event: string, listener: (detail: unknown) => void): unknown;
  exit(code: number): void;
}

export interface Signals {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly ended: Promise<void>;
  /** Called at each SIGHUP from then on. */
  onHangup(listener: () => void): void;
  release(): void;
}

export interface SignalOptions {
  readonly host?: Host;
  readonly clock?: Clock;
}

/**
 * To be called before anything is started: a signal in the midst of a start ends in order too. The
 * first SIGINT or SIGTERM does, a second one ends the process at once.
 */
export function watchSignals(log: Log, { host = process, clock = systemClock }: SignalOptions = {}): Signals {
  let onFirst: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  let endingSince: number | null = null;
  let hangup: () => void = () => undefined;
  const onSignal = (signal: unknown): void => {
    const isInterrupt = signal === 'SIGINT';
    if (endingSince !== null) {
      // One Ctrl-C comes twice where npm passes on what the terminal has sent to us as well.
      if (clock.now() - endingSince >= SAME_SIGNAL_MS) host.exit(isInterrupt ? INTERRUPTED : TERMINATED);
      return;
    }
    endingSince = clock.now();
    log.info({}, `${isInterrupt ? 'Interrupted' : 'Terminated'}: closing`);
    onFirst();
  };
  const onHup = (): void => hangup();
  const listeners = [
    ['SIGINT', onSignal],
    ['SIGTERM', onSignal],
    ['SIGHUP', onHup],
  ] as const;
  for (const [signal, listener] of listeners) host.on(signal, listener);
  return {
    ended,
    onHangup(listener) {
      hangup = listener;
    },
    release() {
      for (const [signal, listener] of listeners) host.off(signal, listener);
    },
  };
}
