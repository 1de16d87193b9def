// An event as a line for people: place, time, whom it is about, and the little that matters.

import type { EventWire } from '@ampledger/api';
import { round } from './output.js';

const DETAIL_CHARS_MAX = 140;

export function eventLine({ position, receivedAt, site, type, data }: EventWire): string {
  const subject = subjectOf(data) ?? site;
  return `${String(position).padStart(7)}  ${receivedAt}  ${subject.padEnd(12)}  ${type.padEnd(22)}  ${detail(type, data)}`.trimEnd();
}

function subjectOf(data: EventWire['data']): string | undefined {
  if (typeof data.connector === 'string') return data.connector;
  if (typeof data.station !== 'string') return undefined;
  return typeof data.evseId === 'number' ? `${data.station}/${data.evseId}` : data.station;
}

function detail(type: string, data: EventWire['data']): string {
  const text = type === 'LimitsAllocated' ? allocations(data) : rest(data);
  return text.length > DETAIL_CHARS_MAX ? `${text.slice(0, DETAIL_CHARS_MAX)}…` : text;
}

function allocations({ allocations: list }: EventWire['data']): string {
  const each = list as readonly { connector: string; limitA: number }[];
  return each.map(({ connector, limitA }) => `${connector} ${round(limitA)} A`).join(', ');
}

const SHOWN_ELSEWHERE = new Set(['station', 'connector', 'evseId', 'site']);

function rest(data: EventWire['data']): string {
  return Object.entries(data)
    .filter(([key, value]) => !SHOWN_ELSEWHERE.has(key) && value !== null && !isEmpty(value))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
