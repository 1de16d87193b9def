import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, share } from './sticky-assigner.js';

const setting = fc.integer({ min: 1, max: 64 }).chain((partitions) =>
  fc.record({
    partitions: fc.constant(partitions),
    claims: fc
      .array(fc.array(fc.nat(partitions - 1), { maxLength: partitions }), { minLength: 1, maxLength: 9 })
      .map((all): Claim[] => all.map((owned, i) => ({ member: `m-${i}`, owned }))),
  }),
);
const claimsOf = (shares: ReadonlyMap<string, readonly number[]>): Claim[] =>
  [...shares].map(([member, owned]) => ({ member, owned }));

describe('sharing partitions out', () => {
  it('gives each to one member, evenly, whatever they claim and in whatever order', () => {
    fc.assert(
      fc.property(setting, ({ partitions, claims }) => {
        const shares = share(partitions, claims);
        const all = [...shares.values()].flat().sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: partitions }, (_, partition) => partition));
        const sizes = [...shares.values()].map(({ length }) => length);
        expect(shares.size).toBe(claims.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const again = share(partitions, [...claims].reverse());
        for (const [member, some] of shares) expect(new Set(again.get(member))).toEqual(new Set(some));
      }),
    );
  });

  it('moves nothing while nobody comes or goes', () => {
    fc.assert(
      fc.property(setting, ({ partitions, claims }) => {
        const shares = share(partitions, claims);
        const again = share(partitions, claimsOf(shares));
        for (const [member, some] of shares) expect(new Set(again.get(member))).toEqual(new Set(some));
      }),
    );
  });

  it('moves only what the one who comes gets, and what the one who goes had', () => {
    fc.assert(
      fc.property(setting, ({ partitions, claims }) => {
        const before = share(partitions, claims);
        const more = share(partitions, [...claimsOf(before), { member: 'new', owned: [] }]);
        const isNew = new Set(more.get('new'));
        for (const [member, some] of before) {
          expect([...(more.get(member) ?? [])].filter((p) => !some.includes(p))).toEqual([]);
          expect(some.filter((p) => !more.get(member)?.includes(p)).every((p) => isNew.has(p))).toBe(true);
        }
        const [gone, ...left] = claimsOf(before);
        if (!gone || left.length === 0) return;
        const less = share(partitions, left);
        for (const { member, owned } of left) {
          expect(owned.filter((p) => !less.get(member)?.includes(p))).toEqual([]);
        }
      }),
    );
  });
});
