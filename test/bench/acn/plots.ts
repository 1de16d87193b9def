// The pictures of docs/optimizer.md, from the results that the benchmark wrote.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Result } from './table.js';

const WIDTH = 900;
/** Ours in one colour, what is compared with in another: names stand beside the points. */
const OURS = new Set(['fair', 'urgent', 'throughput', 'balanced']);
const INK = '#1f2933';
const MUTED = '#8a94a0';
const ACCENT = '#0b6e4f';

const capText = ({ caps }: Pick<Result, 'caps'>): string => `${caps.join('/')} kW`;
const colourOf = ({ scheduler }: Pick<Result, 'scheduler'>): string =>
  scheduler === 'balanced' ? ACCENT : OURS.has(scheduler) ? '#3b8ea5' : MUTED;

function svgOf(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const plot = Plot.plot({
    document,
    width: WIDTH,
    style: { background: 'white', color: INK, fontSize: '12px' },
    ...options,
  });
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // The library makes a class of its own for each plot; a picture that is drawn again should be the same.
  const own = plot.getAttribute('class') ?? 'plot';
  return plot.outerHTML.replaceAll(own, 'plot');
}

/** Panels side by side, each with scales of its own. */
function grid(
  panels: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
) {
  const placed = panels.map((panel, i) =>
    panel.replace('<svg ', `<svg x="${(i % 2) * width}" y="${Math.floor(i / 2) * height}" `),
  );
  const size = `width="${2 * width}" height="${Math.ceil(panels.length / 2) * height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${placed.join('')}</svg>\n`;
}

interface Axis {
  readonly x: 'jain' | 'demandsMetPct';
  readonly label: string;
}

/** Energy against another figure, one panel for each capacity; the bound as a line. */
export function frontier(results: readonly Result[], axis: Axis): string {
  const caps = [...new Set(results.map(capText))];
  const size = { width: WIDTH / 2, height: 360 };
  const panels = caps.map((cap) =>
    panel(
      results.filter((result) => capText(result) === cap),
      axis,
      { cap, ...size },
    ),
  );
  return grid(panels, size);
}

function panel(
  results: readonly Result[],
  { x, label }: Axis,
  { cap, width, height }: { readonly cap: string; readonly width: number; readonly height: number },
): string {
  const bound = results[0]?.boundPct ?? 0;
  const least = Math.min(...results.map(({ energyPct }) => energyPct));
  const most = Math.max(...results.map((result) => result[x]));
  const right = most + 0.06 * (most - Math.min(...results.map((result) => result[x])));
  const points = labelled(results, (bound - least) / 14).map(({ result, labelAt }) => ({
    ...{ name: result.scheduler, at: result[x], energy: result.energyPct, labelAt, right },
    colour: colourOf(result),
  }));
  return svgOf({
    ...{ width, height, marginLeft: 45, marginRight: 90, marginTop: 34, marginBottom: 40 },
    x: {
      label: `${label} →`,
      domain: [Math.min(...points.map(({ at }) => at)), right],
      inset: 8,
      nice: true,
    },
    y: { label: `${cap}   ↑ energy delivered, %`, grid: true, domain: [least, bound], inset: 12 },
    marks: [
      Plot.ruleY([bound], { stroke: INK, strokeDasharray: '4 3' }),
      Plot.text(['offline bound'], {
        y: () => bound,
        frameAnchor: 'left',
        dy: -7,
        textAnchor: 'start',
        fill: INK,
      }),
      Plot.link(points, {
        x1: 'at',
        y1: 'energy',
        x2: 'right',
        y2: 'labelAt',
        stroke: 'colour',
        strokeOpacity: 0.45,
      }),
      Plot.dot(points, { x: 'at', y: 'energy', fill: 'colour', r: 4 }),
      Plot.text(points, {
        x: 'right',
        y: 'labelAt',
        text: 'name',
        fill: 'colour',
        dx: 5,
        textAnchor: 'start',
      }),
    ],
  });
}

/** Names in a column, in the order of the energies, at least `apart` from each other. */
function labelled(results: readonly Result[], apart: number) {
  const sorted = results.toSorted((a, b) => b.energyPct - a.energyPct);
  let before = Number.POSITIVE_INFINITY;
  return sorted.map((result) => {
    before = Math.min(result.energyPct, before - apart);
    return { result, labelAt: before };
  });
}

/** How far each week's energy is from what foresight could have delivered. */
export function regrets(results: readonly Result[]): string {
  const weeks = results.map((result) => ({
    ...result,
    panel: `${result.dataset.split(' ')[0]}, ${capText(result)}`,
    regret: result.boundPct - result.energyPct,
    colour: colourOf(result),
  }));
  const order = ['RR', 'EDF', 'LLF', 'fair', 'urgent', 'LP', 'throughput', 'balanced'];
  return `${svgOf({
    height: 620,
    marginLeft: 80,
    marginRight: 110,
    x: { label: 'percentage points short of the bound →', grid: true },
    y: { label: null, domain: order },
    fy: { label: null },
    marks: [
      Plot.tickX(weeks, { x: 'regret', y: 'scheduler', fy: 'panel', stroke: 'colour', strokeOpacity: 0.35 }),
      Plot.tickX(
        weeks,
        Plot.groupY(
          { x: 'median' },
          { x: 'regret', y: 'scheduler', fy: 'panel', stroke: 'colour', strokeWidth: 3 },
        ),
      ),
    ],
  })}\n`;
}
