// Text and data from a station made fit for a domain event: bounded, and without open-ended parts.

import type { EventData } from '@ampledger/domain';
import { redactPayload } from '../redact.js';

/** A record of plain JSON, as `StationEventNotified` keeps it. */
export type PlainRecord = EventData<'StationEventNotified'>['events'][number];
type Plain = PlainRecord[string];

const HIGH_SURROGATE = /[\uD800-\uDBFF]$/;

/** At most `lengthMax` UTF-16 units, never half a character. */
export const clip = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : text.slice(0, lengthMax).replace(HIGH_SURROGATE, '');

export const clipOrNull = (text: string | undefined, lengthMax: number): string | null =>
  text === undefined ? null : clip(text, lengthMax);

function plain(value: unknown): Plain {
  if (typeof value === 'string') return clip(value, 2500);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? record(value) : null;
}

function record(value: object): PlainRecord {
  const members = Object.entries(value).filter(([key]) => key !== 'customData');
  return Object.fromEntries(members.map(([key, member]) => [clip(key, 64), plain(member)]));
}

/**
 * A payload as plain JSON, its tokens and secrets replaced and its customData left out: that is open,
 * and only the raw frame keeps it.
 */
export const plainRecord = (payload: object, pseudonym: (idToken: string) => string): PlainRecord =>
  record(redactPayload(payload, pseudonym) as object);
