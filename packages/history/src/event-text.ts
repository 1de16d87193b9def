// An event as text: the one form that every checksum is made of, whatever the file's format. Text
// is JSON: a negative zero is a zero in it, as it is in every log.

import type { EventMeta, NewEvent } from '@ampledger/ports';
import { HistoryError } from './history-error.js';

/** An event's text may have so many bytes. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;
const VERSION_MAX = 2 ** 31 - 1;
/** Half of a character: no UTF-8 says it. JSON does, by its number, but a name is not always in JSON. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export interface EventText {
  readonly id: string;
  readonly key: string;
  readonly stream: string;
  readonly type: string;
  readonly version: number;
  /** JSON. */
  readonly data: string;
  /** JSON. */
  readonly meta: string;
}

export function textOf(event: NewEvent): EventText {
  const { id, key, stream, type, version } = event;
  for (const name of [id, key, stream, type]) {
    if (LONE_SURROGATE.test(name)) {
      throw new HistoryError('INVALID', `Event ${id}: ${JSON.stringify(name)} is no valid Unicode`);
    }
  }
  if (!Number.isInteger(version) || version < 0 || version > VERSION_MAX) {
    throw new HistoryError('INVALID', `Event ${id}: ${version} is no version`);
  }
  return {
    id,
    key,
    stream,
    type,
    version,
    data: JSON.stringify(event.data),
    meta: JSON.stringify(event.meta),
  };
}

/** The event's JSON but for the brace at its end. */
export function openText({ id, key, stream, type, version, data, meta }: EventText): string {
  const names = `"id":${JSON.stringify(id)},"key":${JSON.stringify(key)},"stream":${JSON.stringify(stream)}`;
  return `{${names},"type":${JSON.stringify(type)},"version":${version},"data":${data},"meta":${meta}`;
}

/** The event of its parsed JSON; `place` is for the message of what is none. */
export function eventOf(value: unknown, place: string): NewEvent {
  if (!isObject(value)) throw noEvent(place);
  const { id, key, stream, type, version, data, meta } = value;
  const isNamed = isText(id) && isText(key) && isText(stream) && isText(type);
  if (!isNamed || !Number.isInteger(version) || !isObject(data) || !isObject(meta)) throw noEvent(place);
  if (typeof meta.receivedAt !== 'number') throw noEvent(place);
  return { id, key, stream, type, version: version as number, data, meta: meta as unknown as EventMeta };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const noEvent = (place: string): HistoryError => new HistoryError('INVALID', `${place} holds no event`);

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
