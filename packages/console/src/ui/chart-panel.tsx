// The last quarter of an hour of the chosen node: one picture for each lane, all on one scale.

import type { NodeView, SiteView } from '@ampledger/domain';
import { useState } from 'preact/hooks';
import { axisTop, pointsOf } from '../model/chart.js';
import { type Lane, lanesOf, lanesToShow } from '../model/lanes.js';
import { chartUntil, type PageState } from '../model/state.js';
import { clockTime, nodeName } from '../words/format.js';
import { LaneChart } from './lane-chart.js';

interface ChartPanelProps {
  readonly state: PageState;
  readonly view: SiteView;
  readonly node: NodeView;
}

export function ChartPanel({ state, view, node }: ChartPanelProps) {
  // One pointer for all pictures, so that phases can be compared at a moment.
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const until = chartUntil(state);
  const charts = lanesToShow(lanesOf(node, view), () => false).map((lane) => ({
    lane,
    points: pointsOf(state.history, node.id, lane.label),
  }));
  // Both sides of a transformer are in amperes, and of one the other's scale says nothing.
  const topOf = ({ unit, line }: Lane): number =>
    axisTop(
      charts.filter(({ lane }) => lane.unit === unit && lane.line === line).flatMap(({ points }) => points),
    );
  return (
    <section class="panel area-chart" aria-labelledby="chart-title">
      <div class="panel-head">
        <h2 id="chart-title">{nodeName(node)}</h2>
        <span class="panel-note">
          {pointedAt === null
            ? `15 minutes to ${clockTime(until, view.timeZone)}`
            : `at ${clockTime(pointedAt, view.timeZone)}`}
        </span>
      </div>
      <div class="charts">
        {charts.map(({ lane, points }) => (
          <LaneChart
            key={lane.label}
            {...{ lane, points, until, pointedAt }}
            top={topOf(lane)}
            timeZone={view.timeZone}
            onPoint={setPointedAt}
          />
        ))}
      </div>
    </section>
  );
}
