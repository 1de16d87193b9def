// What stood at the last W offsets of a partition: by it a message is known for a repetition, and counted
// within its stream. Typed arrays, some 48 bytes an offset, whatever the names. Entries leave by being
// overwritten: a chain of equal buckets leads from the newest to the oldest, and ends where it leaves the window.

import { invariant } from '@ampledger/kernel';
import { type Hash, hashOf } from './hash.js';

export class WindowIndex {
  readonly #size: number;
  readonly #mask: number;
  // Offsets modulo 2^32; only their distance from `next` counts.
  readonly #ids: Chains;
  readonly #streams: Chains;
  /** The offset of what an entry repeats, or its own. */
  readonly #original: Uint32Array;
  readonly #revision: Uint32Array;
  readonly #hash: Hash = { low: 0, high: 0 };
  #start = 0;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(2, size)));
    this.#mask = buckets - 1;
    this.#ids = chains(size, buckets);
    this.#streams = chains(size, buckets);
    this.#original = new Uint32Array(size);
    this.#revision = new Uint32Array(size);
  }

  /** The offset that it would be told next. */
  get next(): number {
    return this.#next;
  }

  /** Nothing before this is known. */
  get start(): number {
    return this.#start;
  }

  /** Begins anew, knowing nothing. */
  reset(offset: number): void {
    this.#start = offset;
    this.#next = offset;
    this.#ids.heads.fill(0);
    this.#streams.heads.fill(0);
  }

  /** Something stands at the offset that has no id. */
  skip(offset: number): void {
    invariant(offset >= this.#next, 'offsets only grow');
    this.#next = offset + 1;
  }

  /** The place of the event's first copy, when one is in the window before `next`. */
  find(stream: string, id: string): number | undefined {
    const { low, high } = hashOf(stream, id, this.#hash);
    return this.#originalOf(this.#lookUp(this.#ids, low, high));
  }

  /** Takes in what stands at the offset. Its revision, counted since the window knows its stream; -1 for a repetition. */
  add(offset: number, stream: string, id: string): number {
    invariant(offset >= this.#next, 'offsets only grow');
    this.#next = offset;
    const slot = offset % this.#size;
    const { low, high } = hashOf(stream, id, this.#hash);
    const original = this.#originalOf(this.#lookUp(this.#ids, low, high));
    const ofStream = hashOf(stream, '', this.#hash);
    const last =
      original === undefined ? this.#lookUp(this.#streams, ofStream.low, ofStream.high) : undefined;
    const revision = last === undefined ? 0 : (this.#revision[last % this.#size] ?? 0) + 1;
    this.#link(this.#ids, offset, low, high);
    if (original === undefined) {
      this.#link(this.#streams, offset, ofStream.low, ofStream.high);
      this.#revision[slot] = revision;
    }
    this.#original[slot] = (original ?? offset) >>> 0;
    this.#next = offset + 1;
    return original === undefined ? revision : -1;
  }

  #originalOf(offset: number | undefined): number | undefined {
    if (offset === undefined) return undefined;
    const original = this.#original[offset % this.#size] ?? 0;
    return offset - ((offset - original) >>> 0);
  }

  #lookUp(chain: Chains, low: number, high: number): number | undefined {
    const farthest = Math.min(this.#size, this.#next - this.#start);
    let pointer = chain.heads[low & this.#mask] ?? 0;
    let nearest = 0;
    for (;;) {
      const distance = (this.#next - pointer) >>> 0;
      // A pointer that leads back, or out of the window, is what an older entry left behind.
      if (distance <= nearest || distance > farthest) return undefined;
      const offset = this.#next - distance;
      const slot = offset % this.#size;
      if (chain.low[slot] === low && chain.high[slot] === high && chain.own[slot] === offset >>> 0)
        return offset;
      nearest = distance;
      pointer = chain.previous[slot] ?? 0;
    }
  }

  #link(chain: Chains, offset: number, low: number, high: number): void {
    const slot = offset % this.#size;
    const bucket = low & this.#mask;
    chain.previous[slot] = chain.heads[bucket] ?? 0;
    chain.heads[bucket] = offset >>> 0;
    chain.low[slot] = low;
    chain.high[slot] = high;
    chain.own[slot] = offset >>> 0;
  }
}

interface Chains {
  readonly heads: Uint32Array;
  readonly previous: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Whose slot it is: one that was passed over still holds what stood there a window ago. */
  readonly own: Uint32Array;
}

const chains = (size: number, buckets: number): Chains => ({
  heads: new Uint32Array(buckets),
  previous: new Uint32Array(size),
  low: new Uint32Array(size),
  high: new Uint32Array(size),
  own: new Uint32Array(size),
});
