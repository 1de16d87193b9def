// What a station's HTTP request says of itself, read without trust: identity, protocol, password.

import type { Protocol } from '@ampledger/domain';
import { STATION_ID, type StationId, stationId } from '@ampledger/kernel';

/** `foreign`: not a path of ours. `invalid`: a path of ours with no station id in it. */
export type Identity =
  | { readonly kind: 'station'; readonly station: StationId }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid' };

const PREFIX = '/ocpp/';
const FOREIGN: Identity = { kind: 'foreign' };
const INVALID: Identity = { kind: 'invalid' };

/** The station in `/ocpp/<stationId>`, decoded exactly once. Two spellings are two stations. */
export function identityOf(url: string): Identity {
  const path = url.split('?', 1)[0] ?? '';
  if (!path.startsWith(PREFIX)) return FOREIGN;
  try {
    const id = decodeURIComponent(path.slice(PREFIX.length));
    return STATION_ID.test(id) ? { kind: 'station', station: stationId(id) } : INVALID;
  } catch {
    return INVALID;
  }
}

/** Newest first: what we take when a station offers several. */
const PREFERENCE: readonly Protocol[] = ['ocpp2.0.1', 'ocpp1.6'];

/** The version is what the subprotocol says, never the URL (OCPP-J 1.6 errata 4.2). */
export function chooseProtocol(offered: Iterable<string>): Protocol | undefined {
  const names = new Set(offered);
  return PREFERENCE.find((protocol) => names.has(protocol));
}

export const offeredProtocols = (header: string | undefined): readonly string[] =>
  header === undefined ? [] : header.split(',').map((name) => name.trim());

/** `foreign`: credentials of someone else, or none that can be read. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'password'; readonly password: Buffer };

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2}) *$/i;

/**
 * HTTP Basic whose user is the station itself (OCPP security profile 1, A00.FR.201-204). The user is
 * recognised by its length, because a station's id may contain a colon; the password may be any bytes.
 */
export function credentialsOf(header: string | undefined, station: StationId): Credentials {
  if (header === undefined) return { kind: 'none' };
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return { kind: 'foreign' };
  const bytes = Buffer.from(encoded, 'base64');
  const user = Buffer.from(`${station}:`);
  if (!bytes.subarray(0, user.length).equals(user)) return { kind: 'foreign' };
  return { kind: 'password', password: bytes.subarray(user.length) };
}
