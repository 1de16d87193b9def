// One site, kept up to date: the state first, then the live stream, and again after every loss.
// A stream that falls silent is asked for a sign of life; half-open connections do not go unnoticed.

import type { SiteView } from '@ampledger/domain';
import type { Clock, Timer } from '@ampledger/kernel';
import { type Api, ApiError } from './api.js';
import { createStreamParser, type StreamMessage } from './event-stream.js';
import { recentEvents } from './recent-events.js';
import { type EventEntry, isSiteView, parseWire, readEvent } from './wire.js';

export type FeedChange =
  | { readonly kind: 'view'; readonly view: SiteView; readonly heardAt: number }
  | { readonly kind: 'events'; readonly events: readonly EventEntry[] }
  | { readonly kind: 'live' }
  /** `status` is the HTTP status, 0 when nothing answered. The feed tries again unless it was refused. */
  | { readonly kind: 'lost'; readonly status: number; readonly message: string };

export interface SiteFeedOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly site: string;
  readonly onChange: (change: FeedChange) => void;
}

export interface SiteFeed {
  close(): void;
}

const SILENCE_MS = 10_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000] as const;

export function createSiteFeed(options: SiteFeedOptions): SiteFeed {
  let closed = false;
  let attempt = 0;
  let connection = new AbortController();
  let retry: Timer | undefined;

  const change = (what: FeedChange): void => {
    if (!closed) options.onChange(what);
  };
  const connect = async (): Promise<void> => {
    connection = new AbortController();
    try {
      await follow(options, connection, (what) => {
        if (what.kind === 'live') attempt = 0;
        change(what);
      });
    } catch (error) {
      connection.abort();
      retryAfter(error);
    }
  };
  const retryAfter = (error: unknown): void => {
    const status = error instanceof ApiError ? error.status : 0;
    change({ kind: 'lost', status, message: error instanceof Error ? error.message : String(error) });
    if (closed || status === 401 || status === 403) return;
    const delayMs = RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)] ?? 0;
    retry = options.clock.after(delayMs, () => void connect());
  };

  void connect();
  return {
    close() {
      closed = true;
      retry?.cancel();
      connection.abort();
    },
  };
}

/** Ends only by throwing: a stream that ends is a loss. */
async function follow(
  options: SiteFeedOptions,
  connection: AbortController,
  change: (what: FeedChange) => void,
): Promise<never> {
  const { api, clock, site } = options;
  // The stream is opened before the state is read, so that nothing falls between the two.
  const body = await api.live(site, connection.signal);
  let position = -1;
  const show = (view: SiteView): void => {
    if (view.position < position) return;
    position = view.position;
    change({ kind: 'view', view, heardAt: clock.now() });
  };
  show(await api.site(site));
  change({ kind: 'events', events: await recentEvents(api, site) });
  change({ kind: 'live' });

  const watch = watchSilence(options, connection, show);
  try {
    for await (const message of messagesOf(body, watch.heard)) {
      const data = parseWire(message.data);
      if (message.event === 'site' && isSiteView(data)) show(data);
      const event = message.event === 'event' ? readEvent(data) : undefined;
      if (event !== undefined) change({ kind: 'events', events: [event] });
    }
  } finally {
    watch.close();
  }
  throw new ApiError(0, 'The engine ended the live stream.');
}

/** After a while without a byte the state is asked for; no answer ends the connection. */
function watchSilence(options: SiteFeedOptions, connection: AbortController, show: (view: SiteView) => void) {
  let timer: Timer | undefined;
  let closed = false;
  const heard = (): void => {
    timer?.cancel();
    if (!closed) timer = options.clock.after(SILENCE_MS, () => void ask());
  };
  const ask = async (): Promise<void> => {
    try {
      const view = await options.api.site(options.site);
      if (!closed) show(view);
      heard();
    } catch (error) {
      connection.abort(error);
    }
  };
  heard();
  return {
    heard,
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}

async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<StreamMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = createStreamParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    yield* parse(decoder.decode(value, { stream: true }));
  }
}
