// The geometry of one lane over time: step lines, because what was said holds until the next word.

import type { NodeId } from '@ampledger/kernel';
import { HISTORY_MS, type History } from './history.js';
import type { Lane } from './lanes.js';

export interface ChartFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Right edge, epoch milliseconds. */
  readonly until: number;
  readonly top: number;
}

export interface LanePoint {
  readonly at: number;
  readonly lane: Lane;
}

export const pointsOf = (history: History, node: NodeId, label: string): readonly LanePoint[] =>
  history.flatMap(({ at, lanes }) => {
    const lane = lanes.get(node)?.find((candidate) => candidate.label === label);
    return lane ? [{ at, lane }] : [];
  });

/** The top of the axis: a round figure over everything in the picture. */
export function axisTop(points: readonly LanePoint[]): number {
  const highest = Math.max(
    1,
    ...points.map(({ lane }) =>
      Math.max(lane.limit ?? 0, lane.unmanaged + Math.max(lane.offered, lane.drawn)),
    ),
  );
  return roundUp(highest * 1.03);
}

/** Axis ends whose halves are round figures too. */
const ENDS = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10] as const;

export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (ENDS.find((end) => end * power >= value) ?? 10) * power;
}

const round = (value: number): number => Math.round(value * 10) / 10;
export const xOf = (frame: ChartFrame, at: number): number =>
  round(Math.min(1, Math.max(0, 1 - (frame.until - at) / HISTORY_MS)) * frame.widthPx);
export const yOf = (frame: ChartFrame, value: number): number =>
  round(frame.heightPx - Math.min(1, Math.max(0, value / frame.top)) * frame.heightPx);

type PickValue = (lane: Lane) => number | null;

interface Corner {
  readonly x: number;
  readonly y: number;
}

/** The corners of the steps; a part without a value ends one run and the next value starts another. */
function runsOf(
  points: readonly LanePoint[],
  frame: ChartFrame,
  pick: PickValue,
): readonly (readonly Corner[])[] {
  const runs: Corner[][] = [];
  let run: Corner[] = [];
  points.forEach((point, index) => {
    const value = pick(point.lane);
    if (value === null) {
      run = [];
      return;
    }
    if (run.length === 0) runs.push(run);
    const y = yOf(frame, value);
    run.push({ x: xOf(frame, point.at), y }, { x: xOf(frame, points[index + 1]?.at ?? frame.until), y });
  });
  return runs;
}

const through = (corners: readonly Corner[]): string => corners.map(({ x, y }) => `${x} ${y}`).join('L');

/** An SVG path along the value. */
export const linePath = (points: readonly LanePoint[], frame: ChartFrame, pick: PickValue): string =>
  runsOf(points, frame, pick)
    .map((run) => `M${through(run)}`)
    .join('');

/** An SVG path around the area between two values, both always there. */
export function areaPath(
  points: readonly LanePoint[],
  frame: ChartFrame,
  [lower, upper]: readonly [(lane: Lane) => number, (lane: Lane) => number],
): string {
  const [top] = runsOf(points, frame, upper);
  const [bottom] = runsOf(points, frame, lower);
  return top && bottom ? `M${through(top)}L${through(bottom.toReversed())}Z` : '';
}
