// A recorded event as it goes over HTTP, one shape for pages, exports and the live stream.

import type { RecordedEvent } from '@ampledger/ports';
import type { EventWire } from '../schema/event.js';
import { redactedData } from './redact.js';
import { iso, isoOrNull } from './site-wire.js';

export const eventToWire = (event: RecordedEvent): EventWire => ({
  position: event.position,
  id: event.id,
  type: event.type,
  version: event.version,
  site: event.key,
  stream: event.stream,
  revision: event.revision,
  receivedAt: iso(event.meta.receivedAt),
  stationAt: isoOrNull(event.meta.stationAt ?? null),
  causationId: event.meta.causationId ?? null,
  correlationId: event.meta.correlationId ?? null,
  frame: event.meta.frame ?? null,
  data: redactedData(event) as Record<string, unknown>,
});
