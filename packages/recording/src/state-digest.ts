// Two states are the same when their digests are: what is compared after a rebuild.

import { createHash } from 'node:crypto';
import { type SiteState, serializeState } from '@ampledger/domain';

/** sha256 over the state as canonical JSON, but for `position`, which each log counts in its own way. */
export function stateDigest(state: SiteState): string {
  const { position: _position, ...rest } = serializeState(state) as Readonly<Record<string, unknown>>;
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

/** JSON with the keys of every object in order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isPlainObject(member) ? Object.fromEntries(Object.entries(member).sort(byKey)) : member,
  );
}

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
