// What one unit more would give, against filling again with a little more.

import { describe, expect, it } from 'vitest';
import { buildNetwork, createScratch, fill, KIND, KINDS, kindOfLink, marginals, sharersOf } from './index.js';
import { EVERYTHING, randomNetwork, seeded } from './test-networks.js';

const PROBLEMS = 600;
const STEP = 1e-6;

describe('marginals', () => {
  it('are the derivatives of the limits, wherever these have one', () => {
    let compared = 0;
    let onFreeLegs = 0;
    for (let seed = 0; seed < PROBLEMS; seed++) {
      // Weights and limits without a pattern: no two links are full at the same level.
      const random = seeded(seed + 77);
      const arrays = randomNetwork(random, EVERYTHING);
      // Every other one has primary lines alone: free legs are rare where other limits are nearer.
      const limit = Float64Array.from(arrays.limit, (value, link) =>
        seed % 2 === 0 && kindOfLink(link) < KIND.primaryA ? Number.POSITIVE_INFINITY : value + random(),
      );
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
          const slope = ((after.limitA[leaf] ?? 0) - (before.limitA[leaf] ?? 0)) / STEP;
          // What others take on the free leg of a primary line is no gain.
          const rise = kindOfLink(link) >= KIND.primaryA ? Math.max(0, slope) : slope;
          if (found.stop[leaf] !== link) onFreeLegs++;
          expect(Math.abs(rise - (found.gainA[leaf] ?? 0)), `seed ${seed}, leaf ${leaf}`).toBeLessThan(1e-3);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(PROBLEMS);
    expect(onFreeLegs).toBeGreaterThan(0);
  });

  it('reach the free leg of a primary line through the others', () => {
    const leaf = {
      node: [0, 0, 0],
      phases: [1, 2, 4],
      wattsPerA: [230, 230, 230],
      minA: [0, 0, 0],
      maxA: [32, 32, 1],
      weight: [2, 1, 1],
      priority: [0, 0, 0],
    };
    const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
    limit[KIND.primaryA] = Math.sqrt(10 * 10 + 4 + 2 * 10);
    const network = buildNetwork({ parent: [-1], limit, leaf });
    const scratch = createScratch(network);
    fill(network, scratch);
    // The leg with 1 A counts twice: of 10 A on the larger leg, 8 A of the lesser are free.
    expect([...scratch.limitA].map((limitA) => Math.round(limitA * 1e9) / 1e9)).toEqual([10, 8, 1]);
    const { gainA } = marginals(network, scratch);
    const perA = Math.sqrt(124) / (10 + 1);
    expect(gainA[0]).toBeCloseTo(perA, 9);
    expect(gainA[1]).toBeCloseTo(perA, 9);
    expect(gainA[2]).toBe(0);
  });

  it('name those who share, and nobody else gains', () => {
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const network = buildNetwork(randomNetwork(seeded(seed), EVERYTHING));
      const scratch = createScratch(network);
      fill(network, scratch);
      const found = marginals(network, scratch);
      const sharing = new Set<number>();
      for (let link = 0; link < network.nodes * KINDS; link++)
        for (const leaf of sharersOf(network, scratch, found, link)) sharing.add(leaf);
      found.gainA.forEach((gainA, leaf) => {
        if (gainA > 0) expect(sharing.has(leaf)).toBe(true);
        // Only on a free leg may the others take all of it.
        if (sharing.has(leaf) && found.stop[leaf] === scratch.binding[leaf]) expect(gainA).toBeGreaterThan(0);
        if (gainA > 0) expect(scratch.binding[leaf]).toBeGreaterThanOrEqual(0);
      });
    }
  });
});
