// A station has one connection among all ingress processes. One that connects elsewhere while its
// older socket here seems alive has left it: the connection that is later on record holds.

import type { EventData } from '@ampledger/domain';
import type { RecordedEvent } from '@ampledger/ports';
import type { Desks } from './desk.js';

/** Ends our connection if it was on record before another process recorded this newer one. */
export function recordedConnection(desks: Desks, event: RecordedEvent): void {
  const { station, connection } = event.data as EventData<'StationConnected'>;
  const live = desks.find(station)?.live;
  if (live === undefined) return;
  if (live.id === connection) live.isOnRecord = true;
  else if (live.isOnRecord) live.end(1008, 'connected elsewhere', 'terminate');
}
