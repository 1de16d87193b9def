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
  lanesToShow,
  loadOf,
  nodeLoadW,
  reachOf,
  tightestLane,
} from './lanes.js';

const UNSHARED = { gainA: null, sharers: null, until: null } as const;
const WYE = { voltageV: 230, wiring: 'wye' } as const;
const LOADED = {
  unmanagedA: [10, 0, 5],
  drawnA: [20, 30, 0],
  offeredA: [25, 40, 0],
  reserveA: 2,
  offeredW: 14_000,
  drawnW: 9_000,
} as const;

test('a node limited by current has a lane for each phase', () => {
  const lanes = lanesOf(aNode('grid', LOADED), WYE);
  expect(lanes.map(({ label }) => label)).toEqual(['L1', 'L2', 'L3']);
  expect(lanes[0]).toEqual({
    label: 'L1',
    unit: 'A',
    phase: 0,
    line: null,
    limit: 80,
    rating: null,
    reserve: 2,
    unmanaged: 10,
    offered: 25,
    drawn: 20,
  });
  expect(lanes.map(loadOf)).toEqual([30, 30, 5]);
  // Beside the limit stands what is drawn and may be, by cars and by everything else.
  expect(lanes.map(reachOf)).toEqual([35, 40, 5]);
});

test('a node limited by power alone has one lane, in kilowatts', () => {
  const lanes = lanesOf(aNode('grid', { ...LOADED, limitA: null, limitW: 20_000 }), WYE);
  expect(lanes).toEqual([
    expect.objectContaining({
      label: 'Power',
      unit: 'kW',
      phase: null,
      limit: 20,
      rating: null,
      unmanaged: 3.45,
      // What may be on any of several phases is in the amperes of each, and in the watts once.
      offered: 14,
      drawn: 9,
    }),
  ]);
});

test('a node limited by both has both, one without limits its phases', () => {
  expect(lanesOf(aNode('grid', { limitW: 1 }), WYE)).toHaveLength(4);
  const bare = lanesOf(aNode('grid', { limitA: null }), WYE);
  expect(bare.map(headroomOf)).toEqual([null, null, null]);
  expect(bare.some(isOver)).toBe(false);
});

test('the tightest lane is the fullest one; over is said beyond measurement noise', () => {
  const lanes = lanesOf(
    aNode('grid', { limitA: [40, 29.98, 10], unmanagedA: LOADED.unmanagedA, drawnA: LOADED.drawnA }),
    WYE,
  );
  expect(tightestLane(lanes)?.label).toBe('L2');
  expect(lanes.map(isOver)).toEqual([false, false, false]);
  expect(lanesOf(aNode('grid', { limitA: evenly(29), drawnA: LOADED.drawnA }), WYE).map(isOver)).toEqual([
    false,
    true,
    false,
  ]);
});

test('an offer that the limit has no room for is seen before it is drawn', () => {
  const node = aNode('grid', { ...LOADED, limitA: evenly(36) });
  expect(lanesOf(node, WYE).map(isOverOffered)).toEqual([false, true, false]);
});

test('load in watts counts cars and everything else', () => {
  expect(nodeLoadW(aNode('grid', LOADED), 200)).toBe(12_000);
});

test('counts whom a limit holds back, and who waits', () => {
  const link = { node: nodeId('grid'), phase: 1, envelope: 'rating', capacity: 60, ...UNSHARED } as const;
  const held = heldBy(
    aSite({
      connectors: [
        aConnector('a', { because: { kind: 'link', ...link } }),
        aConnector('b', { because: { kind: 'waiting', ...link } }),
        aConnector('c', { because: { kind: 'link', ...link, phase: null } }),
        aConnector('d', { because: { kind: 'link', ...link, line: 'primary' } }),
        aConnector('e', { because: { kind: 'link', ...link, phase: null, line: 'unbalance' } }),
        aConnector('f'),
      ],
    }),
  );
  expect(held.get(heldKey(nodeId('grid'), { phase: 1, line: null }))).toEqual({ held: 2, waiting: 1 });
  expect(held.get(heldKey(nodeId('grid'), { phase: null, line: null }))).toEqual({ held: 1, waiting: 0 });
  expect(held.get(heldKey(nodeId('grid'), { phase: 1, line: 'primary' }))).toEqual({ held: 1, waiting: 0 });
  expect(held.size).toBe(3);
});

test('behind a transformer there is a lane for each leg and for each of its lines', () => {
  const lines = [
    { side: 'primary', limitA: evenly(180), offeredA: [10, 190, 10], drawnA: evenly(5) },
  ] as const;
  const delta = { voltageV: 208, wiring: 'delta' } as const;
  const lanes = lanesOf(aNode('grid', { ...LOADED, lines }), delta);
  expect(lanes.map(({ label }) => label)).toEqual(['AB', 'BC', 'CA', 'Prim. A', 'Prim. B', 'Prim. C']);
  expect(lanes.map(isOverOffered)).toEqual([false, false, false, false, true, false]);
  const labels = (shown: typeof lanes) => shown.map(({ label }) => label);
  expect(labels(lanesToShow(lanes, () => false))).toEqual(['AB', 'BC', 'CA', 'Prim. A']);
  expect(labels(lanesToShow(lanes, isOverOffered))).toEqual(['AB', 'BC', 'CA', 'Prim. A', 'Prim. B']);
  const panel = lanesOf(aNode('bays', { lines: lines.map((of) => ({ ...of, side: 'secondary' })) }), delta);
  expect(labels(panel).slice(3)).toEqual(['Line A', 'Line B', 'Line C']);
  const bare = lanesOf(aNode('grid', { limitA: null, lines }), delta);
  expect(bare.map(({ label }) => label)).toEqual(['Prim. A', 'Prim. B', 'Prim. C']);
});
