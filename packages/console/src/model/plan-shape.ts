// Shapes of a plan in a drawing of 1000 by 100 that is stretched to its place: steps, because what
// is planned holds for a period.

import type { Range } from './plan-layers.js';

export const PLOT = { widthPx: 1000, heightPx: 100 } as const;

const round = (value: number): number => Math.round(value * 10) / 10;

export const edgeX = (index: number, count: number): number => round((PLOT.widthPx * index) / count);

export const valueY = ({ top, bottom }: Range, value: number): number =>
  round((PLOT.heightPx * (top - Math.min(top, Math.max(bottom, value)))) / (top - bottom));

/** A line along the values; where there is none, it is interrupted. */
export function stepLine(values: readonly (number | null)[], range: Range): string {
  let path = '';
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    path += `${pen ? 'L' : 'M'}${edgeX(index, values.length)} ${valueY(range, value)}H${edgeX(index + 1, values.length)}`;
    pen = true;
  });
  return path;
}

/** The area between two step lines of equal length. */
export function stepArea(lower: readonly number[], upper: readonly number[], range: Range): string {
  const count = upper.length;
  if (count === 0) return '';
  const along = (values: readonly number[]): readonly string[] =>
    values.flatMap((value, index) =>
      [index, index + 1].map((edge) => `${edgeX(edge, count)} ${valueY(range, value)}`),
    );
  return `M${[...along(upper), ...along(lower).toReversed()].join('L')}Z`;
}

/** A line through `first` at the beginning and each value at the end of its period. */
export function levelLine(first: number, values: readonly (number | null)[], range: Range): string {
  const points = [first, ...values].flatMap((value, index) =>
    value === null ? [] : [`${edgeX(index, values.length)} ${valueY(range, value)}`],
  );
  return `M${points.join('L')}`;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where a moment lies, in percent of the plan's time; null: outside of it. */
export function shareOf(at: number, { from, to }: Stretch): number | null {
  const share = (100 * (at - from)) / (to - from);
  return share >= 0 && share <= 100 ? share : null;
}

/** The period that a moment lies in; before the plan it is the first, after it the last. */
export const periodAt = (at: number, { from, to }: Stretch, count: number): number =>
  Math.min(count - 1, Math.max(0, Math.floor((count * (at - from)) / (to - from))));
