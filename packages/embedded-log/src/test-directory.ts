// For tests: directories that are removed afterwards, events, and copies of a log as a crash would leave it.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { afterAll } from 'vitest';
import { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.js';

export interface TestDirectory {
  /** A new, empty directory. */
  fresh(): string;
  /** What is on disk now, as if the process had been killed. */
  crashCopy(directory: string): string;
}

export function useTestDirectory(): TestDirectory {
  const root = mkdtempSync(join(tmpdir(), 'ampledger-embedded-'));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const fresh = (): string => join(root, String(count++));
  return {
    fresh,
    crashCopy(directory) {
      const copy = fresh();
      const volatile = /(-shm|lock\.sqlite.*|owner\.json)$/;
      cpSync(directory, copy, { recursive: true, filter: (path) => !volatile.test(path) });
      return copy;
    },
  };
}

export const testEvent = (stream: string, n: number, data: object = { n }): NewEvent => ({
  id: `${stream}#${n}`,
  key: 'depot',
  stream,
  type: 'MeterSampled',
  version: 1,
  data,
  meta: { receivedAt: 1_790_000_000_000 + n },
});

export const testEvents = (stream: string, count: number, from = 0): NewEvent[] =>
  Array.from({ length: count }, (_, i) => testEvent(stream, from + i));

export async function collect(pages: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

/** Opens a log, lets `use` work with it, and closes it again. */
export async function withLog<T>(
  directory: string,
  use: (log: EmbeddedLog, warnings: readonly string[]) => Promise<T>,
  options: Partial<EmbeddedLogOptions> = {},
): Promise<T> {
  const warnings: string[] = [];
  const log = await openEmbeddedLog({
    directory,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  try {
    return await use(log, warnings);
  } finally {
    await log.close();
  }
}
