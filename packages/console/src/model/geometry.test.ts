// Bars and charts: nothing lies outside its frame, whatever the figures are.

import { evenly, nodeId } from '@ampledger/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aConnector, aNode, aSite, NOON } from '../testing.js';
import { connectorBar, drawOf, laneBar } from './bar.js';
import { areaPath, axisTop, type ChartFrame, linePath, pointsOf, roundUp, xOf, yOf } from './chart.js';
import { HISTORY_MS, remember } from './history.js';
import { type Lane, loadOf } from './lanes.js';

const LANE: Lane = {
  label: 'L1',
  unit: 'A',
  phase: 0,
  line: null,
  limit: 50,
  rating: 100,
  reserve: 5,
  unmanaged: 10,
  offered: 30,
  drawn: 20,
};
const FRAME: ChartFrame = { widthPx: 900, heightPx: 100, until: NOON, top: 100 };

test('a bar: other load first, cars after it, the reserve below the limit', () => {
  const bar = laneBar(LANE);
  const rounded = (value: number | null): number => Math.round((value ?? 0) * 1.02);
  expect([bar.unmanaged.to, bar.drawn.from, bar.drawn.to, bar.offered.to].map(rounded)).toEqual([
    10, 10, 30, 40,
  ]);
  expect([bar.reserve.from, bar.reserve.to, bar.limit].map(rounded)).toEqual([45, 50, 50]);
});

test('every part of a bar lies within it', () => {
  const amount = fc.double({ min: 0, max: 1e5, noNaN: true });
  const lane = fc.record({
    limit: fc.option(amount),
    rating: fc.option(amount),
    reserve: amount,
    unmanaged: amount,
    offered: amount,
    drawn: amount,
  });
  fc.assert(
    fc.property(lane, (parts) => {
      const bar = laneBar({ ...LANE, ...parts });
      for (const { from, to } of [bar.unmanaged, bar.drawn, bar.offered, bar.reserve]) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(100);
      }
      expect(bar.limit ?? 0).toBeLessThanOrEqual(100);
    }),
  );
});

test('a connector is drawn on the common scale, in amperes of its limit', () => {
  const connector = aConnector('a', {
    maxA: 16,
    offerA: 8,
    allocationA: 8,
    phases: [1],
    drawA: [30, 7.5, 0],
    ownDrawA: 7.5,
  });
  expect(connectorBar(connector, 32)).toEqual({
    offered: 25,
    drawn: 23.4375,
    allocation: 25,
    minimum: 18.75,
    maximum: 50,
  });
  expect(drawOf({ ...connector, drawA: null, ownDrawA: null })).toBeNull();
});

test.each([
  [1, 1],
  [82.4, 100],
  [41.2, 50],
  [64.9, 80],
  [0.37, 0.4],
  [1001, 1200],
])('an axis for %d ends at %d', (value, end) => {
  expect(roundUp(value)).toBeCloseTo(end, 9);
});

test('an axis is never below what it shows', () => {
  fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (value) => roundUp(value) >= value));
  expect(axisTop([])).toBeGreaterThan(0);
  expect(axisTop([{ at: NOON, lane: LANE }])).toBeGreaterThan(50);
});

test('steps hold until the next word, the last one until the edge', () => {
  const points = [
    { at: NOON - HISTORY_MS, lane: LANE },
    { at: NOON - HISTORY_MS / 3, lane: { ...LANE, limit: 20 } },
  ];
  expect(linePath(points, FRAME, (lane) => lane.limit)).toBe('M0 50L600 50L600 80L900 80');
  expect(areaPath(points.slice(1), FRAME, [(lane) => lane.unmanaged, loadOf])).toBe(
    'M600 70L900 70L900 90L600 90Z',
  );
});

test('a value that is missing leaves a gap', () => {
  const points = [null, 50, null, 100].map((limit, index) => ({
    at: NOON - HISTORY_MS + (index * HISTORY_MS) / 4,
    lane: { ...LANE, limit },
  }));
  expect(linePath(points, FRAME, (lane) => lane.limit)).toBe('M225 50L450 50M675 0L900 0');
  expect(areaPath([], FRAME, [loadOf, loadOf])).toBe('');
});

test('what is out of the frame is kept at its edge', () => {
  expect([xOf(FRAME, NOON - 2 * HISTORY_MS), xOf(FRAME, NOON + 1)]).toEqual([0, 900]);
  expect([yOf(FRAME, -5), yOf(FRAME, 500)]).toEqual([100, 0]);
});

test('points of a node are those of its lane in every sample that has it', () => {
  const feeder = aNode('feeder', { drawnA: evenly(7) });
  const history = remember(remember([], aSite()), aSite({ at: NOON + 5_000, nodes: [feeder] }));
  expect(pointsOf(history, nodeId('feeder'), 'L2').map(({ lane }) => lane.drawn)).toEqual([0, 7]);
  expect(pointsOf(history, nodeId('grid'), 'L2')).toHaveLength(1);
});
