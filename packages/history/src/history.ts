// What a history is: events as they were published, in the order of their log, without their places in
// it. Whatever log they are put into, what is folded, decided and verified from them is the same.

import type { NewEvent, RecordedEvent } from '@ampledger/ports';

export interface HistoryEvent extends NewEvent {
  /** Which event of its site it is in the log, from 1. */
  readonly seq: number;
}

/** What of a log goes into a history; null is no bound. Instants are epoch milliseconds. */
export interface Selection {
  readonly site: string | null;
  /** From each site's first event that was received then or later. Without its beginning nothing can be folded. */
  readonly from: number | null;
  /** Up to each site's first event that was received later. */
  readonly to: number | null;
}

export const WHOLE: Selection = { site: null, from: null, to: null };

interface SiteProgress {
  seq: number;
  hasBegun: boolean;
  isOver: boolean;
}

/** The selected events, in pages of what was read; a page may come out empty, so that progress can be told. */
export async function* historyOf(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  selection: Selection = WHOLE,
): AsyncGenerator<readonly HistoryEvent[]> {
  const sites = new Map<string, SiteProgress>();
  for await (const page of pages) {
    const selected: HistoryEvent[] = [];
    for (const event of page) {
      if (selection.site !== null && event.key !== selection.site) continue;
      const site = progressOf(sites, event.key);
      site.seq += 1;
      if (isSelected(site, event.meta.receivedAt, selection)) selected.push(withoutPlace(event, site.seq));
    }
    yield selected;
    if (selection.site !== null && sites.get(selection.site)?.isOver) return;
  }
}

function progressOf(sites: Map<string, SiteProgress>, key: string): SiteProgress {
  const known = sites.get(key);
  if (known !== undefined) return known;
  const made = { seq: 0, hasBegun: false, isOver: false };
  sites.set(key, made);
  return made;
}

/** The clocks of several processes differ by a little: what is selected is one piece all the same. */
function isSelected(site: SiteProgress, receivedAt: number, { from, to }: Selection): boolean {
  site.hasBegun ||= from === null || receivedAt >= from;
  site.isOver ||= to !== null && receivedAt > to;
  return site.hasBegun && !site.isOver;
}

function withoutPlace(event: RecordedEvent, seq: number): HistoryEvent {
  const { id, key, stream, type, version, data, meta } = event;
  if (meta.source === undefined) return { id, key, stream, type, version, data, meta, seq };
  const { source, ...rest } = meta;
  return { id, key, stream, type, version, data, meta: rest, seq };
}
