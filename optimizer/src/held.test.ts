// What is counted is what there is: loads and profiles that nobody can lower, and nothing of what was solved before.

import { deserializeState, EVENT_SCHEMAS, type SiteConfig, serializeState } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  ended,
  given,
  granted,
  key,
  metered,
  needsNotified,
  siteOf,
  started,
  status,
  type Told,
} from '@ampledger/domain/testing';
import { nodeId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.js';
import { certifySite } from './certify/index.js';
import { decideLimits } from './decide.js';
import { problemOf } from './problem.js';

const measured = (config: SiteConfig, loadA: number): Told[1] => ({
  type: 'NodeLoadMeasured',
  data: { site: config.id, node: nodeId('grid'), loadA: [loadA, 0, 0] },
});

const METERED = { kind: 'metered', maxA: [25, 25, 25], staleAfterS: 6_000 } as const;

describe('beside a limit on unbalance', () => {
  it.each(['fair', 'balanced'] as const)(
    'a load that is too uneven by itself still counts (%s)',
    (policy) => {
      const config = siteOf({
        nodes: [{ id: 'grid', limitA: 30, unbalanceA: 10, unmanaged: METERED }],
        stations: [{ id: 'S0', node: 'grid' }],
        site: { policy },
      });
      const before = given([
        [0, configured(config)],
        ...commissioned('S0'),
        [1, started('S0', 't')],
        [2, measured(config, 0)],
      ]);
      const first = decideLimits(before, at(3));
      if (first === null) throw new Error('nothing decided');
      const state = given(
        [
          [3, { type: 'LimitsAllocated', data: first }],
          ...granted(4, 'g', { station: 'S0', transaction: 't', limitA: 30 }),
          [5, measured(config, 20)],
        ],
        before,
      );
      const [cut] = decideLimits(state, at(6))?.allocations ?? [];
      expect(cut?.limitA).toBeLessThanOrEqual(10);
      expect(certifySite(state, at(6))).toEqual([]);
    },
  );

  const oneLeg = (ids: readonly string[]): SiteConfig =>
    siteOf({
      nodes: [{ id: 'grid', limitA: 100, unbalanceA: 10 }],
      stations: ids.map((id) => ({ id, node: 'grid', connectors: [{ phases: [0] }] })),
      site: { policy: 'fair' },
    });

  it('the last to come is the first to go', () => {
    const ids = ['S0', 'S1', 'S2'];
    const config = oneLeg(ids);
    const state = given([
      [0, configured(config)],
      ...ids.flatMap((id, i): readonly Told[] => [...commissioned(id), [1 + i, started(id, 't')]]),
    ]);
    const on = allocate(problemOf(state, at(10)), config).filter(({ limitA }) => limitA > 0);
    expect(on.map(({ connector }) => connector)).toEqual([key('S0')]);
  });

  it('the answer does not depend on what was solved before', () => {
    const ids = ['S0', 'S1', 'S2', 'S3', 'S4'];
    let live = given([
      [0, configured(oneLeg(ids))],
      ...ids.flatMap((id) => commissioned(id)),
      [1, started('S3', 't')],
      [2, started('S4', 't')],
      [3, started('S2', 't')],
      [4, started('S1', 't')],
    ]);
    allocate(problemOf(live, at(10)), live.config);
    live = given(
      [
        [11, ended('S3', 't')],
        [11, ended('S4', 't')],
        [12, ended('S2', 't')],
        [15, started('S2', 'u')],
      ],
      live,
    );
    const read = deserializeState(serializeState(live));
    expect(allocate(problemOf(live, at(20)), live.config)).toEqual(
      allocate(problemOf(read, at(20)), read.config),
    );
  });

  it('is named as what stops a connector, also where the phase has no limit', () => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitW: 200_000, unbalanceA: 10 }],
      stations: [{ id: 'S0', node: 'grid', connectors: [{ phases: [0] }] }],
      site: { policy: 'fair' },
    });
    const state = given([[0, configured(config)], ...commissioned('S0'), [1, started('S0', 't')]]);
    const decided = decideLimits(state, at(10));
    expect(decided?.allocations[0]).toMatchObject({
      limitA: 10,
      because: { kind: 'link', line: 'unbalance', capacity: 10 },
    });
    expect(EVENT_SCHEMAS.LimitsAllocated.safeParse(JSON.parse(JSON.stringify(decided))).success).toBe(true);
  });
});

it('a car that is rounded to nothing still holds its default profile', () => {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA: 20 }],
    stations: [
      { id: 'S0', node: 'grid', connectors: [{ phases: [0], idleA: 6, stepA: 1 }] },
      { id: 'S1', node: 'grid', connectors: [{ phases: [0] }] },
      { id: 'S2', node: 'grid', connectors: [{ phases: [0] }] },
    ],
    site: { policy: 'fair' },
  });
  const state = given([
    [0, configured(config)],
    ...commissioned('S0', { idleA: 6 }),
    ...commissioned('S1'),
    ...commissioned('S2'),
    ...['S0', 'S1', 'S2'].map((id): Told => [1, started(id, 't')]),
    [2, needsNotified('S0', { minA: 6.3 })],
  ]);
  const given_ = new Map(allocate(problemOf(state, at(10)), config).map((a) => [a.connector, a.limitA]));
  const of = (id: string): number => given_.get(key(id)) ?? 0;
  expect(Math.max(6, of('S0')) + of('S1') + of('S2')).toBeLessThanOrEqual(20);
});

describe('a car that pauses by itself', () => {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA: 32 }],
    stations: [
      { id: 'S0', node: 'grid' },
      { id: 'S1', node: 'grid' },
    ],
    site: { policy: 'fair' },
  });
  const limitsOf = (history: readonly Told[]): readonly number[] => {
    const state = given([
      [0, configured(config)],
      ...commissioned('S0'),
      ...commissioned('S1'),
      [1, started('S0', 't')],
      [1, started('S1', 't')],
      ...granted(2, 'g', { station: 'S0', transaction: 't', limitA: 16 }),
      ...history,
    ]);
    return allocate(problemOf(state, at(20)), config).map(({ limitA }) => limitA);
  };

  it('keeps its minimum and no more', () => {
    expect(limitsOf([[10, metered('S0', [0, 0, 0])]])).toEqual([16, 16]);
    expect(
      limitsOf([
        [10, metered('S0', [0, 0, 0])],
        [11, status('S0', 'SuspendedEV')],
      ]),
    ).toEqual([6, 26]);
  });
});

it('lets nobody in on a minimum that is none of its steps, and names the link', () => {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA: 14 }],
    stations: [
      { id: 'S0', node: 'grid', connectors: [{ stepsA: [10, 16] }] },
      { id: 'S1', node: 'grid', connectors: [{ stepsA: [10, 16] }] },
    ],
    site: { policy: 'fair' },
  });
  const state = given([
    [0, configured(config)],
    ...commissioned('S0'),
    ...commissioned('S1'),
    [1, started('S0', 't')],
    [2, started('S1', 't')],
  ]);
  const [first, second] = allocate(problemOf(state, at(20)), config);
  expect([first?.limitA, second?.limitA]).toEqual([10, 0]);
  expect(second?.because).toMatchObject({ kind: 'waiting', node: 'grid', phase: 0 });
});
