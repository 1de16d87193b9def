// Events for the contract suites. Names carry a run's own prefix, so that a suite can run
// against a server that still holds what earlier runs left there.

import { deterministicId } from '@ampledger/kernel';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';

let runs = 0;
/** A prefix that no other test of this process, and no earlier process, has used. */
export const freshPrefix = (): string => `run-${process.pid}-${Date.now().toString(36)}-${runs++}`;

export interface EventOptions {
  readonly key?: string;
  readonly type?: string;
  readonly data?: object;
}

export const newEvent = (stream: string, name: string | number, options: EventOptions = {}): NewEvent => ({
  id: deterministicId(stream, name),
  key: options.key ?? 'depot',
  stream,
  type: options.type ?? 'MeterSampled',
  version: 1,
  data: options.data ?? { name, currentA: [16, 15.9, null], remarks: [] },
  meta: {
    receivedAt: 1_790_000_000_000,
    stationAt: 1_789_999_999_000,
    correlationId: `call-${name}`,
    frame: '[2,"é"]',
  },
});

export const newEvents = (stream: string, count: number, from = 0, options: EventOptions = {}): NewEvent[] =>
  Array.from({ length: count }, (_, i) => newEvent(stream, from + i, options));

/** What was given, out of what was recorded. */
export const asGiven = ({ position: _p, revision: _r, ...given }: RecordedEvent): NewEvent => given;

export async function collect(pages: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

export interface Gathered {
  readonly events: RecordedEvent[];
  readonly handler: (events: readonly RecordedEvent[]) => void;
  /** Resolves when at least `count` events have come. */
  until(count: number): Promise<void>;
}

/** A handler that keeps what comes and tells when enough has. */
export function gather(): Gathered {
  const events: RecordedEvent[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  return {
    events,
    handler(batch) {
      events.push(...batch);
      for (const { count, resolve } of waiting) if (events.length >= count) resolve();
    },
    until: (count) =>
      new Promise((resolve) => {
        if (events.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

export const isStrictlyIncreasing = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value > (values[i - 1] as number));
