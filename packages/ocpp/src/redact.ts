// A frame as it may be kept: id tokens become pseudonyms, secrets become a mark. Everything else
// stays as the peer wrote it (Security Whitepaper A01: keys are never logged).

import type { Frame } from './contract.js';
import { formatFrame } from './frame.js';

export const REDACTED = '[redacted]';

/** Members whose text is an id token. */
const TOKENS = new Set(['idTag', 'parentIdTag', 'idToken', 'additionalIdToken']);
/** Members whose text is a secret or about a person. */
const SECRETS = new Set(['password', 'apnPassword', 'customerIdentifier']);
/** Configuration keys and variables whose value is a secret, in lower case. */
const SECRET_NAMES = new Set(['authorizationkey', 'basicauthpassword']);
/** Members that hold the value of a configuration key or variable. */
const VALUES = new Set(['value', 'attributeValue', 'actualValue']);
/** Members that may hold an address with a user and password in it. */
const ADDRESSES = new Set(['location', 'remoteLocation', 'firmwareLocation']);
const USER_INFO = /^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^/?#@]*@/;

/** True for a configuration key or variable that may be written and never read. */
export const isSecretName = (name: unknown): boolean =>
  typeof name === 'string' && SECRET_NAMES.has(name.toLowerCase());

type Pseudonym = (idToken: string) => string;

/** `{key: 'AuthorizationKey', value}`, `{variable: {name: 'BasicAuthPassword'}, attributeValue}`. */
function holdsSecret(record: Record<string, unknown>): boolean {
  const variable = record.variable;
  const name =
    typeof variable === 'object' && variable !== null ? (variable as { name?: unknown }).name : undefined;
  return isSecretName(record.key) || isSecretName(name);
}

function redactText(key: string, text: string, secret: boolean, pseudonym: Pseudonym): string {
  if (TOKENS.has(key)) return text === '' ? text : pseudonym(text);
  if (SECRETS.has(key) || (secret && VALUES.has(key))) return REDACTED;
  return ADDRESSES.has(key) ? text.replace(USER_INFO, `$1${REDACTED}@`) : text;
}

function redactNode(key: string, node: unknown, secret: boolean, pseudonym: Pseudonym): unknown {
  if (typeof node === 'string') return redactText(key, node, secret, pseudonym);
  if (Array.isArray(node)) return node.map((item) => redactNode(key, item, secret, pseudonym));
  if (typeof node !== 'object' || node === null) return node;
  // SetNetworkProfile: the key of a VPN is its shared secret.
  const record = (key === 'vpn' && 'key' in node ? { ...node, key: REDACTED } : node) as Record<
    string,
    unknown
  >;
  const inSecret = secret || holdsSecret(record);
  return Object.fromEntries(
    Object.entries(record).map(([name, member]) => [name, redactNode(name, member, inSecret, pseudonym)]),
  );
}

/** A payload without tokens and secrets. */
export const redactPayload = (payload: unknown, pseudonym: Pseudonym): unknown =>
  redactNode('', payload, false, pseudonym);

/** OCPP 2.0.1 N09: the text of a NotifyCustomerInformation is about a person from end to end. */
function redactFrame(frame: Frame, pseudonym: Pseudonym): Frame {
  if (frame.kind === 'error') return { ...frame, details: redactPayload(frame.details, pseudonym) };
  const payload = redactPayload(frame.payload, pseudonym);
  const personal = frame.kind === 'call' && frame.action === 'NotifyCustomerInformation';
  return personal && typeof payload === 'object' && payload !== null
    ? { ...frame, payload: { ...payload, data: REDACTED } }
    : { ...frame, payload };
}

/** The text of a frame, fit to be kept. */
export const redactCall = (frame: Frame, pseudonym: Pseudonym): string =>
  formatFrame(redactFrame(frame, pseudonym));

/** What a text must have in it to be changed by `redactCall`; an escape may hide any of it. */
const MAY_CHANGE = new RegExp(
  `\\\\u|"(?:${[...TOKENS, ...SECRETS, ...ADDRESSES, ...SECRET_NAMES, 'NotifyCustomerInformation'].join('|')})"`,
  'i',
);

/** As `redactCall`, for a frame whose text is at hand: a text with nothing to hide stays as it is. */
export const redactFrameText = (text: string, frame: Frame, pseudonym: Pseudonym): string =>
  MAY_CHANGE.test(text) ? redactCall(frame, pseudonym) : text;
