// Secrets that events must carry for the engine to work are shown to nobody.

import { REDACTED, redactPayload } from '@ampledger/ocpp';
import type { RecordedEvent } from '@ampledger/ports';

type JsonObject = Readonly<Record<string, unknown>>;

/** Configuration keys, variables and members that hold credentials. */
const SECRET_NAME = /password|authorizationkey|secret|privatekey|passphrase/i;
/** Members that name what the value beside them is for. */
const NAMING_MEMBERS = ['key', 'variable'];
const VALUE_MEMBERS = new Set(['value', 'attributeValue']);
const DEPTH_MAX = 100;

/** Types that may carry secrets, and whether in an OCPP payload. */
const CARRIERS: ReadonlyMap<string, 'payload' | 'names'> = new Map([
  ['SiteConfigured', 'names'],
  ['StationCapabilitiesRead', 'names'],
  ['StationVariablesReported', 'names'],
  ['OperatorCallRequested', 'payload'],
  ['CallRequested', 'payload'],
  ['CallAnswered', 'payload'],
]);

/** The event's data without password hashes, credentials that calls set or read, and id tokens. */
export function redactedData({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): object {
  const carrier = CARRIERS.get(type);
  if (carrier === undefined) return data;
  const known = carrier === 'payload' && 'payload' in data ? withoutTokens(data) : data;
  return redact(known, DEPTH_MAX) as object;
}

/** The token itself is the operator's: what stations say of it is a pseudonym already. */
const withoutTokens = (data: { readonly payload?: unknown }): object => ({
  ...data,
  payload: redactPayload(data.payload, () => REDACTED),
});

function redact(value: unknown, depthLeft: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depthLeft === 0) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redact(item, depthLeft - 1));
  const object = value as JsonObject;
  const named = NAMING_MEMBERS.some((member) => SECRET_NAME.test(nameIn(object[member])));
  return Object.fromEntries(
    Object.entries(object).map(([key, item]) => {
      const isSecret = SECRET_NAME.test(key) || (named && VALUE_MEMBERS.has(key));
      return [key, isSecret && isFilled(item) ? REDACTED : redact(item, depthLeft - 1)];
    }),
  );
}

const isFilled = (item: unknown): boolean => typeof item === 'string' || typeof item === 'number';

/** OCPP 1.6 names a key by a string, 2.0.1 a variable by `{ name }`. */
function nameIn(member: unknown): string {
  if (typeof member === 'string') return member;
  const name = typeof member === 'object' && member !== null ? (member as JsonObject).name : undefined;
  return typeof name === 'string' ? name : '';
}
