// What the optimizer gives, the room has: both reckon with the same ledger, on every phase, in watts, and in the
// lines of transformers, whatever is known of stations and cars.

import { topologyOf } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  disconnected,
  given,
  granted,
  key,
  metered,
  SITE,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { nodeId, type Phase } from '@ampledger/kernel';
import { allocate, problemOf } from '@ampledger/optimizer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Room } from './room.js';

interface Shape {
  readonly phases: readonly Phase[];
  readonly rotationKnown?: boolean;
  readonly wiredPhases?: 1 | 2 | 3;
  readonly current?: 'dc';
}

const ALL = [0, 1, 2] as const;
const DC: Shape = { phases: ALL, current: 'dc' };
const WYE: readonly Shape[] = [
  DC,
  { phases: [0] },
  { phases: [1] },
  { phases: [0, 1] },
  { phases: ALL },
  { phases: ALL, rotationKnown: false, wiredPhases: 1 },
  { phases: ALL, rotationKnown: false },
];
const DELTA: readonly Shape[] = [
  DC,
  { phases: [0] },
  { phases: [2] },
  { phases: ALL },
  { phases: ALL, rotationKnown: false },
];
const loadA = fc.integer({ min: -30, max: 20 });
const sites = fc.record({
  delta: fc.boolean(),
  limitA: fc.constantFrom(20, 40, 90),
  limitW: fc.constantFrom(4_000, 9_000, 20_000, 60_000),
  policy: fc.constantFrom('fair', 'urgent', 'throughput', 'balanced'),
  which: fc.array(fc.nat(59), { minLength: 2, maxLength: 9 }),
  /** Whose car was seen, and on how many of its phases. */
  seen: fc.array(fc.constantFrom(0, 1, 3), { minLength: 9, maxLength: 9 }),
  /** Who has gone, and counts at what it may be holding. */
  gone: fc.array(fc.constantFrom(false, false, false, true), { minLength: 9, maxLength: 9 }),
  reserveA: fc.constantFrom(0, 2),
  idleA: fc.constantFrom(0, 0, 6),
  loads: fc.tuple(fc.tuple(loadA, loadA, loadA), fc.tuple(loadA, loadA, loadA)),
});

function stateOf(spec: typeof sites extends fc.Arbitrary<infer T> ? T : never) {
  const { delta, limitA, limitW, policy, which, seen, gone, reserveA, idleA, loads } = spec;
  const kinds = delta ? DELTA : WYE;
  const shapes = which.map((n) => kinds[n % kinds.length] ?? { phases: ALL });
  const fifth = limitA / 5;
  const transformer = delta
    ? ({ secondaryA: [limitA, limitA, limitA], primaryA: [fifth, fifth, fifth], ratio: 4 } as const)
    : null;
  const unmanaged = { kind: 'metered', maxA: [40, 40, 40], staleAfterS: 600 } as const;
  const config = siteOf({
    nodes: [
      { id: 'grid', limitA, limitW, reserveA, transformer, unmanaged },
      { id: 'panel', parent: 'grid', limitA: limitA / 2, unmanaged },
    ],
    stations: shapes.map((shape, i) => ({
      id: `S${i}`,
      node: i % 2 === 0 ? 'grid' : 'panel',
      connectors: [{ ...shape, idleA }],
    })),
    site: { policy, wiring: delta ? 'delta' : 'wye' },
  });
  const history = shapes.flatMap((_, i): readonly Told[] => [
    ...commissioned(`S${i}`, { idleA }),
    [i, started(`S${i}`, 't')],
    ...(seen[i] ? seenOn(`S${i}`, seen[i]) : []),
    ...(gone[i] ? [[77, disconnected(`S${i}`)] as const] : []),
  ]);
  const flows = ['grid', 'panel'].map((node, i): Told => {
    const data = { site: SITE, node: nodeId(node), loadA: loads[i] ?? [0, 0, 0] };
    return [70, { type: 'NodeLoadMeasured', data }];
  });
  return given([[0, configured(config)], ...history, ...flows]);
}

/** A car that had 6 A and took them on so many phases: what it holds is not in the way of the others. */
const seenOn = (station: string, phases: number): readonly Told[] => [
  ...granted(12, `g-${station}`, { station, transaction: 't', limitA: 6 }),
  ...[14, 44, 75].map((s): Told => [s, metered(station, phases === 1 ? [6, 0, 0] : [6, 6, 6])]),
  ...granted(76, `h-${station}`, { station, transaction: 't', limitA: 0 }),
];

describe('what is allocated', () => {
  it('fits the room, one after the other, until all is given', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        const state = stateOf(spec);
        const { byKey } = topologyOf(state.config);
        const room = new Room(state, at(80));
        const problem = problemOf(state, at(80));
        const shared = new Set(problem.candidates.map(({ key: connector }) => connector));
        for (const { connector, limitA } of allocate(problem, state.config)) {
          const placed = byKey.get(connector);
          if (placed === undefined || limitA === 0 || !shared.has(connector)) continue;
          const wanted = { kind: 'session', limitA } as const;
          expect(room.shortage(placed, wanted), `${connector} at ${limitA} A`).toBeNull();
          room.take(placed, wanted);
        }
      }),
      { numRuns: Number(process.env.ROOM_RUNS ?? 400) },
    );
  });
});

describe('a station on one phase that nobody knows', () => {
  const one = { phases: ALL, rotationKnown: false, wiredPhases: 1 } as const;
  const three = { phases: ALL, rotationKnown: false } as const;
  const limits = (shape: Shape, limitW: number) => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitW }],
      stations: ['A', 'B', 'C'].map((id) => ({ id, node: 'grid', connectors: [shape] })),
      site: { policy: 'fair' },
    });
    const ids = ['A', 'B', 'C'];
    const state = given([
      [0, configured(config)],
      ...ids.flatMap((id): Told[] => [...commissioned(id), [1, started(id, 't')]]),
    ]);
    const found = allocate(problemOf(state, at(2)), config);
    return { state, found: ids.map((id) => found.find((a) => a.connector === key(id))?.limitA) };
  };

  it('takes the power of one phase, for the optimizer and for the room', () => {
    expect(limits(one, 3 * 230 * 21).found).toEqual([21, 21, 21]);
    expect(limits(three, 3 * 230 * 21).found).toEqual([7, 7, 7]);
    const { state } = limits(one, 3 * 230 * 21);
    const placed = topologyOf(state.config).byKey.get(key('A'));
    if (placed === undefined) throw new Error('no A');
    const room = new Room(state, at(2));
    expect(room.shortage(placed, { kind: 'session', limitA: 63 })).toBeNull();
    expect(room.shortage(placed, { kind: 'session', limitA: 64 })).toMatchObject({
      phase: null,
      missing: 230,
    });
  });
});
