// Moments of the past: a frozen view of one, and the minutes that led to any.

import type { SiteView } from '@ampledger/domain';
import type { Clock } from '@ampledger/kernel';
import { HISTORY_MS } from '../model/history.js';
import { type Api, ApiError } from './api.js';
import { recentEvents } from './recent-events.js';
import type { FeedChange } from './site-feed.js';

const STEP_MS = 60_000;

interface PastOptions {
  readonly api: Api;
  readonly site: string;
  readonly signal: AbortSignal;
}

/** Loads the site as it was at `moment`, with the events that led there. */
export async function showMoment(
  { api, site, signal, moment, clock }: PastOptions & { readonly moment: number; readonly clock: Clock },
  onChange: (change: FeedChange) => void,
): Promise<void> {
  const change = (what: FeedChange): void => {
    if (!signal.aborted) onChange(what);
  };
  try {
    change({ kind: 'view', view: await api.site(site, moment), heardAt: clock.now() });
    change({ kind: 'events', events: await recentEvents(api, site, moment) });
    change({ kind: 'live' });
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    change({ kind: 'lost', status, message: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * The quarter of an hour before `until`, latest first, one request at a time. A site that was configured in
 * it is not asked for before that. Ends quietly at the first refusal, or when a view has no nodes.
 */
export async function loadHistory(
  { api, site, signal, until }: PastOptions & { readonly until: number },
  onView: (view: SiteView) => void,
): Promise<void> {
  const from = await beginningOf(api, site, until - HISTORY_MS);
  for (let at = until - STEP_MS; !signal.aborted && at >= from; at -= STEP_MS) {
    const view = await api.site(site, at).catch(() => undefined);
    if (signal.aborted || view === undefined || view.nodes.length === 0) return;
    onView(view);
  }
}

/** `since`, or when the site was configured, where that is the first that happened to it since. */
async function beginningOf(api: Api, site: string, since: number): Promise<number> {
  const [first] = await api.events(site, { limit: 1, since }).catch(() => []);
  return first?.type === 'SiteConfigured' ? Math.max(since, first.receivedAt) : since;
}
