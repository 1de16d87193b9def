// A history as lines of JSON: a header, one event a line, and what all of them come to. Each event's line
// ends in the CRC-32 of everything up to there, so that damage, loss and exchange of lines show where they are.

import { createHash } from 'node:crypto';
import { EVENT_BYTES_MAX, openText, textOf } from './event-text.js';
import type { HeaderedPages } from './format.js';
import type { HistoryEvent } from './history.js';
import { HistoryError } from './history-error.js';
import { LINE_BYTES_MAX } from './lines.js';
import { type HistorySummary, Tally } from './tally.js';

/** The bytes of the file; `onSummary` is told before the last of them. */
export async function* ndjsonOf(
  { header, pages }: HeaderedPages,
  onSummary: (summary: HistorySummary) => void,
): AsyncGenerator<Buffer> {
  const tally = new Tally();
  const first = JSON.stringify(header);
  yield Buffer.from(`${first}\n`);
  for await (const page of pages) {
    for (const event of page) yield lineOf(event, tally);
  }
  const summary = tally.summary();
  onSummary(summary);
  yield trailerOf(first, summary);
}

function lineOf(event: HistoryEvent, tally: Tally): Buffer {
  const open = Buffer.from(openText(textOf(event)));
  if (open.length > EVENT_BYTES_MAX) {
    throw new HistoryError('INVALID', `Event ${event.id} is larger than ${EVENT_BYTES_MAX} bytes`);
  }
  tally.add(event, open);
  return Buffer.concat([open, Buffer.from(`,"crc":"${tally.chain}"}\n`)]);
}

function trailerOf(header: string, summary: HistorySummary): Buffer {
  const headerSha256 = createHash('sha256').update(header).digest('hex');
  const line = Buffer.from(`${JSON.stringify({ trailer: summary, headerSha256 })}\n`);
  if (line.length <= LINE_BYTES_MAX) return line;
  throw new HistoryError('INVALID', `${summary.sites.length} sites are too many for one file`);
}
