// What admission promises, on random networks of all kinds; links are summed here from the definition.
// ADMISSION_RUNS sets how many networks (400 by default).

import { describe, expect, it } from 'vitest';
import {
  buildNetwork,
  KINDS,
  kindOfLink,
  linkOf,
  type NetworkArrays,
  nodeOfLink,
  uses,
} from '../solver/index.js';
import {
  EVERYTHING,
  leavesUnder,
  type Random,
  randomNetwork,
  seeded,
  total,
} from '../solver/test-networks.js';
import { type AdmissionInput, admit, createAdmissionScratch, TIER } from './index.js';

const RUNS = Number(process.env.ADMISSION_RUNS ?? 400);

interface Answer {
  readonly admitted: readonly number[];
  readonly link: readonly number[];
  readonly place: readonly number[];
  readonly waiting: number;
}

interface Case {
  readonly arrays: NetworkArrays;
  readonly input: AdmissionInput;
  readonly answer: Answer;
}

function answerOf(input: AdmissionInput): Answer {
  const scratch = createAdmissionScratch(input.network);
  const waiting = admit(input, scratch);
  const { admitted, link, place } = scratch;
  return { admitted: [...admitted], link: [...link], place: [...place], waiting };
}

/** Limits from a third of all needs on; with floors for some, which the limits hold. */
function caseOf(random: Random, tiers: readonly number[], unbalanced = false): Case {
  const tree = randomNetwork(random, { ...EVERYTHING, primary: random() < 0.5 });
  const cars = tree.leaf.node.length;
  const make = (value: (i: number) => number): readonly number[] =>
    Array.from({ length: cars }, (_, i) => value(i));
  const floorA = make(() => (random() < 0.15 ? 6 * random() : 0));
  const needA = make((i) => (random() < 0.3 ? 5 + 8 * random() : (tree.leaf.minA[i] ?? 0)));
  const limit = Float64Array.from(tree.limit, (most, link) => {
    if (most === Number.POSITIVE_INFINITY) return most;
    const under = leavesUnder(tree.parent, tree.leaf, nodeOfLink(link));
    const carries = (of: ArrayLike<number>): number => total(tree.leaf, under, of, kindOfLink(link));
    return carries(floorA) + (0.3 + 0.8 * random()) * carries(needA);
  });
  const unbalance = Array.from(tree.parent, (_, node) => {
    const under = leavesUnder(tree.parent, tree.leaf, node);
    const floors = [0, 1, 2].map((phase) => total(tree.leaf, under, floorA, phase));
    return random() < 0.5 ? Math.max(...floors) + 15 * random() : Number.POSITIVE_INFINITY;
  });
  const arrays = { ...tree, limit, ...(unbalanced ? { unbalance } : {}) };
  const input = {
    network: buildNetwork(arrays),
    needA,
    floorA,
    tier: make(() => tiers[Math.floor(random() * tiers.length)] ?? TIER.open),
    value: make(() => (random() < 0.5 ? 1 : 0.1 + 2 * random())),
    since: make(() => Math.floor(5 * random())),
    wakes: make(() => (random() < 0.5 ? 1 : 0)),
  };
  return { arrays, input, answer: answerOf(input) };
}

const takenBy = ({ input }: Case, admitted: readonly number[]): readonly number[] =>
  admitted.map((on, i) => Math.max(input.floorA[i] ?? 0, on === 1 ? (input.needA[i] ?? 0) : 0));

function isOver({ parent, leaf, limit }: NetworkArrays, link: number, amperes: ArrayLike<number>): boolean {
  const carries = total(leaf, leavesUnder(parent, leaf, nodeOfLink(link)), amperes, kindOfLink(link));
  return carries > (limit[link] ?? 0) * (1 + 1e-9) + 1e-9;
}

const overLinks = (arrays: NetworkArrays, amperes: ArrayLike<number>): readonly number[] =>
  Array.from(arrays.limit, (_, link) => link).filter((link) => isOver(arrays, link, amperes));

function unevenNodes(
  { parent, leaf, unbalance }: NetworkArrays,
  amperes: ArrayLike<number>,
): readonly number[] {
  return Array.from(unbalance ?? [], (_, node) => node).filter((node) => {
    const phases = [0, 1, 2].map((phase) => total(leaf, leavesUnder(parent, leaf, node), amperes, phase));
    return Math.max(...phases) - Math.min(...phases) > (unbalance?.[node] ?? 0) + 1e-9;
  });
}

const ALL = [TIER.kept, TIER.overdue, TIER.open, TIER.resting, TIER.last, TIER.out];
const NO_OVERDUE = ALL.filter((tier) => tier !== TIER.overdue);

function eachCase(
  tiers: readonly number[],
  check: (of: Case, seed: number) => void,
  unbalanced = false,
): void {
  for (let seed = 1; seed <= RUNS; seed++) check(caseOf(seeded(seed), tiers, unbalanced), seed);
}

/** The same site without some of the cars. */
const without = ({ input }: Case, out: (leaf: number) => boolean): AdmissionInput => ({
  ...input,
  tier: Array.from(input.tier, (tier, leaf) => (out(leaf) ? TIER.out : tier)),
});

describe('admission', () => {
  it('is within all limits, and never takes who is no candidate', () => {
    let waited = 0;
    eachCase(ALL, (of, seed) => {
      waited += of.answer.waiting;
      expect(overLinks(of.arrays, takenBy(of, of.answer.admitted)), `seed ${seed}`).toEqual([]);
      of.answer.admitted.forEach((on, i) => {
        if (of.input.tier[i] === TIER.out) expect(on).toBe(0);
      });
    });
    expect(waited).toBeGreaterThan(RUNS);
  });

  it('keeps phases even where that is a limit', () => {
    let uneven = 0;
    eachCase(
      ALL,
      (of, seed) => {
        const taken = takenBy(of, of.answer.admitted);
        expect([...overLinks(of.arrays, taken), ...unevenNodes(of.arrays, taken)], `seed ${seed}`).toEqual(
          [],
        );
        const { unbalance: _, ...free } = of.arrays;
        const freely = answerOf({ ...of.input, network: buildNetwork(free) });
        if (unevenNodes(of.arrays, takenBy(of, freely.admitted)).length > 0) uneven++;
      },
      true,
    );
    expect(uneven).toBeGreaterThan(RUNS / 10);
  });

  it('names for everybody who waits a link that has no room for the need', () => {
    eachCase(NO_OVERDUE, (of, seed) => {
      const { admitted, link, waiting } = of.answer;
      const waits = admitted.map((on, i) => on === 0 && of.input.tier[i] !== TIER.out);
      expect(waits.filter(Boolean).length).toBe(waiting);
      waits.forEach((wait, i) => {
        const named = link[i] ?? -1;
        if (!wait) {
          expect(named).toBe(-1);
          return;
        }
        expect(leavesUnder(of.arrays.parent, of.arrays.leaf, nodeOfLink(named))).toContain(i);
        expect(uses(of.arrays.leaf.phases[i] ?? 0, kindOfLink(named))).toBe(true);
        const more = takenBy(
          of,
          admitted.map((on, k) => (k === i ? 1 : on)),
        );
        expect(isOver(of.arrays, named, more), `seed ${seed} leaf ${i}`).toBe(true);
      });
    });
  });

  it('gives the places of a line', () => {
    eachCase(ALL, ({ answer, input }, seed) => {
      const first = new Set<number>();
      answer.place.forEach((place, i) => {
        const waits = answer.admitted[i] === 0 && input.tier[i] !== TIER.out;
        expect(place >= 1 && place <= answer.waiting, `seed ${seed} leaf ${i}`).toBe(waits);
        if (place === 1) first.add(i);
      });
      expect(first.size > 0, `seed ${seed}`).toBe(answer.waiting > 0);
    });
  });

  it('is strict: no class and no tier minds those after it', () => {
    eachCase(ALL, (of, seed) => {
      const { network, tier } = of.input;
      const order = (i: number): number => (network.rank[i] ?? 0) * 10 + (tier[i] ?? 0);
      const cut = order(seed % network.leaves);
      const alone = answerOf(without(of, (i) => order(i) > cut));
      of.answer.admitted.forEach((on, i) => {
        if (order(i) <= cut) expect(alone.admitted[i], `seed ${seed} leaf ${i}`).toBe(on);
      });
    });
  });

  it('says the same again, and from the same arrays', () => {
    eachCase(ALL, (of, seed) => {
      const scratch = createAdmissionScratch(of.input.network);
      admit(
        without(of, (i) => i % 2 === 0),
        scratch,
      );
      admit(of.input, scratch);
      expect([...scratch.admitted, ...scratch.link, ...scratch.place], `seed ${seed}`).toEqual([
        ...of.answer.admitted,
        ...of.answer.link,
        ...of.answer.place,
      ]);
    });
  });
});

describe('room for the overdue', () => {
  /** One fuse of one phase. */
  const oneFuse = (
    limitA: number,
    cars: readonly { needA: number; tier: number; wakes: number; since?: number }[],
  ) => {
    const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
    limit[linkOf(0, 0)] = limitA;
    const all = (value: number): readonly number[] => cars.map(() => value);
    const network = buildNetwork({
      parent: [-1],
      limit,
      leaf: {
        node: all(0),
        phases: all(1),
        wattsPerA: all(230),
        minA: cars.map(({ needA }) => needA),
        maxA: all(32),
        weight: all(1),
        priority: all(0),
      },
    });
    const { admitted, place } = answerOf({
      network,
      needA: cars.map(({ needA }) => needA),
      floorA: all(0),
      tier: cars.map(({ tier }) => tier),
      value: all(1),
      since: cars.map(({ since }) => since ?? 0),
      wakes: cars.map(({ wakes }) => wakes),
    });
    return { admitted, place };
  };
  const kept = { needA: 6, tier: TIER.kept, wakes: 0 };
  const on = { needA: 6, tier: TIER.open, wakes: 0 };
  const off = { needA: 6, tier: TIER.open, wakes: 1 };
  const large = { needA: 13, tier: TIER.overdue, wakes: 1 };

  it('wakes nobody into it', () => {
    expect(oneFuse(18, [kept, off, large])).toEqual({ admitted: [1, 0, 0], place: [0, 2, 1] });
  });

  it('lets who is on go on until the overdue one fits', () => {
    expect(oneFuse(18, [kept, on, large]).admitted).toEqual([1, 1, 0]);
    expect(oneFuse(18, [on, on, large]).admitted).toEqual([0, 0, 1]);
  });

  it('is not kept for who would not fit even then', () => {
    expect(oneFuse(12, [kept, off, large]).admitted).toEqual([1, 1, 0]);
  });

  it('is given by time', () => {
    const waits = { needA: 6, tier: TIER.overdue, wakes: 1 };
    const { admitted, place } = oneFuse(
      12,
      [3, 1, 2, 0].map((since) => ({ ...waits, since })),
    );
    expect(admitted).toEqual([0, 1, 0, 1]);
    expect(place).toEqual([2, 0, 1, 0]);
  });
});
