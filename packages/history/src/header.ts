// What a file says of itself, before and after its events.

import { isObject } from './event-text.js';
import type { Selection } from './history.js';
import { HistoryError } from './history-error.js';
import type { HistorySummary } from './tally.js';

export const FORMAT = 'ampledger-history';
export const FORMAT_VERSION = 1;

export interface HistoryHeader {
  readonly format: typeof FORMAT;
  readonly version: typeof FORMAT_VERSION;
  /** ISO 8601. */
  readonly madeAt: string;
  /** The program that wrote it, and its version. */
  readonly madeBy: string;
  readonly selection: Selection;
}

export const headerOf = (about: {
  readonly madeAt: number;
  readonly madeBy: string;
  readonly selection: Selection;
}): HistoryHeader => ({
  format: FORMAT,
  version: FORMAT_VERSION,
  madeAt: new Date(about.madeAt).toISOString(),
  madeBy: about.madeBy,
  selection: about.selection,
});

export function parseHeader(text: string): HistoryHeader {
  const value = parsed(text);
  if (!isObject(value) || value.format !== FORMAT) {
    throw new HistoryError('NOT_A_HISTORY', 'This is no history that ampledger exported.');
  }
  if (value.version !== FORMAT_VERSION) {
    throw new HistoryError(
      'TOO_NEW',
      `This history is of format version ${String(value.version)}; this release reads version ${FORMAT_VERSION}. Read it with the release that wrote it: ${String(value.madeBy)}.`,
    );
  }
  return value as unknown as HistoryHeader;
}

/** Compares what a file says it holds with what was read; says what differs. */
export function compareSummary(said: unknown, read: HistorySummary): void {
  if (JSON.stringify(said) === JSON.stringify(read)) return;
  const { events, sha256 } = isObject(said) ? said : {};
  const claim = `${String(events)} events with SHA-256 ${String(sha256)}`;
  throw new HistoryError(
    'DAMAGED',
    `The history says that it holds ${claim}; what was read are ${read.events} with ${read.sha256}.`,
  );
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
