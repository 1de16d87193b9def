import { expect, it } from 'vitest';
import { type Allocation, DEFICIT_MAX_AH, deficitAh, evolveDeficit } from './index.js';
import { at, configured, given, key, SITE, siteOf, started, type Told } from './testing.js';

const site = siteOf({ nodes: [{ id: 'grid' }], stations: [{ id: 'A', node: 'grid' }] });
const allocated = (atS: number, limitA: number, fairA: number | null): Told => [
  atS,
  {
    type: 'LimitsAllocated',
    data: {
      site: SITE,
      at: at(atS),
      basis: 0,
      epoch: 0,
      allocations: [
        {
          connector: key('A'),
          limitA,
          fairA,
          because: { kind: 'bound', bound: 'maximum' },
        } satisfies Allocation,
      ],
    },
  },
];
const turnAfter = (...history: readonly Told[]) =>
  given([[0, configured(site)], [0, started('A', 't1')], ...history]).connectors.get(key('A'))?.turn;

it('grows while a car waits, by its share', () => {
  expect(turnAfter(allocated(0, 0, 4), allocated(1800, 0, 4))).toEqual({
    on: false,
    since: at(0),
    deficitAh: 2,
    deficitAt: at(1800),
  });
});

it('falls while it gets more, and turns over with the limit', () => {
  expect(turnAfter(allocated(0, 0, 4), allocated(3600, 10, 4), allocated(7200, 10, null))).toEqual({
    on: true,
    since: at(3600),
    deficitAh: 4 - 6,
    deficitAt: at(7200),
  });
});

it('stands still while nobody waits', () => {
  const history = [allocated(0, 0, 4), allocated(3600, 16, null), allocated(9000, 16, null)];
  expect(turnAfter(...history)?.deficitAh).toBe(4);
});

it('begins anew with every session', () => {
  expect(turnAfter(allocated(0, 0, 4), allocated(3600, 0, 4), [3601, started('A', 't2')])?.deficitAh).toBe(0);
});

it('is known between two allocations', () => {
  const turn = { deficitAh: 1, deficitAt: at(0) };
  expect(deficitAh(turn, { limitA: 0, fairA: 6 }, at(600))).toBe(2);
  expect(deficitAh(turn, { limitA: 0, fairA: 6 }, at(-600))).toBe(1);
  expect(deficitAh(turn, null, at(600))).toBe(1);
});

it('is bounded on both sides', () => {
  const day = { dtS: 86_400 * 30 };
  expect(evolveDeficit(0, { ...day, limitA: 0, relaxedA: 32 })).toBe(DEFICIT_MAX_AH);
  expect(evolveDeficit(0, { ...day, limitA: 32, relaxedA: 0 })).toBe(-DEFICIT_MAX_AH);
});
