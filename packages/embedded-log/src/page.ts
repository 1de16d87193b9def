// A page: the events of one commit, or a part of them, packed into one row. Its CRC-32 covers
// its place, its content and the CRC of the page before it, so damage, loss and exchange of
// pages all show.

import { crc32 } from 'node:zlib';
import type { EventMeta, RecordedEvent } from '@ampledger/ports';
import { Packr } from 'msgpackr';
import { corrupt } from './database.js';

export interface Page {
  /** Position of its first event; the others follow without gaps. */
  readonly first: number;
  readonly count: number;
  /** CRC of the page before, 0 for the first. */
  readonly prev: number;
  readonly crc: number;
  readonly payload: Buffer;
}

type Packed = readonly [
  id: string,
  key: string,
  stream: string,
  type: string,
  version: number,
  revision: number,
  data: object,
  meta: EventMeta,
];

const packer = new Packr({ useRecords: true });

function pageCrc(first: number, count: number, prev: number, payload: Buffer): number {
  const place = Buffer.alloc(20);
  place.writeDoubleLE(first, 0);
  place.writeDoubleLE(count, 8);
  place.writeUInt32LE(prev, 16);
  return crc32(payload, crc32(place));
}

/** Packs events that stand next to each other in the log. */
export function encodePage(events: readonly RecordedEvent[], first: number, prev: number): Page {
  const packed = events.map(
    (e): Packed => [e.id, e.key, e.stream, e.type, e.version, e.revision, e.data, e.meta],
  );
  // The packer reuses its buffer: a copy of our own can be handed to another thread.
  const payload = Buffer.from(new Uint8Array(packer.pack(packed)).buffer);
  const count = events.length;
  return { first, count, prev, crc: pageCrc(first, count, prev, payload), payload };
}

export function checkPage(page: Page): void {
  if (pageCrc(page.first, page.count, page.prev, page.payload) !== page.crc) throw damagedAt(page.first);
}

/** Unpacks a page that was checked. */
export function decodePage(page: Page): RecordedEvent[] {
  const packed = packer.unpack(page.payload) as readonly Packed[];
  return packed.map(([id, key, stream, type, version, revision, data, meta], i) => ({
    id,
    key,
    stream,
    type,
    version,
    data,
    meta,
    position: page.first + i,
    revision,
  }));
}

export const damagedAt = (position: number): Error =>
  corrupt(
    `The log is damaged: the page at position ${position} fails its checksum or does not follow the page before it`,
  );

/** Whether the packed bytes may hold one of these words; false positives are possible. */
export const mayHold = (page: Page, words: readonly Buffer[]): boolean =>
  words.some((word) => page.payload.includes(word));
