// Laws that every policy keeps, on random networks with everything that a network can have; and what sets
// `balanced` apart.

import { describe, expect, it } from 'vitest';
import {
  buildNetwork,
  carriedOf,
  certify,
  createScratch,
  fill,
  KINDS,
  kindOfLink,
  type Network,
  nodeOfLink,
  SUMS,
  uses,
} from '../solver/index.js';
import { EVERYTHING, randomNetwork, seeded } from '../solver/test-networks.js';
import { constraintsOf, slackOf } from './forms.js';
import { sumsOf } from './interior.js';
import type { Needs } from './needs.js';
import { POLICIES, share } from './share.js';
import { needsOf } from './test-needs.js';

const PROBLEMS = Number(process.env.POLICY_RUNS ?? 50);

function* problems(): Generator<{ readonly seed: number; readonly network: Network; readonly needs: Needs }> {
  for (let seed = 0; seed < PROBLEMS; seed++) {
    const network = buildNetwork(randomNetwork(seeded(seed * 7 + 5), EVERYTHING));
    if (fill(network, createScratch(network)) > 0) continue;
    yield { seed, network, needs: needsOf(network, seed) };
  }
}

describe.each(POLICIES)('%s', (policy) => {
  it('stays within every limit and all bounds, and leaves the network as it was', () => {
    for (const { seed, network, needs } of problems()) {
      const before = structuredClone(network);
      const scratch = createScratch(network);
      share(network, scratch, needs, policy);
      expect(network).toEqual(before);
      const found = certify(network, scratch.limitA);
      const kind = found.holds ? 'unjustified' : found.violation.kind;
      expect(kind, `seed ${seed}`).toBe('unjustified');
    }
  });

  it('leaves nothing that one could have while all others keep what they have', () => {
    const STEP_A = 1e-4;
    for (const { seed, network, needs } of problems()) {
      const scratch = createScratch(network);
      share(network, scratch, needs, policy);
      for (let leaf = 0; leaf < network.leaves; leaf++) {
        if ((scratch.limitA[leaf] ?? 0) + STEP_A >= (network.maxA[leaf] ?? 0)) continue;
        const more = Float64Array.from(scratch.limitA);
        more[leaf] = (more[leaf] ?? 0) + STEP_A;
        const sums = sumsOf(network, more);
        const most = Float64Array.from(sums, () => 1e6);
        const broken = constraintsOf(network, most).some((c) => slackOf(c, sums) < 0);
        expect(broken, `seed ${seed}, leaf ${leaf}`).toBe(true);
      }
    }
  });

  it('keeps the phases as even as asked, where filling does', () => {
    let limited = 0;
    for (let seed = 0; seed < 2 * PROBLEMS; seed++) {
      const random = seeded(seed + 999);
      const arrays = randomNetwork(seeded(seed * 7 + 5), EVERYTHING);
      const unbalance = Array.from(arrays.parent, () => (random() < 0.5 ? 5 + 20 * random() : 1e9));
      const network = buildNetwork({ ...arrays, unbalance });
      const scratch = createScratch(network);
      const uneven = (): number => {
        const sums = sumsOf(network, scratch.limitA);
        const spreads = unbalance.map((most, node) => {
          const phases = sums.slice(node * SUMS, node * SUMS + 3);
          return Math.max(...phases) - Math.min(...phases) - most;
        });
        return Math.max(...spreads);
      };
      if (fill(network, scratch) > 0 || uneven() > 1e-6) continue;
      limited++;
      share(network, scratch, needsOf(network, seed), policy);
      expect(uneven(), `seed ${seed}`).toBeLessThan(2e-6);
    }
    expect(limited).toBeGreaterThan(PROBLEMS / 2);
  });

  it('names for everybody below the maximum a full link that it adds to', () => {
    for (const { seed, network, needs } of problems()) {
      const scratch = createScratch(network);
      share(network, scratch, needs, policy);
      const sums = sumsOf(network, scratch.limitA);
      scratch.limitA.forEach((limitA, leaf) => {
        if (limitA >= (network.maxA[leaf] ?? 0) - 1e-6) return;
        const link = scratch.binding[leaf] ?? -1;
        expect(link, `seed ${seed}, leaf ${leaf}`).toBeGreaterThanOrEqual(0);
        expect(uses(network.phases[leaf] ?? 0, kindOfLink(link))).toBe(true);
        const carried = carriedOf(sums, nodeOfLink(link) * SUMS, kindOfLink(link));
        expect(carried / (network.limit[link] ?? 0), `seed ${seed}, leaf ${leaf}`).toBeCloseTo(1, 5);
      });
    }
  });

  it('gives a higher class what it would have if the lower ones had their minima', () => {
    for (const { seed, network, needs } of problems()) {
      const [all, alone] = [createScratch(network), createScratch(network)];
      share(network, all, needs, policy);
      const { node, phases, wattsPerA, minA, weight, priority, parent, limit } = network;
      const maxA = network.maxA.map((most, leaf) => (network.rank[leaf] === 0 ? most : 0));
      const leaf = { node, phases, wattsPerA, minA, maxA, weight, priority };
      const lower = buildNetwork({ parent, limit, leaf });
      share(lower, alone, needs, policy);
      all.limitA.forEach((limitA, i) => {
        if (network.rank[i] === 0) expect(limitA, `seed ${seed}`).toBeCloseTo(alone.limitA[i] ?? 0, 3);
      });
    }
  });

  it('gives the same bits again, whatever was solved before', () => {
    for (const { network, needs } of problems()) {
      const [once, again] = [createScratch(network), createScratch(network)];
      share(network, once, needs, policy);
      share(network, again, { ...needs, hoursLeft: new Float64Array(network.leaves).fill(1) }, policy);
      share(network, again, needs, policy);
      expect(again.limitA).toEqual(once.limitA);
    }
  });
});

/** One node; limits in amperes by kind of link. */
function board(limits: Readonly<Record<number, number>>, phases: readonly number[]): Network {
  const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
  for (const [kind, limitA] of Object.entries(limits)) limit[Number(kind)] = limitA;
  const of = (value: number): readonly number[] => phases.map(() => value);
  const wattsPerA = phases.map((set) => 230 * ((set & 1) + ((set >> 1) & 1) + (set >> 2)));
  return buildNetwork({
    parent: [-1],
    limit,
    leaf: { node: of(0), phases, wattsPerA, minA: of(0), maxA: of(32), weight: of(1), priority: of(0) },
  });
}

function balanced(network: Network, needs: Partial<Needs>): readonly number[] {
  const of = (value: number): Float64Array => new Float64Array(network.leaves).fill(value);
  const unknown = Number.POSITIVE_INFINITY;
  const scratch = createScratch(network);
  const none = { remainingWh: of(unknown), hoursLeft: of(unknown), deliveredWh: of(0) };
  share(network, scratch, { ...none, ...needs }, 'balanced');
  return [...scratch.limitA];
}

describe('balanced', () => {
  it('serves first who cannot wait', () => {
    const [soon, late] = balanced(board({ 0: 32 }, [1, 1]), {
      remainingWh: [7360, 7360],
      hoursLeft: [1, 9],
    });
    expect(soon).toBeGreaterThan(31.9);
    expect(late).toBeLessThan(0.1);
  });

  it('shares equally among who are alike, known or not', () => {
    for (const limitA of balanced(board({ 0: 48 }, [1, 1, 1, 1]), {})) expect(limitA).toBeCloseTo(12, 3);
    const alike = { remainingWh: [9e3, 9e3, 9e3], hoursLeft: [2, 2, 2], deliveredWh: [1e3, 1e3, 1e3] };
    for (const limitA of balanced(board({ 0: 30 }, [1, 1, 1]), alike)) expect(limitA).toBeCloseTo(10, 3);
  });

  it('does not starve a car of which nothing is known', () => {
    const unknown = Number.POSITIVE_INFINITY;
    const [known, other, stranger] = balanced(board({ 0: 30 }, [1, 1, 1]), {
      remainingWh: [20e3, 20e3, unknown],
      hoursLeft: [3, 3, unknown],
    });
    expect(stranger).toBeCloseTo(known ?? 0, 3);
    expect(stranger).toBeCloseTo(other ?? 0, 3);
  });

  it('gives up power for the three-phase car only as far as it needs it', () => {
    // One car on three phases and three on one each: max-min gives all 16 A.
    const limits = { 0: 32, 1: 32, 2: 32 };
    const needs = { remainingWh: [20e3, 7e3, 7e3, 7e3], hoursLeft: [4, 4, 4, 4] };
    const [all = 0, ...each] = balanced(board(limits, [7, 1, 2, 4]), needs);
    for (const one of each) expect(one + all).toBeCloseTo(32, 3);
    expect(all).toBeGreaterThan(10);
    expect(all).toBeLessThan(22);
  });

  it('changes little when needs change little', () => {
    const network = board({ 0: 40 }, [1, 1, 1]);
    const at = (hours: number): readonly number[] =>
      balanced(network, { remainingWh: [10e3, 10e3, 10e3], hoursLeft: [hours, 3, 4] });
    for (let hours = 1; hours < 6; hours += 0.1) {
      const [before, after] = [at(hours), at(hours + 0.001)];
      before.forEach((limitA, leaf) => {
        expect(Math.abs(limitA - (after[leaf] ?? 0))).toBeLessThan(1);
      });
    }
  });
});
