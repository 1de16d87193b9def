// A state as bytes in parts that fit into appends: compressed, cut, and counted, so that what is not
// complete is recognised.

import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, gunzip, gzip } from 'node:zlib';
import { PortError } from '@ampledger/ports';
import type { WireExpected } from './db-client.js';
import type { Wire } from './wire.js';

const PART_BYTES_MAX = 900_000;
const TYPE = 'SnapshotPart';
/** Speed before size: most of the gain is in the first level. */
const LEVEL = 1;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Where the parts of one state stand in their stream. */
export interface PartsPlace {
  readonly first: number;
  readonly parts: number;
  /** Of the compressed state. */
  readonly crc: number;
}

/** Appends a state; two that save at once do not mix their parts, one of them is refused with UNAVAILABLE. */
export async function appendParts(wire: Wire, stream: string, state: object): Promise<PartsPlace> {
  const bytes = await zip(Buffer.from(JSON.stringify(state)), { level: LEVEL });
  let expected: WireExpected = 'any';
  let parts = 0;
  for (let start = 0; start < bytes.length; start += PART_BYTES_MAX) {
    const data = new Uint8Array(bytes.subarray(start, start + PART_BYTES_MAX));
    const event = { id: randomUUID(), type: TYPE, data, metadata: new Uint8Array() };
    const appended = await wire.append(stream, expected, [event]);
    if (!appended.ok) throw new PortError('UNAVAILABLE', `Somebody else writes to ${stream}`);
    expected = BigInt(appended.revision);
    parts += 1;
  }
  return { first: Number(expected) - parts + 1, parts, crc: crc32(bytes) };
}

/** Undefined when a part is gone or damaged. */
export async function readParts(wire: Wire, stream: string, place: PartsPlace): Promise<object | undefined> {
  const parts: Buffer[] = [];
  const range = { direction: 'forwards', from: place.first, limit: place.parts } as const;
  for await (const records of wire.readStream(stream, range)) {
    for (const { type, data, revision } of records) {
      const isNext = type === TYPE && revision === place.first + parts.length;
      if (!isNext || !(data instanceof Uint8Array)) return undefined;
      parts.push(Buffer.from(data));
    }
  }
  const bytes = Buffer.concat(parts);
  if (parts.length !== place.parts || crc32(bytes) !== place.crc) return undefined;
  return JSON.parse((await unzip(bytes)).toString()) as object;
}
