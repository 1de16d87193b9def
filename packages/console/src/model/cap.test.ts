import { evenly, nodeId } from '@ampledger/kernel';
import { expect, test } from 'vitest';
import { aNode, aSite, NOON } from '../testing.js';
import { capOn, capTop, capUnits, checkCap, envelopesInForce } from './cap.js';

test('a node limited by power is capped in kilowatts first', () => {
  expect(capUnits(aNode('grid'))[0]).toBe('A');
  expect(capUnits(aNode('grid', { limitA: null, limitW: 1 }))[0]).toBe('kW');
});

const WYE = { voltageV: 230, wiring: 'wye' } as const;

test('the slider ends at the highest limit known, in either unit', () => {
  expect(capTop(aNode('grid', { limitA: evenly(40) }), 'A', WYE, 80)).toBe(80);
  expect(capTop(aNode('grid'), 'kW', WYE, 80)).toBe(56);
  expect(capTop(aNode('grid'), 'kW', { voltageV: 208, wiring: 'delta' }, 100)).toBe(37);
  expect(capTop(aNode('grid', { limitA: null, limitW: 69_000 }), 'A', WYE, 0)).toBe(100);
  expect(capTop(aNode('grid', { limitA: null }), 'A', WYE, 0)).toBe(100);
});

test.each([
  ['40', 40],
  ['12,5', 12.5],
  ['0', 0],
])('%s is a cap', (value, expected) => {
  expect(checkCap({ unit: 'A', value, minutes: 15 }, nodeId('grid'), NOON)).toEqual({
    ok: true,
    cap: { node: 'grid', unit: 'A', value: expected, to: NOON + 900_000 },
  });
});

test.each(['', ' ', 'forty', '-1', '1e9', 'Infinity'])('"%s" is none', (value) => {
  expect(checkCap({ unit: 'A', value, minutes: null }, nodeId('grid'), NOON).ok).toBe(false);
});

test('envelopes that are over, and ratings, are not in force', () => {
  const envelope = {
    source: 'operator',
    node: nodeId('grid'),
    limitA: evenly(40),
    limitW: null,
    from: null,
    to: null,
    fallback: null,
    silenceS: null,
  } as const;
  const view = aSite({
    envelopes: [
      { ...envelope, state: 'active' },
      { ...envelope, node: nodeId('feeder'), state: 'over' },
      { ...envelope, source: 'openadr', state: 'announced' },
      { ...envelope, source: 'rating', state: 'active' },
    ],
  });
  expect(envelopesInForce(view).map(({ source }) => source)).toEqual(['operator', 'openadr']);
  expect(capOn(view, nodeId('grid'))?.state).toBe('active');
  expect(capOn(view, nodeId('feeder'))).toBeUndefined();
});
