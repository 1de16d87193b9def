// Room behind a delta-wye transformer, and for cars whose phases are known.

import { currentOn, lineDrawnA, topologyOf, transformerLines } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { addPhases, type PerPhase, type Phase, ZERO } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Room } from './room.js';

const WIRINGS: readonly (readonly Phase[])[] = [[0], [1], [2], [0, 1, 2], [1, 2, 0]];
const session = (limitA: number) => ({ kind: 'session', limitA }) as const;

const placedAt = (state: ReturnType<typeof given>, station: string) => {
  const placed = topologyOf(state.config).byKey.get(key(station));
  if (placed === undefined) throw new Error(`no ${station}`);
  return placed;
};

/** Stations behind one transformer, each with its default profile accepted and a car at it. */
function deltaSite(
  phases: readonly (readonly Phase[])[],
  transformer: Record<'secondaryA' | 'primaryA', PerPhase | null>,
) {
  const site = siteOf({
    nodes: [{ id: 'grid', transformer: { ...transformer, ratio: 4 } }],
    stations: phases.map((own, i) => ({ id: `S${i}`, node: 'grid', connectors: [{ phases: own }] })),
    site: { wiring: 'delta', voltageV: 208 },
  });
  const stations = phases.flatMap((_, i): Told[] => [...commissioned(`S${i}`), [1, started(`S${i}`, '1')]]);
  return given([[0, configured(site)], ...stations]);
}

describe('room behind a transformer', () => {
  it.each([
    ['secondary', { secondaryA: [40, 40, 40], primaryA: null }],
    ['primary', { secondaryA: null, primaryA: [20, 20, 20] }],
  ] as const)('is short where a line of the %s side would be over', (side, limits) => {
    const state = deltaSite([[0], [0]], limits);
    const room = new Room(state, at(2));
    expect(room.shortage(placedAt(state, 'S0'), session(32))).toBeNull();
    room.take(placedAt(state, 'S0'), session(32));
    expect(room.shortage(placedAt(state, 'S1'), session(6))).toBeNull();
    expect(room.shortage(placedAt(state, 'S1'), session(40))).toMatchObject({ node: 'grid', line: side });
  });

  it('never puts a line over its limit, whatever cars draw below theirs', () => {
    const rating = fc.integer({ min: 5, max: 120 });
    const sites = fc.record({
      phases: fc.array(fc.constantFrom(...WIRINGS), { minLength: 1, maxLength: 8 }),
      secondaryA: fc.option(fc.tuple(rating, rating, rating)),
      primaryA: fc.option(fc.tuple(rating, rating, rating)),
      wanted: fc.array(fc.record({ who: fc.nat(7), limitA: fc.double({ min: 0, max: 40, noNaN: true }) }), {
        maxLength: 16,
      }),
      drawn: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
      // At a station on three legs: the one that its car is on, or null for all of them.
      leg: fc.array(fc.constantFrom<Phase | null>(0, 1, 2, null), { minLength: 8, maxLength: 8 }),
    });
    fc.assert(
      fc.property(sites, ({ phases, secondaryA, primaryA, wanted, drawn, leg }) => {
        const state = deltaSite(phases, { secondaryA, primaryA });
        const room = new Room(state, at(2));
        const heldA = phases.map(() => 0);
        for (const { who, limitA } of wanted) {
          const i = who % phases.length;
          const placed = placedAt(state, `S${i}`);
          if (room.shortage(placed, session(limitA)) !== null) continue;
          room.take(placed, session(limitA));
          heldA[i] = Math.max(heldA[i] ?? 0, limitA);
        }
        const legsA = heldA.reduce((sum, limitA, i) => {
          const wired = phases[i] ?? [];
          const one = leg[i] ?? null;
          const used = wired.length === 1 || one === null ? wired : [one];
          return addPhases(sum, currentOn('delta', used, limitA * (drawn[i] ?? 0)));
        }, ZERO);
        for (const line of transformerLines(state.config))
          expect(lineDrawnA(line, legsA)).toBeLessThanOrEqual(line.limitA + 1e-5);
      }),
      { numRuns: 500 },
    );
  });
});

describe('room beside a car whose phases are known', () => {
  const site = siteOf({
    nodes: [{ id: 'grid', limitA: 32 }],
    stations: [
      { id: 'A', node: 'grid' },
      { id: 'B', node: 'grid', connectors: [{ phases: [1] }] },
    ],
  });
  /** A's car, wired to three phases, charges on the first alone for two minutes. */
  const seen = (currentA: readonly [number, number, number]): readonly Told[] => [
    [0, configured(site)],
    ...commissioned('A'),
    ...commissioned('B'),
    [1, started('A', '1')],
    [1, started('B', '1')],
    ...granted(2, 'a', { station: 'A', transaction: '1', limitA: 20 }),
    ...[10, 50, 90, 130].map((atS): Told => [atS, metered('A', currentA)]),
  ];
  const shortage = (history: readonly Told[], limitA: number, atS = 141) => {
    const state = given(history);
    return new Room(state, at(atS)).shortage(placedAt(state, 'B'), session(limitA));
  };

  it('is all of the phases that it leaves alone', () => {
    expect(shortage(seen([20, 0, 0]), 32)).toBeNull();
    expect(shortage(seen([20, 20, 20]), 32)).toMatchObject({ phase: 1, missing: 20 });
  });

  it('is gone with the first reading that shows another phase', () => {
    const history: readonly Told[] = [...seen([20, 0, 0]), [140, metered('A', [20, 20, 20])]];
    expect(shortage(history, 32)).toMatchObject({ phase: 1, missing: 20 });
  });

  it('is gone when the meter has been silent for twice its time', () => {
    expect(shortage(seen([20, 0, 0]), 32, 130 + 599)).toBeNull();
    expect(shortage(seen([20, 0, 0]), 32, 130 + 601)).toMatchObject({ phase: 1, missing: 20 });
  });

  it('is not there for the default profile of the next car', () => {
    const state = given(seen([20, 0, 0]));
    const room = new Room(state, at(141));
    room.take(placedAt(state, 'B'), session(32));
    expect(room.shortage(placedAt(state, 'A'), { kind: 'idle', limitA: 6 })).toMatchObject({ phase: 1 });
    expect(room.shortage(placedAt(state, 'A'), session(32))).toBeNull();
  });
});
