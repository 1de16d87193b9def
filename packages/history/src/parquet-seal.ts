// What makes a Parquet file of ours whole: checksums of each row group's bytes, and of the footer that
// names them. They stand in the footer's key-value metadata, where other readers pass over them.

import { createHash } from 'node:crypto';
import type { HistoryHeader } from './header.js';
import type { HistorySummary } from './tally.js';

export const CONTENT_KEY = 'ampledger.history';
export const SEAL_KEY = 'ampledger.sha256';
/** Stands in for the footer's checksum in the bytes that it is made of. */
export const NO_SEAL = '0'.repeat(64);

export interface GroupSeal {
  readonly rows: number;
  readonly bytes: number;
  /** Of the bytes. */
  readonly sha256: string;
}

export interface ParquetContent {
  readonly header: HistoryHeader;
  readonly summary: HistorySummary;
  readonly groups: readonly GroupSeal[];
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Where the checksum stands in the footer's bytes; -1: nowhere. */
function sealAt(footer: Buffer): number {
  // The key is followed by the header of its value, of a few bytes, and the value.
  const key = footer.lastIndexOf(SEAL_KEY);
  if (key === -1) return -1;
  const near = footer.subarray(key + SEAL_KEY.length, key + SEAL_KEY.length + 80).toString('latin1');
  const found = /[0-9a-f]{64}/.exec(near);
  return found === null ? -1 : key + SEAL_KEY.length + found.index;
}

/** Whether it is a footer of a file of ours, damaged or not. */
export const isOurs = (footer: Buffer): boolean => footer.includes(CONTENT_KEY) || footer.includes(SEAL_KEY);

/** Puts the checksum of the footer into it. */
export function sealFooter(footer: Buffer): Buffer {
  const sealed = Buffer.from(footer);
  sealed.write(sha256(footer), sealAt(footer), 'latin1');
  return sealed;
}

export function isFooterWhole(footer: Buffer): boolean {
  const at = sealAt(footer);
  if (at === -1) return false;
  const bare = Buffer.from(footer);
  bare.write(NO_SEAL, at, 'latin1');
  return footer.toString('latin1', at, at + NO_SEAL.length) === sha256(bare);
}
