import * as fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { expect, it } from 'vitest';
import { createPartitioner } from './murmur2.js';

it('puts every key where the partitioner of kafkajs does', () => {
  const theirs = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 1, max: 64 }),
      (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
          ...{ partitionId, partitionErrorCode: 0, leader: 1, replicas: [], isr: [] },
        }));
        const expected = theirs({ topic: 't', partitionMetadata, message: { key, value: null } });
        expect(createPartitioner(partitions)(key)).toBe(expected);
      },
    ),
    { numRuns: 500 },
  );
});
