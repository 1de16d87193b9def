// A thousandth of an ampere for a watt is an ampere for a kilowatt.

import { explainBinding } from '@ampledger/domain';
import { at, commissioned, configured, given, siteOf, started, type Told } from '@ampledger/domain/testing';
import { expect, it } from 'vitest';
import { allocate, problemOf } from './index.js';

it('four cars under a limit of power each have a part of one kilowatt more', () => {
  const ids = ['A', 'B', 'C', 'D'];
  const make = (limitW: number) => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitW }],
      stations: ids.map((id) => ({ id, node: 'grid' })),
      site: { policy: 'fair' },
    });
    const state = given([
      [0, configured(config)],
      ...ids.flatMap((id): Told[] => [...commissioned(id), [1, started(id, 't')]]),
    ]);
    return { state, found: allocate(problemOf(state, at(2)), config) };
  };
  const { state, found } = make(30_000);
  const [first] = found;
  const really = (make(31_000).found[0]?.limitA ?? 0) - (first?.limitA ?? 0);
  if (first?.because.kind !== 'link') throw new Error();
  const words = explainBinding(first.because, state, { limitA: first.limitA, minA: 6 });
  expect(really).toBeGreaterThan(0.3);
  expect((first.because.gainA ?? 0) * 1000).toBeCloseTo(1000 / 690 / 4, 1);
  expect(words).not.toContain('first');
});
