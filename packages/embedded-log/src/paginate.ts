// From a group of calls to the pages that they are stored in.

import { invariant } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import type { Mark } from './index-writer.js';
import { encodePage, type Page } from './page.js';

const PAGE_EVENTS_MAX = 256;
const PAGE_BYTES_MAX = 1024 * 1024;

/** What one caller wants written. */
export interface Call {
  readonly events: readonly RecordedEvent[];
  readonly bytes: number;
}

/** Packs a group into pages of bounded size. */
export function paginate(calls: readonly Call[], after: Mark): Page[] {
  const pages: Page[] = [];
  let { position, crc } = after;
  let events: RecordedEvent[] = [];
  let bytes = 0;
  const finish = (): void => {
    if (events.length === 0) return;
    invariant(events[0]?.position === position + 1, 'positions follow each other');
    const page = encodePage(events, position + 1, crc);
    pages.push(page);
    position += page.count;
    crc = page.crc;
    events = [];
    bytes = 0;
  };
  for (const call of calls) {
    const bytesEach = call.bytes / call.events.length;
    for (const event of call.events) {
      events.push(event);
      bytes += bytesEach;
      if (events.length >= PAGE_EVENTS_MAX || bytes >= PAGE_BYTES_MAX) finish();
    }
  }
  finish();
  return pages;
}
