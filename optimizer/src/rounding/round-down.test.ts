// The laws of rounding, on random networks of all kinds; links are summed here from the definition.
// ROUNDING_RUNS sets how many networks (400 by default).

import { describe, expect, it } from 'vitest';
import {
  buildNetwork,
  createScratch,
  fill,
  KINDS,
  kindOfLink,
  linkOf,
  type NetworkArrays,
  nodeOfLink,
} from '../solver/index.js';
import {
  EVERYTHING,
  leavesUnder,
  type Random,
  randomNetwork,
  seeded,
  total,
} from '../solver/test-networks.js';
import { createRoundingScratch, roundDown, type Steps, settableAbove, settableBelow } from './index.js';

const RUNS = Number(process.env.ROUNDING_RUNS ?? 400);
const SAME = 1e-6;

/** Tenths, whole amperes, steps of two, modules of 5 kW on three phases, or a list. */
function randomSteps(random: Random, leaves: number): Steps {
  const kinds = Array.from({ length: leaves }, () => Math.floor(random() * 5));
  return {
    stepA: kinds.map((kind) => [0.1, 1, 2, 5000 / 690, 0.1][kind] ?? 0.1),
    values: kinds.map((kind) => (kind === 4 ? [6, 8, 10, 13, 16, 25, 32] : null)),
  };
}

interface Case {
  readonly arrays: NetworkArrays;
  readonly steps: Steps;
  readonly exactA: Float64Array;
  readonly roundedA: Float64Array;
  readonly again: Float64Array;
}

/** Null where the minima alone are too much. */
function caseOf(seed: number, unbalanced: boolean): Case | null {
  const random = seeded(seed);
  const tree = randomNetwork(random, { ...EVERYTHING, primary: random() < 0.5 });
  const unbalance = Array.from(tree.parent, () =>
    random() < 0.5 ? 20 * random() : Number.POSITIVE_INFINITY,
  );
  const arrays = unbalanced ? { ...tree, unbalance } : tree;
  const network = buildNetwork(arrays);
  const filling = createScratch(network);
  if (fill(network, filling) > 0) return null;
  const steps = randomSteps(random, network.leaves);
  const scratch = createRoundingScratch(network);
  const exactA = Float64Array.from(filling.limitA);
  roundDown(network, exactA, steps, scratch);
  const roundedA = Float64Array.from(scratch.limitA);
  roundDown(network, roundedA, steps, scratch);
  return { arrays, steps, exactA, roundedA, again: Float64Array.from(scratch.limitA) };
}

/** A link that is over, or -1. */
function firstOver({ parent, leaf, limit }: NetworkArrays, limitA: ArrayLike<number>): number {
  return Array.from(limit).findIndex((most, link) => {
    if (most === Number.POSITIVE_INFINITY) return false;
    const carries = total(leaf, leavesUnder(parent, leaf, nodeOfLink(link)), limitA, kindOfLink(link));
    return carries > most * (1 + 1e-9) + 1e-9;
  });
}

function firstUneven({ parent, leaf, unbalance }: NetworkArrays, limitA: ArrayLike<number>): number {
  return Array.from(unbalance ?? []).findIndex((most, node) => {
    const phases = [0, 1, 2].map((phase) => total(leaf, leavesUnder(parent, leaf, node), limitA, phase));
    return Math.max(...phases) - Math.min(...phases) > most + 1e-9;
  });
}

const fitsAll = (arrays: NetworkArrays, limitA: ArrayLike<number>): boolean =>
  firstOver(arrays, limitA) < 0 && firstUneven(arrays, limitA) < 0;

function eachCase(unbalanced: boolean, check: (of: Case, seed: number) => void): void {
  let checked = 0;
  for (let seed = 1; checked < RUNS; seed++) {
    const of = caseOf(seed, unbalanced);
    if (of === null) continue;
    check(of, seed);
    checked++;
  }
}

const plainOf = ({ arrays, steps, exactA }: Case): readonly number[] =>
  Array.from(exactA, (limitA, i) => settableBelow(steps, i, limitA, arrays.leaf.minA[i] ?? 0));

describe.each([false, true])('rounding, with limits on unbalance: %s', (unbalanced) => {
  it('holds every limit, bound and step', () => {
    eachCase(unbalanced, (of, seed) => {
      const { arrays, steps, exactA, roundedA } = of;
      expect(fitsAll(arrays, roundedA), `seed ${seed}`).toBe(true);
      roundedA.forEach((limitA, i) => {
        const minA = arrays.leaf.minA[i] ?? 0;
        const maxA = Math.max(minA, arrays.leaf.maxA[i] ?? 0);
        expect(limitA === 0 || (limitA >= minA - SAME && limitA <= maxA), `seed ${seed} leaf ${i}`).toBe(
          true,
        );
        expect(settableBelow(steps, i, limitA, minA), `seed ${seed} leaf ${i}`).toBe(limitA);
        if (exactA[i] === 0) expect(limitA).toBe(0);
      });
    });
  });

  it('leaves nobody a next step that fits', () => {
    eachCase(unbalanced, ({ arrays, steps, exactA, roundedA }, seed) => {
      roundedA.forEach((limitA, i) => {
        const minA = arrays.leaf.minA[i] ?? 0;
        const next = settableAbove(steps, i, limitA, minA);
        if (exactA[i] === 0 || next > Math.max(minA, arrays.leaf.maxA[i] ?? 0)) return;
        const raised = roundedA.map((a, k) => (k === i ? next : a));
        expect(fitsAll(arrays, raised), `seed ${seed} leaf ${i}`).toBe(false);
      });
    });
  });

  it('changes nothing when it rounds what is rounded', () => {
    eachCase(unbalanced, ({ roundedA, again }, seed) => {
      expect([...again], `seed ${seed}`).toEqual([...roundedA]);
    });
  });
});

describe('rounding', () => {
  it('loses nothing against plain rounding, for anybody, and less in all', () => {
    let [lost, lostPlainly] = [0, 0];
    eachCase(false, (of, seed) => {
      plainOf(of).forEach((plain, i) => {
        expect(of.roundedA[i], `seed ${seed} leaf ${i}`).toBeGreaterThanOrEqual(plain);
        const perA = of.arrays.leaf.wattsPerA[i] ?? 0;
        lost += perA * ((of.exactA[i] ?? 0) - (of.roundedA[i] ?? 0));
        lostPlainly += perA * ((of.exactA[i] ?? 0) - plain);
      });
    });
    expect(lost).toBeLessThan(0.9 * lostPlainly);
  });

  /** Equal cars on one fuse, in whole amperes. */
  const oneFuse = (limitA: number, cars: Partial<NetworkArrays['leaf']>, count: number): NetworkArrays => {
    const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
    limit[linkOf(0, 0)] = limitA;
    const all = (value: number): readonly number[] => Array.from({ length: count }, () => value);
    const leaf = {
      node: all(0),
      phases: all(1),
      wattsPerA: all(230),
      minA: all(6),
      maxA: all(32),
      weight: all(1),
      priority: all(0),
    };
    return { parent: [-1], limit, leaf: { ...leaf, ...cars } };
  };

  const rounded = (arrays: NetworkArrays, exactA: readonly number[], steps: Steps): readonly number[] => {
    const network = buildNetwork(arrays);
    const scratch = createRoundingScratch(network);
    roundDown(network, exactA, steps, scratch);
    return [...scratch.limitA];
  };

  it('hands on what is set free, to the largest remainder first', () => {
    const whole = { stepA: [1, 1, 1, 1] };
    expect(rounded(oneFuse(31, {}, 4), [7.75, 7.75, 7.75, 7.75], whole)).toEqual([8, 8, 8, 7]);
    expect(rounded(oneFuse(31, {}, 4), [7.2, 7.3, 8.1, 8.4], whole)).toEqual([7, 7, 8, 9]);
  });

  it('serves a higher class first', () => {
    const arrays = oneFuse(31, { priority: [0, 0, 0, 5] }, 4);
    expect(rounded(arrays, [7.9, 7.9, 7.9, 7.3], { stepA: [1, 1, 1, 1] })).toEqual([7, 7, 7, 10]);
  });

  it('gives the lowest value that can be set to whom rounding would leave without', () => {
    const lists = { stepA: [1, 1], values: [[8, 16, 32], null] };
    expect(rounded(oneFuse(15, {}, 2), [7.5, 7.5], lists)).toEqual([8, 7]);
    expect(rounded(oneFuse(14, {}, 2), [7, 7], lists)).toEqual([0, 14]);
  });
});
