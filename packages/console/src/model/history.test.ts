import { expect, test } from 'vitest';
import { aNode, aSite, NOON } from '../testing.js';
import { HISTORY_MS, type History, remember } from './history.js';

const at = (...seconds: readonly number[]): History =>
  seconds.reduce<History>((history, second) => remember(history, aSite({ at: NOON + second * 1000 })), []);
const seconds = (history: History): readonly number[] => history.map((sample) => (sample.at - NOON) / 1000);

test('samples stay in the order of time, however they arrive', () => {
  expect(seconds(at(0, -60, -120, 5, -30))).toEqual([-120, -60, -30, 0, 5]);
});

test('samples keep their distance, and the newest is always there', () => {
  expect(seconds(at(0, 1, 2, 3, 4, 5))).toEqual([0, 2, 4, 5]);
  expect(seconds(at(0, 0, 0))).toEqual([0]);
});

test('nothing is older than the window', () => {
  const late = HISTORY_MS / 1000;
  expect(seconds(at(0, 10, late + 5))).toEqual([10, late + 5]);
});

test('the history of a large site stays small', () => {
  const nodes = Array.from({ length: 600 }, (_, index) => aNode(`n-${index}`));
  let history: History = [];
  for (let tick = 0; tick < 400; tick++)
    history = remember(history, aSite({ at: NOON + tick * 3_000, nodes }));
  expect(history.length).toBeLessThanOrEqual(152);
});
