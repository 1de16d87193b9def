// A site that is short for hours, minute by minute: admission by turns, then filling, as an allocation does it.

import { evolveDeficit } from '@ampledger/domain';
import { describe, expect, it } from 'vitest';
import { buildNetwork, createScratch, fill, KIND, KINDS, linkOf, type Network } from '../solver/index.js';
import { admit, createAdmissionScratch, standingOf, TIER, type TurnRules } from './index.js';

const MINUTE_MS = 60_000;
const RULES: TurnRules = {
  minOnMs: 15 * MINUTE_MS,
  minOffMs: 5 * MINUTE_MS,
  overdueMs: 60 * MINUTE_MS,
  wakeMarginA: 0,
};

interface Car {
  readonly phases: number;
  readonly minA: number;
  readonly priority: number;
}

const car = (of: Partial<Car> = {}): Car => ({ phases: 1, minA: 6, priority: 0, ...of });

/** All on one node with so many amperes on each phase. */
function networkOf(cars: readonly Car[], limitA: number): Network {
  const limit = new Float64Array(KINDS).fill(Number.POSITIVE_INFINITY);
  for (const kind of [KIND.L1, KIND.L2, KIND.L3]) limit[linkOf(0, kind)] = limitA;
  return buildNetwork({
    parent: [-1],
    limit,
    leaf: {
      node: cars.map(() => 0),
      phases: cars.map(({ phases }) => phases),
      wattsPerA: cars.map(() => 230),
      minA: cars.map(({ minA }) => minA),
      maxA: cars.map(() => 32),
      weight: cars.map(() => 1),
      priority: cars.map(({ priority }) => priority),
    },
  });
}

interface Turn {
  on: boolean;
  sinceMs: number;
  neverOn: boolean;
  deficitAh: number;
  onMs: number;
  gotAh: number;
  longestWaitMs: number;
  /** When it became overdue, and its place in line then; 0: it is not. */
  place: number;
}

const newcomer = (): Turn => ({
  on: false,
  sinceMs: 0,
  neverOn: true,
  deficitAh: 0,
  onMs: 0,
  gotAh: 0,
  longestWaitMs: 0,
  place: 0,
});

interface Day {
  readonly turns: readonly Turn[];
  readonly cutShort: number;
  /** Waits that were longer than the bound of their place in line. */
  readonly beyondBound: number;
}

function simulate(cars: readonly Car[], limitA: number, hours: number): Day {
  const network = networkOf(cars, limitA);
  const relaxed = networkOf(
    cars.map((c) => ({ ...c, minA: 0 })),
    limitA,
  );
  const filling = createScratch(network);
  const shares = createScratch(relaxed);
  fill(relaxed, shares);
  const scratch = createAdmissionScratch(network);
  const turns = cars.map(newcomer);
  let cutShort = 0;
  let beyondBound = 0;
  for (let now = 0; now < hours * 60 * MINUTE_MS; now += MINUTE_MS) {
    const standings = turns.map((turn, i) =>
      standingOf({ ...turn, full: false, minA: cars[i]?.minA ?? 6, weight: 1 }, RULES, now),
    );
    admit(
      {
        network,
        needA: standings.map((s) => s.needA),
        floorA: turns.map(() => 0),
        tier: standings.map((s) => s.tier),
        value: standings.map((s) => s.value),
        since: standings.map((s) => s.since),
        wakes: standings.map((s) => s.wakes),
      },
      scratch,
    );
    cars.forEach(({ minA }, i) => {
      const on = scratch.admitted[i] === 1;
      network.minA[i] = on ? minA : 0;
      network.maxA[i] = on ? 32 : 0;
    });
    expect(fill(network, filling)).toBe(0);
    cars.forEach(({ minA }, i) => {
      network.minA[i] = minA;
    });
    turns.forEach((turn, i) => {
      const limit = filling.limitA[i] ?? 0;
      const on = scratch.admitted[i] === 1;
      if (turn.on && !on && now - turn.sinceMs < RULES.minOnMs) cutShort++;
      if (!turn.on) {
        const waited = now - turn.sinceMs;
        turn.longestWaitMs = Math.max(turn.longestWaitMs, waited);
        const overdue = standings[i]?.tier === TIER.overdue;
        if (overdue && turn.place === 0) turn.place = Math.max(1, scratch.place[i] ?? 0);
        const boundMs = RULES.overdueMs + turn.place * RULES.minOnMs;
        if (turn.place > 0 && waited > boundMs) beyondBound++;
      }
      if (turn.on !== on) {
        turn.on = on;
        turn.sinceMs = now;
        turn.neverOn = false;
        turn.place = 0;
      }
      if (on) turn.onMs += MINUTE_MS;
      turn.gotAh += limit / 60;
      turn.deficitAh = evolveDeficit(turn.deficitAh, {
        limitA: limit,
        relaxedA: shares.limitA[i] ?? 0,
        dtS: 60,
      });
    });
  }
  return { turns, cutShort, beyondBound };
}

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
const jain = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) ** 2 / (values.length * values.reduce((a, b) => a + b * b, 0));

describe('turns', () => {
  it('gives twelve equal cars with room for five the same time on, within one dwell', () => {
    const day = simulate(
      Array.from({ length: 12 }, () => car()),
      31,
      8,
    );
    expect(spread(day.turns.map((t) => t.onMs))).toBeLessThanOrEqual(RULES.minOnMs);
    expect(day.cutShort).toBe(0);
    expect(day.beyondBound).toBe(0);
    // Seven wait at a time, and five places come free each dwell or soon after it.
    const longest = Math.max(...day.turns.map((t) => t.longestWaitMs));
    expect(longest).toBeLessThanOrEqual(3 * RULES.minOnMs);
    // Nothing is left unused: five are on in every minute.
    expect(day.turns.reduce((sum, t) => sum + t.onMs, 0)).toBe(5 * 8 * 60 * MINUTE_MS);
  });

  it('keeps classes strict: the lower class turns in what the higher leaves', () => {
    const cars = Array.from({ length: 12 }, (_, i) => car({ priority: i < 3 ? 1 : 0 }));
    const { turns, cutShort, beyondBound } = simulate(cars, 31, 8);
    expect(turns.slice(0, 3).map((t) => t.onMs)).toEqual([0, 0, 0].map(() => 8 * 60 * MINUTE_MS));
    expect(spread(turns.slice(3).map((t) => t.onMs))).toBeLessThanOrEqual(RULES.minOnMs);
    expect(cutShort).toBe(0);
    expect(beyondBound).toBe(0);
  });

  it('shares by ampere-hours where minima differ, and nobody waits beyond the bound', () => {
    const cars = [6, 6, 6, 6, 6, 6, 6, 6, 10, 10, 13, 16].map((minA) => car({ minA }));
    const { turns, cutShort, beyondBound } = simulate(cars, 31, 8);
    expect(jain(turns.map((t) => t.gotAh))).toBeGreaterThan(0.95);
    expect(cutShort).toBe(0);
    expect(beyondBound).toBe(0);
  });

  it('gets a car with three phases in among many with one', () => {
    const cars = [
      car({ phases: 7, minA: 16 }),
      ...Array.from({ length: 15 }, (_, i) => car({ phases: 1 << (i % 3) })),
    ];
    const { turns, cutShort, beyondBound } = simulate(cars, 18, 8);
    expect(cutShort).toBe(0);
    expect(beyondBound).toBe(0);
    expect(Math.min(...turns.map((t) => t.onMs))).toBeGreaterThan(60 * MINUTE_MS);
  });
});
