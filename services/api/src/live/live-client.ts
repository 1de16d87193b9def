// One client of the live stream. It gets every event once and in order: first those that it missed,
// read from the store, then the live ones. Views are of the moment: a slow client gets fewer of them.

import type { SiteId } from '@ampledger/kernel';
import type { EventStore, RecordedEvent } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';
import { eventToWire } from '../wire/event-wire.js';
import type { Sink } from './sink.js';

/** A client that takes nothing for this long is dropped. */
const DRAIN_TIMEOUT_MS = 30_000;
/** With this much waiting, a view is left out: the next one says more. */
const VIEW_BUFFER_BYTES_MAX = 1024 * 1024;

export interface LiveClient {
  wants(site: string): boolean;
  sendEvent(event: RecordedEvent, text: string): void;
  sendView(text: string): void;
  keepAlive(): void;
  end(): void;
  /** Sends what came after `position`, then goes live. Resolves when live, or gone. */
  resume(position: number): Promise<void>;
}

export interface LiveClientOptions {
  readonly sink: Sink;
  /** undefined: every site. */
  readonly site: SiteId | undefined;
  readonly store: EventStore;
  readonly projection: Projection;
  readonly bufferBytesMax: number;
}

export const eventMessage = (event: RecordedEvent): string =>
  `id: ${event.position}\nevent: event\ndata: ${JSON.stringify(eventToWire(event))}\n\n`;

export function createLiveClient(options: LiveClientOptions): LiveClient {
  const { sink, site, store, projection } = options;
  let cursor = projection.position;
  let isLive = true;

  const wants = (key: string): boolean => site === undefined || site === key;
  const write = (text: string): void => {
    sink.write(text);
    // While it catches up, `drained` watches over the client.
    if (isLive && sink.bufferedBytes() > options.bufferBytesMax) sink.drop();
  };
  const sendPage = async (page: readonly RecordedEvent[]): Promise<boolean> => {
    for (const event of page) {
      cursor = event.position;
      if (wants(event.key)) sink.write(eventMessage(event));
    }
    return sink.drained(DRAIN_TIMEOUT_MS);
  };
  const catchUp = async (): Promise<boolean> => {
    while (cursor < projection.position) {
      const before = cursor;
      for await (const page of store.readAll({ after: cursor })) {
        if (!(await sendPage(page))) return false;
      }
      // Nothing stored after the cursor although the projection is ahead: the rest are gaps.
      if (cursor === before) cursor = projection.position;
    }
    return true;
  };

  return {
    wants,
    sendEvent(event, text) {
      if (!isLive || event.position <= cursor) return;
      cursor = event.position;
      write(text);
    },
    sendView(text) {
      if (sink.bufferedBytes() <= VIEW_BUFFER_BYTES_MAX) write(text);
    },
    keepAlive: () => write(': keep-alive\n\n'),
    end: () => sink.end(),
    async resume(position) {
      isLive = false;
      cursor = position;
      if (await catchUp()) isLive = true;
      else sink.drop();
    },
  };
}
