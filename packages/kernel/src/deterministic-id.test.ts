import fc from 'fast-check';
import { v5 } from 'uuid';
import { expect, it } from 'vitest';
import { deterministicId } from './deterministic-id.js';

const AMPLEDGER = '6f1e1c6e-0f0d-5a58-9d39-3f6f3c1f6c3b';

it('is version 5 of RFC 9562 over the parts as JSON', () => {
  const parts = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 900 }), fc.integer()));
  fc.assert(fc.property(parts, (key) => deterministicId(...key) === v5(JSON.stringify(key), AMPLEDGER)));
});

it('tells parts apart by where they end', () => {
  expect(deterministicId('a', 'bc')).not.toBe(deterministicId('ab', 'c'));
  expect(deterministicId(1)).not.toBe(deterministicId('1'));
});
