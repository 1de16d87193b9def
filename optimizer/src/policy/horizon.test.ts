// Aims against linear programmes over whole hours: rates by car and hour, within what the car takes and what all
// have together.

import loadHighs, { type Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../solver/test-networks.js';
import { aims as aimsOf } from './horizon.js';

const PROBLEMS = Number(process.env.HORIZON_RUNS ?? 60);
const SAME_AH = 1e-5;

interface Stay {
  readonly mostA: number;
  readonly hours: number;
  readonly needAh: number;
  readonly hadAh: number;
  readonly weight: number;
}

function aims(stays: readonly Stay[], capacityA: number): Float64Array {
  const of = (name: keyof Stay): Float64Array => Float64Array.from(stays, (stay) => stay[name]);
  const [mostA, hours, needAh] = [of('mostA'), of('hours'), of('needAh')];
  return aimsOf({ mostA, hours, needAh, hadAh: of('hadAh'), weight: of('weight') }, capacityA);
}

/** The package's types describe its CommonJS form; the ES module's default is the loader itself. */
const load = loadHighs as unknown as () => Promise<Highs>;
let highs: Highs;
beforeAll(async () => {
  highs = await load();
});

function problem(seed: number): { readonly stays: readonly Stay[]; readonly capacityA: number } {
  const random = seeded(seed);
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const stays = Array.from({ length: whole(1, 7) }, () => ({
    mostA: whole(1, 32),
    hours: whole(1, 6),
    needAh: whole(1, 120),
    hadAh: random() < 0.5 ? 0 : whole(0, 60),
    weight: random() < 0.7 ? 1 : 0.5 + random(),
  }));
  return { stays, capacityA: whole(1, 60) };
}

/** The most that all can have together; with `least`, while each has at least that. NaN where that cannot be. */
function mostTogether(stays: readonly Stay[], capacityA: number, least?: ArrayLike<number>): number {
  const rate = (i: number, hour: number): string => `x${i}_${hour}`;
  const hoursOf = ({ hours }: Stay): readonly number[] => Array.from({ length: hours }, (_, hour) => hour);
  const all = stays.flatMap((stay, i) => hoursOf(stay).map((hour) => rate(i, hour)));
  const sumOf = (i: number): string =>
    hoursOf(stays[i] as Stay)
      .map((hour) => rate(i, hour))
      .join(' + ');
  const rows = stays.flatMap(({ needAh }, i) => [
    `need${i}: ${sumOf(i)} <= ${needAh}`,
    ...(least ? [`least${i}: ${sumOf(i)} >= ${least[i]}`] : []),
  ]);
  for (let hour = 0; hour < 6; hour++) {
    const there = stays.flatMap(({ hours }, i) => (hours > hour ? [rate(i, hour)] : []));
    if (there.length > 0) rows.push(`hour${hour}: ${there.join(' + ')} <= ${capacityA}`);
  }
  const bounds = stays.flatMap((stay, i) =>
    hoursOf(stay).map((hour) => `0 <= ${rate(i, hour)} <= ${stay.mostA}`),
  );
  const text = `Maximize\n obj: ${all.join(' + ')}\nSubject To\n ${rows.join('\n ')}\nBounds\n ${bounds.join('\n ')}\nEnd\n`;
  const solution = highs.solve(text, { output_flag: false, primal_feasibility_tolerance: 1e-9 });
  return solution.Status === 'Optimal' ? solution.ObjectiveValue : Number.NaN;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('aims', () => {
  it('can be reached, and nothing that could be delivered is left', () => {
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const { stays, capacityA } = problem(seed);
      const aim = aims(stays, capacityA);
      const slightlyLess = aim.map((ah) => Math.max(0, ah - SAME_AH));
      expect(mostTogether(stays, capacityA, slightlyLess), `seed ${seed}`).not.toBeNaN();
      expect(Math.abs(sum(aim) - mostTogether(stays, capacityA)), `seed ${seed}`).toBeLessThan(
        SAME_AH * stays.length,
      );
    }
  });

  it('are max-min: nobody could have more but from one who has less', () => {
    const STEP_AH = 1e-2;
    let tried = 0;
    for (let seed = 0; seed < PROBLEMS; seed++) {
      const { stays, capacityA } = problem(seed);
      const aim = aims(stays, capacityA);
      const level = stays.map(({ hadAh, weight }, i) => (hadAh + (aim[i] as number)) / weight);
      stays.forEach(({ mostA, hours, needAh }, i) => {
        if ((aim[i] as number) + STEP_AH >= Math.min(needAh, mostA * hours)) return;
        // Everybody above gives what they have above; who is not above keeps all.
        const wanted = aim.map((ah, j) => {
          if (j === i) return ah + STEP_AH;
          const above = ((level[j] as number) - (level[i] as number)) * (stays[j] as Stay).weight;
          return above > 2 * STEP_AH ? Math.max(0, ah - above + 2 * STEP_AH) : Math.max(0, ah - SAME_AH);
        });
        expect(mostTogether(stays, capacityA, wanted), `seed ${seed}, car ${i}`).toBeNaN();
        tried++;
      });
    }
    expect(tried).toBeGreaterThan(PROBLEMS / 4);
  });

  it('of two that are alike are alike, and equal energy comes before equal parts', () => {
    const stay = { mostA: 32, hours: 4, needAh: 100, hadAh: 0, weight: 1 };
    expect(Array.from(aims([stay, stay], 10))).toEqual([20, 20].map((ah) => expect.closeTo(ah, 6)));
    expect(Array.from(aims([stay, { ...stay, needAh: 10 }], 10))).toEqual(
      [30, 10].map((ah) => expect.closeTo(ah, 6)),
    );
  });
});
