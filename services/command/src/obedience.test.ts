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
} from '@ampledger/domain/testing';
import { expect, it } from 'vitest';
import { obedience } from './obedience.js';

/** A car at three lines that was given 20 A, and what its newest reading says. */
function saidOf(linesA: readonly [number, number, number], rotationKnown = true) {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA: 400 }],
    stations: [{ id: 'A', node: 'grid', connectors: [{ maxA: 63, rotationKnown }] }],
    site: { wiring: 'delta', voltageV: 208 },
  });
  const state = given([
    [0, configured(config)],
    ...commissioned('A'),
    [1, started('A', 't')],
    ...granted(5, 'g', { station: 'A', transaction: 't', limitA: 20 }),
    [60, metered('A', linesA)],
  ]);
  expect(state.connectors.get(key('A'))?.meter?.at).toBe(at(60));
  return obedience(state, key('A'));
}

it('a car behind a delta is found out by the current of its lines, which is what its limit is for', () => {
  const data = { connector: key('A'), drawA: expect.closeTo(32, 6), heldA: 20 };
  // 18.5 A on each leg.
  expect(saidOf([32, 32, 32])).toEqual({ type: 'ConnectorDisobeyed', data });
  expect(saidOf([32, 32, 0])).toEqual({ type: 'ConnectorDisobeyed', data });
  expect(saidOf([32, 32, 32], false)).toEqual({ type: 'ConnectorDisobeyed', data });
});

it.each([true, false])('one that keeps to it is not (order of its lines known: %s)', (rotationKnown) => {
  expect(saidOf([20, 20, 20], rotationKnown)).toBeNull();
  expect(saidOf([20, 20, 0], rotationKnown)).toBeNull();
});
