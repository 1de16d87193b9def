// What a caller may hand over, and the check of it. Events are immutable JSON from here on.

import type { NewEvent } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';

export const CALL_EVENTS_MAX = 10_000;
export const QUEUE_EVENTS_MAX = 100_000;
export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
export const EVENT_BYTES_MAX = 1024 * 1024;
const NAME_LENGTH_MAX = 512;
const DEPTH_MAX = 64;

/** About how many bytes a call takes; throws INVALID for what the log cannot keep. */
export function weighCall(events: readonly NewEvent[]): number {
  if (events.length > CALL_EVENTS_MAX) {
    throw new PortError(
      'INVALID',
      `${events.length} events in one call; at most ${CALL_EVENTS_MAX} are allowed`,
    );
  }
  let bytes = 0;
  for (const event of events) bytes += weighEvent(event);
  return bytes;
}

function weighEvent(event: NewEvent): number {
  for (const name of [event.id, event.key, event.stream, event.type]) {
    if (typeof name !== 'string' || name.length === 0 || name.length > NAME_LENGTH_MAX) {
      throw new PortError(
        'INVALID',
        `An event's id, key, stream and type have 1 to ${NAME_LENGTH_MAX} characters`,
      );
    }
  }
  const bytes = 200 + weigh(event.data, 0) + weigh(event.meta, 0);
  if (bytes > EVENT_BYTES_MAX) {
    throw new PortError('INVALID', `Event ${event.id} is larger than ${EVENT_BYTES_MAX} bytes`);
  }
  return bytes;
}

function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 4;
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null)
    return 8;
  if (typeof value !== 'object')
    throw new PortError('INVALID', `A ${typeof value} cannot be kept in an event`);
  if (depth >= DEPTH_MAX)
    throw new PortError('INVALID', `An event is nested deeper than ${DEPTH_MAX}, or holds itself`);
  let bytes = 8;
  if (Array.isArray(value)) for (const item of value) bytes += weigh(item, depth + 1);
  else for (const key of Object.keys(value)) bytes += weighKey(key) + weigh(memberOf(value, key), depth + 1);
  return bytes;
}

const memberOf = (value: object, key: string): unknown => (value as Readonly<Record<string, unknown>>)[key];

/** The packed form has no way to keep this one key apart from an object's prototype. */
function weighKey(key: string): number {
  if (key === '__proto__') throw new PortError('INVALID', 'An event cannot keep a property called __proto__');
  return key.length;
}
