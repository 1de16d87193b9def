// Publishing what nobody waits for and nothing may lose: ends of connections, answers to calls.
// Retried while the bus says that it may help; a bus that failed for good ends the process.

import { type Clock, CodedError, sleep } from '@ampledger/kernel';
import type { Bus, NewEvent } from '@ampledger/ports';
import type { Logger, Metrics } from './contract.js';
import { METRIC } from './metrics.js';

const ATTEMPTS_MAX = 20;
const FIRST_DELAY_MS = 100;
const DELAY_MAX_MS = 5_000;

export interface Publisher {
  /** Resolves when the events are durable, or when they never will be (see `failed`). */
  publish(events: readonly NewEvent[]): Promise<void>;
  /** The bus failed for good. */
  fail(error: unknown): void;
  /** From here on a refusal is no failure: the engine is closing. */
  closing(): void;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<unknown>;
  readonly failed: Promise<never>;
}

export function createPublisher(deps: {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Publisher {
  const { bus, clock, log, metrics } = deps;
  let isClosing = false;
  let reject: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, onReject) => {
    reject = onReject;
  });
  const pending = new Set<Promise<void>>();

  const fail = (error: unknown): void => {
    if (!isClosing) reject(error);
  };
  const giveUp = (error: unknown, events: readonly NewEvent[]): void => {
    log.error({ err: error, types: events.map((event) => event.type) }, 'events could not be published');
    fail(error);
  };
  async function insist(events: readonly NewEvent[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await bus.publish(events);
        return;
      } catch (error) {
        metrics.count(METRIC.publishFailures, { code: codeOf(error) });
        if (isClosing || attempt >= ATTEMPTS_MAX || !canRetry(error)) return giveUp(error, events);
        await sleep(clock, Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)));
      }
    }
  }
  return {
    failed,
    fail,
    closing() {
      isClosing = true;
    },
    settled: () => Promise.all(pending),
    publish(events) {
      const publishing = insist(events);
      pending.add(publishing);
      void publishing.then(() => pending.delete(publishing));
      return publishing;
    },
  };
}

export const canRetry = (error: unknown): boolean => error instanceof CodedError && error.canRetry;
/** From the ports' closed list, so that it may be a metric's label. */
export const codeOf = (error: unknown): string => (error instanceof CodedError ? error.code : 'UNKNOWN');
