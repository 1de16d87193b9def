// A station has one connection among all ingress processes. One that connects elsewhere while its
// older socket here seems alive has left it: the connection that is later on record holds.

import type { EventData } from '@ampledger/domain';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import type { IngressOptions } from './contract.js';
import type { Desks } from './desk.js';

export interface SupersededWatch {
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Ends connections of ours that were on record before another process recorded a newer one. */
export function watchSuperseded(deps: {
  readonly bus: Bus;
  readonly options: IngressOptions;
  readonly desks: Desks;
}): SupersededWatch {
  const { bus, options, desks } = deps;
  const subscription = bus.subscribe(
    { after: options.startAfter, types: ['StationConnected'] },
    (events: readonly RecordedEvent[]) => {
      for (const event of events) {
        const { station, connection } = event.data as EventData<'StationConnected'>;
        const live = desks.find(station)?.live;
        if (live === undefined) continue;
        if (live.id === connection) live.isOnRecord = true;
        else if (live.isOnRecord) live.end(1008, 'connected elsewhere', 'terminate');
      }
    },
  );
  return { failed: subscription.failed, close: () => subscription.close() };
}
