// The life of a process: it starts, runs until a signal or a failure, drains within a bound, and ends with
// an exit code. Readiness goes first when it ends, so that nothing new is sent to it.

import { type Clock, sleep, systemClock } from '@ampledger/kernel';
import { EXIT, type ExitCode, endOf } from './exit.js';
import type { Health } from './health.js';
import type { Log } from './log.js';
import { type Host, type Signals, watchSignals } from './signals.js';

export interface Running {
  /** Rejects when a part failed for good. */
  readonly failed: Promise<never>;
  /** Drains and ends everything. */
  close(): Promise<void>;
}

export interface RunProcessOptions {
  /** Throws when it cannot start, having closed what it had started. */
  readonly start: (signals: Signals) => Promise<Running>;
  readonly log: Log;
  readonly health: Health;
  /** What draining and closing may take; what was acknowledged is durable in any case. */
  readonly closeMsMax: number;
  /** How long to serve on while those who send here find out that they should not; default 0. */
  readonly graceMs?: number;
  readonly clock?: Clock;
  readonly host?: Host;
}

/** Resolves with the exit code when the process should end; the caller flushes its output and exits. */
export async function runProcess(options: RunProcessOptions): Promise<ExitCode> {
  const { log, health, clock = systemClock, host = process } = options;
  const signals = watchSignals(log, { host, clock });
  const release = exitOnDefects(log, host);
  try {
    return await live({ ...options, clock }, signals);
  } catch (error) {
    const { exitCode, message } = endOf(error);
    health.failed(message);
    log.error({}, message);
    return exitCode;
  } finally {
    release();
    signals.release();
  }
}

type Life = RunProcessOptions & { readonly clock: Clock };

async function live(life: Life, signals: Signals): Promise<ExitCode> {
  const { log, health, start } = life;
  const starting = start(signals);
  const running = await Promise.race([starting, signals.ended]);
  if (running === undefined) {
    health.draining();
    // Throws as the start does: then there is nothing to close.
    await withinBound(
      life,
      starting.then((started) => started.close()),
    );
    return EXIT.ok;
  }
  running.failed.catch(() => undefined);
  health.started();
  try {
    await Promise.race([signals.ended, running.failed]);
  } catch (error) {
    const { exitCode, message } = endOf(error);
    health.failed(message);
    log.error({}, `Cannot go on: ${message}`);
    await withinBound(life, running.close());
    return exitCode;
  }
  health.draining();
  if (life.graceMs) await sleep(life.clock, life.graceMs);
  await withinBound(life, running.close());
  return EXIT.ok;
}

/** Waits for the end, but not for ever; a failure at the very end is told and changes nothing. */
async function withinBound({ log, clock, closeMsMax }: Life, closing: Promise<void>): Promise<void> {
  let timer = { cancel: () => {} };
  const late = new Promise<'late'>((resolve) => {
    timer = clock.after(closeMsMax, () => resolve('late'));
  });
  const closed = closing.catch((error: unknown) => log.warn({ err: error }, 'Closing failed'));
  const outcome = await Promise.race([closed, late]);
  timer.cancel();
  if (outcome !== 'late') return;
  log.warn({}, 'Closing took too long and was cut short; nothing that was acknowledged is lost.');
}

/** What nobody caught leaves the process in a state that nobody knows: it ends, is started again, and replays. */
function exitOnDefects(log: Log, host: Host): () => void {
  const onRejection = (error: unknown): void => {
    log.error({ err: error }, 'A promise failed and nobody minded: a defect');
    host.exit(EXIT.defect);
  };
  const onException = (error: unknown): void => {
    log.error({ err: error }, 'An exception that nobody caught: a defect');
    host.exit(EXIT.defect);
  };
  host.on('unhandledRejection', onRejection);
  host.on('uncaughtException', onException);
  return () => {
    host.off('unhandledRejection', onRejection);
    host.off('uncaughtException', onException);
  };
}
