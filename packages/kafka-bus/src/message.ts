// An event as a Kafka message. What filters and the window rule need stands in the headers, so that most
// readers parse no JSON for most messages.

import type { EventMeta, NewEvent } from '@ampledger/ports';
import type { KafkaMessage } from 'kafkajs';
import { messageOf } from './deferred.js';

/** What can be sent: also what was no event. */
export interface AnyMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<NonNullable<KafkaMessage['headers']>>;
}

export interface Outgoing extends AnyMessage {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a message takes in a record batch beside its key and value, at most. */
const OVERHEAD_BYTES = 120;

export function encode({ id, key, stream, type, version, data, meta }: NewEvent): Outgoing {
  return {
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify({ data, meta })),
    headers: { id, stream, type, version: String(version) },
  };
}

export const bytesOf = ({ key, value, headers }: Outgoing): number => {
  const { id = '', stream = '', type = '' } = headers;
  // A header is UTF-8: three bytes for a code unit at most.
  return key.length + value.length + 3 * (id.length + stream.length + type.length) + OVERHEAD_BYTES;
};

/** What the headers tell. */
export interface Label {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly version: number;
}

export type Readable<T> = { readonly ok: T } | { readonly error: string };

export function labelOf(message: KafkaMessage): Readable<Label> {
  const id = headerOf(message, 'id');
  const stream = headerOf(message, 'stream');
  const type = headerOf(message, 'type');
  const version = Number(headerOf(message, 'version'));
  if (!id || !stream || !type) return { error: 'The headers id, stream and type are not all there' };
  if (!Number.isSafeInteger(version) || version < 1)
    return { error: 'The header version is no number from 1 on' };
  return { ok: { id, stream, type, version } };
}

function headerOf(message: KafkaMessage, name: string): string | undefined {
  const value = message.headers?.[name];
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString() : undefined;
}

export function contentOf(message: KafkaMessage): Readable<{ key: string; data: object; meta: EventMeta }> {
  if (message.key === null) return { error: 'There is no key' };
  if (message.value === null) return { error: 'There is no value' };
  try {
    const value: unknown = JSON.parse(message.value.toString());
    if (!isRecord(value) || !isRecord(value.data)) return { error: 'The value has no data' };
    if (!isMeta(value.meta)) return { error: 'The value has no meta.receivedAt' };
    return { ok: { key: message.key.toString(), data: value.data, meta: value.meta } };
  } catch (error) {
    return { error: `The value is not JSON: ${messageOf(error)}` };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isMeta = (value: unknown): value is EventMeta => isRecord(value) && Number.isFinite(value.receivedAt);
