// The month's highest quarter-hour, against the same reckoned the long way: every second of every quarter-hour.

import { nodeId, type PerPhase } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deserializeState,
  localMonth,
  peakAt,
  type SiteConfig,
  type SiteState,
  serializeState,
} from './index.js';
import {
  at,
  configured,
  ended,
  given,
  metered,
  type NodeSpec,
  SITE,
  type StationSpec,
  siteOf,
  started,
  type Told,
} from './testing.js';

const QUARTER_S = 900;
const METERED = { kind: 'metered', maxA: [50, 50, 50], staleAfterS: 600 } as const;
const A: StationSpec = { id: 'A', node: 'grid', connectors: [{ maxA: 32 }] };

const siteWith = (
  node: Partial<NodeSpec> = {},
  stations: readonly StationSpec[] = [A],
  timeZone = 'UTC',
): SiteConfig => siteOf({ nodes: [{ id: 'grid', limitA: 200, ...node }], stations, site: { timeZone } });

const load = (seconds: number, amperes: number): Told => [
  seconds,
  {
    type: 'NodeLoadMeasured',
    data: { site: SITE, node: nodeId('grid'), loadA: [amperes, amperes, amperes] },
  },
];
const draws = (seconds: number, station: string, currentA: PerPhase): Told => [
  seconds,
  metered(station, currentA),
];
const peakW = (state: SiteState, seconds: number): number => peakAt(state, at(seconds)).peakW;

describe("the month's peak", () => {
  it('is the mean of a quarter-hour, of all that is measured', () => {
    const state = given([
      [0, configured(siteWith({ unmanaged: METERED }))],
      [0, started('A', 't')],
      load(0, 10),
      draws(0, 'A', [16, 16, 16]),
      // A third of the first quarter-hour.
      draws(300, 'A', [0, 0, 0]),
      load(599, 10),
    ]);
    expect(peakW(state, 899)).toBe(0);
    expect(peakW(state, 900)).toBeCloseTo(690 * (10 + 16 / 3), 6);
    // It is the highest of all, and stays that.
    expect(peakW(state, 3_600)).toBeCloseTo(690 * (10 + 16 / 3), 6);
  });

  it('has what flows always, and nothing of a car that left', () => {
    const constant = { kind: 'constant', loadA: [1, 2, 3] } as const;
    const state = given([
      [0, configured(siteWith({ unmanaged: constant }))],
      [0, started('A', 't')],
      draws(0, 'A', [10, 10, 10]),
      [90, ended('A', 't')],
    ]);
    expect(peakW(state, 900)).toBeCloseTo(230 * (6 + 30 / 10), 6);
    expect(peakAt(state, at(901)).powerW).toBeCloseTo(230 * 6, 6);
  });

  it('leaves out a meter that is silent, from the next quarter-hour on', () => {
    const state = given([[0, configured(siteWith({ unmanaged: METERED }))], load(400, 10), load(1_300, 20)]);
    expect(peakW(state, 1_800)).toBeCloseTo((690 * (10 * 400 + 20 * 500)) / 900, 6);
    expect(peakAt(state, at(1_800)).powerW).toBe(690 * 20);
    expect(peakAt(state, at(2_700)).powerW).toBe(0);
    // However long nothing is heard, the answer is there at once.
    expect(peakW(state, 20 * 86_400)).toBe(690 * 20);
  });

  it('counts a car of unknown phases on as many as it showed', () => {
    const station: StationSpec = { ...A, connectors: [{ maxA: 32, rotationKnown: false }] };
    const oneOf = given([
      [0, configured(siteWith({}, [station]))],
      [0, started('A', 't')],
      draws(0, 'A', [16, 0, 0]),
    ]);
    expect(peakAt(oneOf, at(1)).powerW).toBeCloseTo(230 * 16, 6);
  });

  it('begins anew with the month of the site', () => {
    // T0 is 5 January 2026, 8:00 UTC; in Auckland February begins on 31 January, 11:00 UTC.
    const february = (26 * 24 + 3) * 3600;
    const constant = { kind: 'constant', loadA: [10, 10, 10] } as const;
    const state = given([
      [0, configured(siteWith({ unmanaged: constant }, [A], 'Pacific/Auckland'))],
      [february - 1_800, started('A', 't')],
      draws(february - 1_800, 'A', [10, 10, 10]),
      draws(february - 10, 'A', [0, 0, 0]),
    ]);
    const before = peakAt(state, at(february - 1));
    expect(before.peakW).toBeCloseTo(690 * 20, 6);
    const after = peakAt(state, at(february));
    expect(after).toMatchObject({ peakW: 0, since: at(february), month: before.month + 1 });
    expect(peakW(state, february + 900)).toBeCloseTo(690 * 10, 6);
    expect([at(february) - 1, at(february)].map((t) => localMonth('Pacific/Auckland', t) % 12)).toEqual([
      0, 1,
    ]);
  });
});

interface Say {
  readonly afterS: number;
  readonly who: 'A' | 'B' | 'load';
  readonly amperes: number;
}

const says: fc.Arbitrary<readonly Say[]> = fc.array(
  fc.record({
    afterS: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 500, max: 5_000 })),
    who: fc.constantFrom('A' as const, 'B' as const, 'load' as const),
    amperes: fc.integer({ min: 0, max: 32 }),
  }),
  { maxLength: 40 },
);

function historyOf(list: readonly Say[]): readonly Told[] {
  let seconds = 0;
  return list.map(({ afterS, who, amperes }) => {
    seconds += afterS;
    return who === 'load' ? load(seconds, amperes) : draws(seconds, who, [amperes, 0, amperes]);
  });
}

const SITE_AB = siteWith({ unmanaged: METERED }, [A, { ...A, id: 'B' }]);
const START: readonly Told[] = [
  [0, configured(SITE_AB)],
  [0, started('A', 't')],
  [0, started('B', 't')],
];

/** By the second: what each meter last said, where it said so within its time before the quarter-hour. */
function slowPeakW(list: readonly Say[], untilS: number): number {
  let seconds = 0;
  const history = list.map((say) => {
    seconds += say.afterS;
    return { ...say, atS: seconds };
  });
  const staleS = {
    A: SITE_AB.control.meterStaleS,
    B: SITE_AB.control.meterStaleS,
    load: METERED.staleAfterS,
  };
  let most = 0;
  for (let quarter = 0; (quarter + 1) * QUARTER_S <= untilS; quarter++) {
    let sum = 0;
    for (const who of ['A', 'B', 'load'] as const) {
      const own = history.filter((say) => say.who === who);
      for (let s = quarter * QUARTER_S; s < (quarter + 1) * QUARTER_S; s++) {
        const last = own.findLast(({ atS }) => atS <= s);
        if (last === undefined || last.atS < quarter * QUARTER_S - staleS[who]) continue;
        sum += 230 * (who === 'load' ? 3 : 2) * last.amperes;
      }
    }
    most = Math.max(most, sum / QUARTER_S);
  }
  return most;
}

describe('on any history', () => {
  it('is what the long way gives', () => {
    fc.assert(
      fc.property(says, (list) => {
        const history = historyOf(list);
        const untilS = (history.at(-1)?.[0] ?? 0) + 1_000;
        const state = given([...START, ...history]);
        expect(peakW(state, untilS)).toBeCloseTo(slowPeakW(list, untilS), 6);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same to the last bit from a snapshot on', () => {
    fc.assert(
      fc.property(says, fc.nat(), (list, seed) => {
        const history = [...START, ...historyOf(list)];
        const cut = START.length + (seed % (list.length + 1));
        const snapshot = deserializeState(
          JSON.parse(JSON.stringify(serializeState(given(history.slice(0, cut))))) as object,
        );
        expect(given(history.slice(cut), snapshot).peak).toEqual(given(history).peak);
      }),
      { numRuns: 50 },
    );
  });

  it('asking changes nothing', () => {
    const state = given([...START, draws(10, 'A', [16, 16, 16])]);
    const before = structuredClone(state.peak);
    peakAt(state, at(100_000));
    expect(state.peak).toEqual(before);
  });
});
