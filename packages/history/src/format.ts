// What the formats have in common.

import type { NewEvent } from '@ampledger/ports';
import type { HistoryHeader } from './header.js';
import type { HistoryEvent } from './history.js';
import type { HistorySummary } from './tally.js';

export type HistoryFormat = 'ndjson' | 'ndjson.gz' | 'parquet';

/** What becomes a file. */
export interface HeaderedPages {
  readonly header: HistoryHeader;
  readonly pages: AsyncIterable<readonly HistoryEvent[]>;
}

/** Some events of a file that follow each other. */
export interface HistoryPage {
  readonly events: readonly NewEvent[];
  /** Where in the file the event of this index stands: `line 17`. */
  placeOf(index: number): string;
}

export interface ReadProgress {
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface ReadHandlers {
  /** Before the first page. */
  readonly onHeader?: (header: HistoryHeader) => void;
  /** The next page comes when it has resolved. */
  readonly onPage?: (page: HistoryPage) => void | Promise<void>;
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** What a whole file turned out to hold. */
export interface HistoryContent {
  readonly format: HistoryFormat;
  readonly header: HistoryHeader;
  readonly summary: HistorySummary;
}

/** A page is full with the event that reaches either. */
export const PAGE_EVENTS_MAX = 1_000;
/** Of text. */
export const PAGE_BYTES_MAX = 4 * 1024 * 1024;
