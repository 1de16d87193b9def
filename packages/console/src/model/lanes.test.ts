import { evenly, nodeId } from '@ampledger/kernel';
import { expect, test } from 'vitest';
import { aConnector, aNode, aSite } from '../testing.js';
import {
  headroomOf,
  heldBy,
  heldKey,
  isOver,
  isOverOffered,
  lanesOf,
  loadOf,
  nodeLoadW,
  tightestLane,
} from './lanes.js';

const LOADED = { unmanagedA: [10, 0, 5], drawnA: [20, 30, 0], offeredA: [25, 40, 0], reserveA: 2 } as const;

test('a node limited by current has a lane for each phase', () => {
  const lanes = lanesOf(aNode('grid', LOADED), 230);
  expect(lanes.map(({ label }) => label)).toEqual(['L1', 'L2', 'L3']);
  expect(lanes[0]).toEqual({
    label: 'L1',
    unit: 'A',
    phase: 0,
    limit: 80,
    rating: null,
    reserve: 2,
    unmanaged: 10,
    offered: 25,
    drawn: 20,
  });
  expect(lanes.map(loadOf)).toEqual([30, 30, 5]);
});

test('a node limited by power alone has one lane, in kilowatts', () => {
  const lanes = lanesOf(aNode('grid', { ...LOADED, limitA: null, limitW: 20_000 }), 230);
  expect(lanes).toEqual([
    expect.objectContaining({
      label: 'Power',
      unit: 'kW',
      phase: null,
      limit: 20,
      rating: null,
      unmanaged: 3.45,
      drawn: 11.5,
    }),
  ]);
});

test('a node limited by both has both, one without limits its phases', () => {
  expect(lanesOf(aNode('grid', { limitW: 1 }), 230)).toHaveLength(4);
  const bare = lanesOf(aNode('grid', { limitA: null }), 230);
  expect(bare.map(headroomOf)).toEqual([null, null, null]);
  expect(bare.some(isOver)).toBe(false);
});

test('the tightest lane is the fullest one; over is said beyond measurement noise', () => {
  const lanes = lanesOf(
    aNode('grid', { limitA: [40, 29.98, 10], unmanagedA: LOADED.unmanagedA, drawnA: LOADED.drawnA }),
    230,
  );
  expect(tightestLane(lanes)?.label).toBe('L2');
  expect(lanes.map(isOver)).toEqual([false, false, false]);
  expect(lanesOf(aNode('grid', { limitA: evenly(29), drawnA: LOADED.drawnA }), 230).map(isOver)).toEqual([
    false,
    true,
    false,
  ]);
});

test('an offer that the limit has no room for is seen before it is drawn', () => {
  const node = aNode('grid', { ...LOADED, limitA: evenly(36) });
  expect(lanesOf(node, 230).map(isOverOffered)).toEqual([false, true, false]);
});

test('load in watts counts cars and everything else', () => {
  expect(nodeLoadW(aNode('grid', LOADED), 200)).toBe(13_000);
});

test('counts whom a limit holds back, and who waits', () => {
  const link = { node: nodeId('grid'), phase: 1, envelope: 'rating', capacity: 60 } as const;
  const held = heldBy(
    aSite({
      connectors: [
        aConnector('a', { because: { kind: 'link', ...link } }),
        aConnector('b', { because: { kind: 'waiting', ...link } }),
        aConnector('c', { because: { kind: 'link', ...link, phase: null } }),
        aConnector('d'),
      ],
    }),
  );
  expect(held.get(heldKey(nodeId('grid'), 1))).toEqual({ held: 2, waiting: 1 });
  expect(held.get(heldKey(nodeId('grid'), null))).toEqual({ held: 1, waiting: 0 });
  expect(held.size).toBe(2);
});
