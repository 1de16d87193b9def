// The engine's events as they happen, from the live stream: tests wait for what they expect.

import type { EventWire } from '@ampledger/api';

export interface LiveEvents {
  readonly seen: readonly EventWire[];
  /** The first event, seen already or to come, that is so; later than `after`. */
  next(isIt: (event: EventWire) => boolean, after?: number): Promise<EventWire>;
  close(): void;
}

interface Waiting {
  isIt(event: EventWire): boolean;
  resolve(event: EventWire): void;
}

/** From the beginning of the log on. */
export function followEvents(apiUrl: string): LiveEvents {
  const abort = new AbortController();
  const seen: EventWire[] = [];
  const waiting = new Set<Waiting>();
  const onEvent = (event: EventWire): void => {
    seen.push(event);
    for (const one of waiting) {
      if (!one.isIt(event)) continue;
      waiting.delete(one);
      one.resolve(event);
    }
  };
  void read(`${apiUrl}/api/v1/live`, abort.signal, onEvent);
  return {
    seen,
    next: (isIt, after = 0) =>
      new Promise((resolve) => {
        const wanted = (event: EventWire): boolean => event.position > after && isIt(event);
        const known = seen.find(wanted);
        if (known === undefined) waiting.add({ isIt: wanted, resolve });
        else resolve(known);
      }),
    close: () => abort.abort(),
  };
}

async function read(url: string, signal: AbortSignal, onEvent: (event: EventWire) => void): Promise<void> {
  try {
    const answer = await fetch(url, { headers: { 'last-event-id': '0' }, signal });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of answer.body ?? []) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const messages = rest.split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) {
        const data = /^event: event\ndata: (.*)$/m.exec(message)?.[1];
        if (data !== undefined) onEvent(JSON.parse(data) as EventWire);
      }
    }
  } catch {
    // The stream ends with the engine or with the test.
  }
}

/** An event of a type whose data has these values. */
export const isEvent =
  (type: string, data: Readonly<Record<string, unknown>> = {}) =>
  (event: EventWire): boolean =>
    event.type === type && Object.entries(data).every(([key, value]) => event.data[key] === value);
