// What one unit more would give, against filling again with a little more.

import { describe, expect, it } from 'vitest';
import { buildNetwork, createScratch, fill, KINDS, marginals, sharersOf } from './index.js';
import { EVERYTHING, randomNetwork, seeded } from './test-networks.js';

const PROBLEMS = 300;
const STEP = 1e-6;

describe('marginals', () => {
  it('are the derivatives of the limits, wherever these have one', () => {
    let compared = 0;
    for (let seed = 0; seed < PROBLEMS; seed++) {
      // Weights and limits without a pattern: no two links are full at the same level.
      const random = seeded(seed + 77);
      const arrays = randomNetwork(random, EVERYTHING);
      const limit = Float64Array.from(arrays.limit, (value) => value + random());
      const weight = Array.from(arrays.leaf.weight, (value) => value * (1 + random()));
      const network = buildNetwork({ ...arrays, limit, leaf: { ...arrays.leaf, weight } });
      const before = createScratch(network);
      const after = createScratch(network);
      if (fill(network, before) > 0) continue;
      const found = marginals(network, before);
      for (const link of new Set(before.binding)) {
        if (link < 0) continue;
        network.limit[link] = (limit[link] ?? 0) + STEP;
        fill(network, after);
        network.limit[link] = limit[link] ?? 0;
        for (let leaf = 0; leaf < network.leaves; leaf++) {
          if (before.binding[leaf] !== link) continue;
          const rise = ((after.limitA[leaf] ?? 0) - (before.limitA[leaf] ?? 0)) / STEP;
          expect(Math.abs(rise - (found.gainA[leaf] ?? 0)), `seed ${seed}, leaf ${leaf}`).toBeLessThan(1e-3);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(PROBLEMS);
  });

  it('name those who share, and nobody else gains', () => {
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const network = buildNetwork(randomNetwork(seeded(seed), EVERYTHING));
      const scratch = createScratch(network);
      fill(network, scratch);
      const found = marginals(network, scratch);
      const gaining = new Set<number>();
      for (let link = 0; link < network.nodes * KINDS; link++)
        for (const leaf of sharersOf(network, scratch, found, link)) gaining.add(leaf);
      found.gainA.forEach((gainA, leaf) => {
        expect(gainA > 0).toBe(gaining.has(leaf));
        if (gainA > 0) expect(scratch.binding[leaf]).toBeGreaterThanOrEqual(0);
      });
    }
  });
});
