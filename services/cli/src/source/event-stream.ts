// Server-sent events as recorded events: goes on after the last one when the stream breaks off.

import type { EventWire } from '@ampledger/api';
import { sleep, systemClock } from '@ampledger/kernel';
import { linesOf } from './lines.js';

const AGAIN_MS = 1_000;

/** Without end; throws when the engine cannot be reached again. */
export async function* eventStream(
  open: (lastId: number) => Promise<Response>,
  after: number,
): AsyncGenerator<EventWire> {
  let position = after;
  for (;;) {
    try {
      for await (const event of eventsOf(await open(position))) {
        position = event.position;
        yield event;
      }
    } catch (error) {
      // undici says "terminated" when the other side goes away in the middle.
      if (!(error instanceof TypeError)) throw error;
    }
    await sleep(systemClock, AGAIN_MS);
  }
}

async function* eventsOf(answer: Response): AsyncGenerator<EventWire> {
  let name = '';
  for await (const line of linesOf(answer)) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:') && name === 'event') yield JSON.parse(line.slice(5)) as EventWire;
  }
}
