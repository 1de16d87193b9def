// What stations in the field get wrong in ways that cost nothing to understand. A payload that fails
// its schema is tried once more with these faults taken out; the payload that goes on is still the
// station's own, and its meaning is read with the same faults in mind.
// - a unit outside the list, "Hertz" above all (OCPP 1.6)
// - a meter value that is a number where a text belongs, a text where a number belongs, or beyond
//   any number: it costs its sample, not the message
// - a time without a zone

import type { Protocol } from '@ampledger/domain';
import { lacksZone } from '../date-time.js';
import { UNITS_16 } from './hot-16.js';

const UNITS: ReadonlySet<unknown> = new Set(UNITS_16);
const TIMES = new Set(['timestamp', 'generatedAt']);
const UNIT_LENGTH_MAX = 20;
const VALUE_LENGTH_MAX = 50;

type Member = readonly [key: string, value: unknown];

function relaxValue(protocol: Protocol, value: unknown): unknown {
  if (protocol === 'ocpp1.6') return typeof value === 'number' ? String(value) : value;
  const beyond = typeof value === 'number' && !Number.isFinite(value);
  return beyond || (typeof value === 'string' && value.length <= VALUE_LENGTH_MAX) ? 0 : value;
}

function relaxMember(protocol: Protocol, [key, value]: Member, inSample: boolean): Member[] {
  if (TIMES.has(key)) return [[key, typeof value === 'string' && lacksZone(value) ? `${value}Z` : value]];
  if (inSample && key === 'value') return [[key, relaxValue(protocol, value)]];
  const strangeUnit = typeof value === 'string' && value.length <= UNIT_LENGTH_MAX && !UNITS.has(value);
  if (inSample && key === 'unit' && protocol === 'ocpp1.6' && strangeUnit) return [];
  return [[key, relaxNode(protocol, value, key === 'sampledValue' || (inSample && key !== 'customData'))]];
}

function relaxNode(protocol: Protocol, node: unknown, inSample: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => relaxNode(protocol, item, inSample));
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.entries(node).flatMap((member) => relaxMember(protocol, member, inSample));
  return Object.fromEntries(members);
}

/** The payload without the faults above: a copy, for validation only. */
export const relax = (protocol: Protocol, payload: unknown): unknown => relaxNode(protocol, payload, false);
