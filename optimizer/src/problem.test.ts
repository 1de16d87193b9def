import { at, commissioned, configured, given, siteOf, started, type Told } from '@ampledger/domain/testing';
import { expect, it } from 'vitest';
import { TIER } from './admission/input.js';
import { decideLimits } from './decide.js';
import { nextChangeAt } from './next-change.js';
import { problemOf } from './problem.js';

const config = siteOf({
  nodes: [{ id: 'grid', limitA: 12 }],
  stations: ['A', 'B', 'C'].map((id) => ({ id, node: 'grid' })),
  control: { minDwellS: 0 },
  site: { policy: 'fair' },
});
const history = ['A', 'B', 'C'].flatMap((station, i): Told[] => [
  ...commissioned(station),
  [1 + i, started(station, 't')],
]);
const come = given([[0, configured(config)], ...history]);

it('a site file without a least dwell does not make everybody overdue', () => {
  const standings = problemOf(come, at(10)).candidates.map(({ standing }) => standing);
  expect(standings.map(({ tier }) => tier)).toEqual([TIER.open, TIER.open, TIER.open]);
  for (const { value } of standings) expect(value).toBeGreaterThan(0);
});

it('nor does it turn anybody at the moment of the decision before', () => {
  const first = decideLimits(come, at(10));
  if (first === null) throw new Error('nothing decided');
  const decided = given([[10, { type: 'LimitsAllocated', data: first }]], come);
  expect(decideLimits(decided, at(10))).toBeNull();
  expect(decideLimits(decided, at(40))).toBeNull();
  // Looked at again a turn's length after the last of them came.
  expect(nextChangeAt(decided, at(40))).toBe(at(63));
});
