// One lane over time: other load at the bottom, what cars draw on it, what they may hold, the limit.

import { areaPath, type ChartFrame, type LanePoint, linePath, xOf, yOf } from '../model/chart.js';
import { HISTORY_MS } from '../model/history.js';
import { type Lane, loadOf, reachOf } from '../model/lanes.js';
import { clockTime, figure, quantity, reading } from '../words/format.js';

interface LaneChartProps {
  readonly lane: Lane;
  readonly points: readonly LanePoint[];
  readonly until: number;
  readonly top: number;
  readonly timeZone: string;
  readonly pointedAt: number | null;
  readonly onPoint: (at: number | null) => void;
}

/** The drawing is stretched to its place; strokes and words are not. */
const SIZE = { widthPx: 1000, heightPx: 100 };
const MARKS_MS = [HISTORY_MS, (HISTORY_MS * 2) / 3, HISTORY_MS / 3, 0] as const;

const unmanaged = (lane: Lane): number => lane.unmanaged;
const limit = (lane: Lane): number | null => lane.limit;
const zero = (): number => 0;
// Where nothing is drawn or offered there is no line: it would run along the edge of the other load.
const drawnLine = (lane: Lane): number | null => (lane.drawn > 0 ? loadOf(lane) : null);
const offeredLine = (lane: Lane): number | null => (lane.offered > 0 ? reachOf(lane) : null);

export function LaneChart(props: LaneChartProps) {
  const { lane, points, until, top, timeZone, pointedAt, onPoint } = props;
  const shown = laneAt(points, pointedAt) ?? lane;
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    onPoint(until - HISTORY_MS * (1 - (event.clientX - box.left) / box.width));
  };
  return (
    <figure class="chart">
      <figcaption>
        <b>{lane.label}</b> {reading(loadOf(shown))}
        {shown.limit === null ? ` ${lane.unit}` : ` / ${quantity(shown.limit, lane.unit)}`}
        <span class="chart-offered">may reach {reading(reachOf(shown))}</span>
      </figcaption>
      <div class="chart-picture" onPointerMove={point} onPointerLeave={() => onPoint(null)}>
        <Drawing
          points={points}
          frame={{ ...SIZE, until, top }}
          pointedAt={pointedAt}
          words={chartWords(lane)}
        />
        <span class="chart-top">{figure(top)}</span>
        <span class="chart-middle">{figure(top / 2)}</span>
      </div>
      <div class="chart-times" aria-hidden="true">
        {MARKS_MS.map((back) => (
          <span key={back}>{clockTime(until - back, timeZone)}</span>
        ))}
      </div>
    </figure>
  );
}

interface DrawingProps {
  readonly points: readonly LanePoint[];
  readonly frame: ChartFrame;
  readonly pointedAt: number | null;
  readonly words: string;
}

function Drawing({ points, frame, pointedAt, words }: DrawingProps) {
  const middle = yOf(frame, frame.top / 2);
  return (
    <svg
      viewBox={`0 0 ${frame.widthPx} ${frame.heightPx}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <path class="chart-grid" d={`M0 ${middle}H${frame.widthPx}M0 0H${frame.widthPx}`} />
      <path class="chart-offered-area" d={areaPath(points, frame, [unmanaged, reachOf])} />
      <path class="chart-drawn-area" d={areaPath(points, frame, [unmanaged, loadOf])} />
      <path class="chart-unmanaged-area" d={areaPath(points, frame, [zero, unmanaged])} />
      <path class="chart-offered-line" d={linePath(points, frame, offeredLine)} />
      <path class="chart-drawn-line" d={linePath(points, frame, drawnLine)} />
      <path class="chart-limit-line" d={linePath(points, frame, limit)} />
      {pointedAt !== null && (
        <path class="chart-pointer" d={`M${xOf(frame, pointedAt)} 0V${frame.heightPx}`} />
      )}
    </svg>
  );
}

const laneAt = (points: readonly LanePoint[], at: number | null): Lane | undefined =>
  at === null ? undefined : points.findLast((point) => point.at <= at)?.lane;

const chartWords = (lane: Lane): string =>
  `${lane.label} over the last 15 minutes: load now ${quantity(loadOf(lane), lane.unit)}${
    lane.limit === null ? '' : `, limit ${quantity(lane.limit, lane.unit)}`
  }`;
