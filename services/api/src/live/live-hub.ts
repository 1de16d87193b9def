// The live stream's clients, and what they share: each event is written out once, and each site's
// view is worked out at most once a second, only when something changed and somebody looks.

import { siteView } from '@ampledger/domain';
import { type Clock, type SiteId, siteId, type Timer } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';
import { siteToWire } from '../wire/site-wire.js';
import { eventMessage, type LiveClient } from './live-client.js';

const VIEW_INTERVAL_MS = 1_000;
const KEEP_ALIVE_MS = 15_000;

export interface LiveHub {
  readonly size: number;
  /** The client gets the views of its sites at once. */
  join(client: LiveClient): void;
  leave(client: LiveClient): void;
  close(): void;
}

export function createLiveHub(deps: { readonly projection: Projection; readonly clock: Clock }): LiveHub {
  const { projection, clock } = deps;
  const clients = new Set<LiveClient>();
  let keepAlive: Timer | undefined;

  const message = (site: SiteId): string | undefined => {
    const state = projection.state(site);
    if (state === undefined) return undefined;
    return `event: site\ndata: ${JSON.stringify(siteToWire(siteView(state, clock.now())))}\n\n`;
  };
  const views = createViewPace(clock, (site) => {
    const watching = [...clients].filter((client) => client.wants(site));
    if (watching.length === 0) return;
    const text = message(siteId(site));
    if (text !== undefined) for (const client of watching) client.sendView(text);
  });
  const beat = (): void => {
    for (const client of clients) client.keepAlive();
    keepAlive = clock.after(KEEP_ALIVE_MS, beat);
  };
  const stopListening = projection.onBatch((events) => {
    if (clients.size === 0) return;
    for (const event of events) sendEvent(event, clients);
    for (const site of new Set(events.map((event) => event.key))) views.changed(site);
  });

  return {
    get size() {
      return clients.size;
    },
    join(client) {
      clients.add(client);
      keepAlive ??= clock.after(KEEP_ALIVE_MS, beat);
      for (const site of projection.siteIds()) {
        const text = client.wants(site) ? message(site) : undefined;
        if (text !== undefined) client.sendView(text);
      }
    },
    leave(client) {
      clients.delete(client);
      if (clients.size > 0) return;
      keepAlive?.cancel();
      keepAlive = undefined;
    },
    close() {
      stopListening();
      views.close();
      keepAlive?.cancel();
      for (const client of [...clients]) client.end();
    },
  };
}

function sendEvent(event: RecordedEvent, clients: ReadonlySet<LiveClient>): void {
  let text: string | undefined;
  for (const client of clients) {
    if (!client.wants(event.key)) continue;
    text ??= eventMessage(event);
    client.sendEvent(event, text);
  }
}

/** Calls `send` for a site that changed: at once, or as soon as a second has passed since the last time. */
function createViewPace(clock: Clock, send: (site: string) => void) {
  const sentAt = new Map<string, number>();
  const timers = new Map<string, Timer>();
  const sendNow = (site: string): void => {
    timers.delete(site);
    sentAt.set(site, clock.now());
    send(site);
  };
  return {
    changed(site: string): void {
      if (timers.has(site)) return;
      const waitMs = (sentAt.get(site) ?? Number.NEGATIVE_INFINITY) + VIEW_INTERVAL_MS - clock.now();
      if (waitMs <= 0) sendNow(site);
      else
        timers.set(
          site,
          clock.after(Math.min(waitMs, VIEW_INTERVAL_MS), () => sendNow(site)),
        );
    },
    close(): void {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
