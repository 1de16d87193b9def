import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf } from './hash.js';
import { WindowIndex } from './window-index.js';

interface Put {
  readonly gap: number;
  readonly stream: string;
  readonly id: string;
}

/** The rule as it reads: a list, looked through from the end. */
class Naive {
  readonly #size: number;
  readonly #all: { offset: number; stream: string; id: string; original: number; revision: number }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  add(offset: number, stream: string, id: string): number {
    const original = this.find(offset, stream, id);
    const before = this.#window(offset).filter(
      (entry) => entry.stream === stream && entry.original === entry.offset,
    );
    const revision = (before.at(-1)?.revision ?? -1) + 1;
    this.#all.push({ offset, stream, id, original: original ?? offset, revision });
    return original === undefined ? revision : -1;
  }

  find(next: number, stream: string, id: string): number | undefined {
    return this.#window(next).findLast((entry) => entry.stream === stream && entry.id === id)?.original;
  }

  #window(next: number) {
    return this.#all.filter(({ offset }) => offset >= next - this.#size);
  }
}

const put = fc.record({
  gap: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
  ),
  stream: fc.constantFrom('a', 'b', 'session-GAR-01-1'),
  id: fc.nat(12).map(String),
});
const start = fc.oneof(fc.constant(0), fc.constantFrom(2 ** 32 - 20, 2 ** 40, 7));

function play(index: WindowIndex, naive: Naive, from: number, puts: readonly Put[]): void {
  let offset = from;
  for (const { gap, stream, id } of puts) {
    for (let i = 0; i < gap; i++) index.skip(offset++);
    expect(index.add(offset, stream, id)).toBe(naive.add(offset, stream, id));
    offset += 1;
    for (const other of ['a', 'b']) expect(index.find(other, id)).toBe(naive.find(offset, other, id));
  }
}

describe('the window index', () => {
  it('knows what stood at the last offsets, as a list would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        start,
        fc.array(put, { maxLength: 120 }),
        (size, from, puts) => {
          const index = new WindowIndex(size);
          index.reset(from);
          play(index, new Naive(size), from, puts);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('forgets everything when it begins anew, also at an earlier place', () => {
    const some = fc.array(put, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), some, some, fc.nat(60), (size, first, second, back) => {
        const index = new WindowIndex(size);
        index.reset(60);
        play(index, new Naive(size), 60, first);
        index.reset(60 - back);
        play(index, new Naive(size), 60 - back, second);
      }),
      { numRuns: 300 },
    );
  });

  it('finds an id at the far edge of the window, and not beyond it', () => {
    for (const [distance, expected] of [
      [16, -1],
      [17, 1],
    ] as const) {
      const index = new WindowIndex(16);
      index.add(0, 's', 'x');
      for (let offset = 1; offset < distance; offset++) index.add(offset, 't', String(offset));
      expect(index.add(distance, 's', 'x')).toBe(expected === 1 ? 0 : -1);
    }
  });
});

describe('the hash', () => {
  it('tells two hundred thousand names apart, and where a name ends', () => {
    const seen = new Set<string>();
    const put = (stream: string, id: string): void => {
      const { low, high } = hashOf(stream, id, { low: 0, high: 0 });
      seen.add(`${low}/${high}`);
    };
    for (let i = 0; i < 200_000; i++) put(`session-${i % 100}`, `id-${i}`);
    put('ab', 'c');
    put('a', 'bc');
    put('', 'abc');
    expect(seen.size).toBe(200_003);
  });
});
