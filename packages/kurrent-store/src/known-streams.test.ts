import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownStreams, KNOWN_IDS_OF_STREAM } from './known-streams.js';

const event = (id: string) => ({
  id,
  key: 'k',
  stream: 's',
  type: 'T',
  version: 1,
  data: {},
  meta: { receivedAt: 0 },
});

describe('known streams', () => {
  it('recognise what was added, whole and in order, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 4 }),
        (sizes, asked) => {
          const known = createKnownStreams();
          let next = 0;
          for (const size of sizes) {
            known.add(
              's',
              next,
              Array.from({ length: size }, (_, i) => String(next + i)),
            );
            next += size;
          }
          const isThere = asked.every((n, i) => n < next && (i === 0 || n > (asked[i - 1] ?? 0)));
          const events = asked.map((n) => event(String(n)));
          expect(known.repeated('s', events)).toBe(isThere ? asked.at(-1) : undefined);
          expect(known.repeated('other', events)).toBeUndefined();
        },
      ),
    );
  });

  it('forget the oldest ids of a long stream, and streams not used for long', () => {
    const known = createKnownStreams();
    for (let n = 0; n < KNOWN_IDS_OF_STREAM + 1; n++) known.add('s', n, [String(n)]);
    expect(known.repeated('s', [event('0')])).toBeUndefined();
    expect(known.repeated('s', [event('1')])).toBe(1);
    for (let i = 0; i < 1_000; i++) {
      known.add(
        `other-${i}`,
        0,
        Array.from({ length: KNOWN_IDS_OF_STREAM }, (_, n) => String(n)),
      );
    }
    expect(known.has('s')).toBe(false);
    expect(known.has('other-999')).toBe(true);
  });

  it('forget a stream that somebody else has written to', () => {
    const known = createKnownStreams();
    known.add('s', 0, ['a', 'b']);
    known.add('s', 3, ['d']);
    expect(known.has('s')).toBe(false);
  });

  it('know an empty stream', () => {
    const known = createKnownStreams();
    known.add('s', 0, []);
    expect(known.has('s')).toBe(true);
  });
});
