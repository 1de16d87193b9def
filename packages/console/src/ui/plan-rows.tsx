// The rows about the site: its power, what energy costs and emits, what the battery holds.

import { gridOf, type Layer, layersOf, limitsOf, rangeOf } from '../model/plan-layers.js';
import { levelLine, PLOT, stepArea, stepLine, valueY } from '../model/plan-shape.js';
import { energy, figure, reading } from '../words/format.js';
import { emissionWords, LAYER_WORDS, priceWords, signed, spanWords } from '../words/plan.js';
import { HATCH } from './patterns.js';
import type { PlanLook } from './plan-panel.js';
import { PlanRow } from './plan-plot.js';

interface RowProps {
  readonly look: PlanLook;
}

const fillOf = ({ kind }: Layer): { readonly fill?: string } => (kind === 'other' ? { fill: HATCH } : {});

export function PowerRow({ look }: RowProps) {
  const { plan, shown } = look;
  const layers = layersOf(plan);
  const limits = limitsOf(plan);
  const grid = gridOf(plan, layers);
  const range = rangeOf([...layers.flatMap(({ lower, upper }) => [...lower, ...upper]), ...limits, ...grid]);
  const limit = limits[shown] ?? null;
  const flow = grid[shown] ?? null;
  return (
    <PlanRow
      look={look}
      kind="power"
      name="Power, kW"
      top={figure(range.top)}
      words={powerWords(layers, range.top)}
      figures={
        <ul class="plan-legend">
          {limit !== null && (
            <Entry look={{ class: 'plan-limit-swatch' }} words="limit" value={reading(limit)} />
          )}
          {flow !== null && <Entry look={{ class: 'plan-grid-swatch' }} words="grid" value={signed(flow)} />}
          {layers.toReversed().map((layer) => (
            <Entry
              key={layer.kind}
              look={{ class: `plan-${layer.kind}`, ...fillOf(layer) }}
              words={LAYER_WORDS[layer.kind]}
              value={reading(layer.values[shown] ?? 0)}
            />
          ))}
        </ul>
      }
    >
      {layers.map((layer) => (
        <path
          key={layer.kind}
          class={`plan-${layer.kind}`}
          d={stepArea(layer.lower, layer.upper, range)}
          {...fillOf(layer)}
        />
      ))}
      <path class="plan-zero" d={`M0 ${valueY(range, 0)}H${PLOT.widthPx}`} />
      <path class="plan-grid-line" d={stepLine(grid, range)} />
      <path class="plan-limit-line" d={stepLine(limits, range)} />
    </PlanRow>
  );
}

interface EntryProps {
  readonly look: { readonly class: string; readonly fill?: string };
  readonly words: string;
  readonly value: string;
}

function Entry({ look, words, value }: EntryProps) {
  return (
    <li>
      <svg width="12" height="12" aria-hidden="true">
        <rect width="100%" height="100%" {...look} />
      </svg>
      {words} <b>{value}</b>
    </li>
  );
}

const powerWords = (layers: readonly Layer[], top: number): string => {
  const highest = layers.map(
    ({ kind, values }) => `${LAYER_WORDS[kind]} up to ${figure(Math.max(...values))} kilowatts`,
  );
  return `Power planned, of ${figure(top)} kilowatts: ${highest.join(', ') || 'nothing'}`;
};

const Price = ({ now, span }: { readonly now: string; readonly span: string }) => (
  <>
    <b>{now}</b> {span}
  </>
);

const spoken = (values: readonly number[]): string =>
  [Math.min(...values), Math.max(...values)].map((value) => Number(value.toPrecision(3))).join(' to ');

const isFlat = (values: readonly (number | null)[]): boolean => values.every((value) => !value);

export function PriceRow({ look }: RowProps) {
  const { plan, shown } = look;
  const prices = plan.periods.map(({ importPerKwh }) => importPerKwh);
  const period = plan.periods[shown];
  if (isFlat(prices) || period === undefined) return null;
  const known = prices.map((price) => price ?? 0);
  const range = rangeOf(known);
  const zero = known.map(() => 0);
  const words = `Price from ${spoken(known)} ${plan.currency ?? ''} per kilowatt-hour`;
  return (
    <PlanRow
      {...{ look, words }}
      kind="price"
      name="Price"
      figures={<Price now={priceWords(period, plan.currency)} span={spanWords(known, 1)} />}
    >
      <path class="plan-price-area" d={stepArea(zero, known, range)} />
      <path class="plan-price-line" d={stepLine(prices, range)} />
    </PlanRow>
  );
}

export function EmissionRow({ look }: RowProps) {
  const { plan, shown } = look;
  const emissions = plan.periods.map(({ co2KgPerKwh }) => co2KgPerKwh);
  const period = plan.periods[shown];
  if (isFlat(emissions) || period === undefined) return null;
  const known = emissions.map((kg) => kg ?? 0);
  const range = rangeOf(known);
  const words = `Emissions from ${spoken(known.map((kg) => kg * 1000))} grams of CO2 per kilowatt-hour`;
  return (
    <PlanRow
      {...{ look, words }}
      kind="emission"
      name="Emissions"
      figures={<Price now={emissionWords(period)} span={spanWords(known, 1000)} />}
    >
      <path
        class="plan-price-area"
        d={stepArea(
          known.map(() => 0),
          known,
          range,
        )}
      />
      <path class="plan-price-line" d={stepLine(emissions, range)} />
    </PlanRow>
  );
}

export function BatteryRow({ look }: RowProps) {
  const { plan, shown } = look;
  const { battery } = plan;
  if (battery === null) return null;
  const levels = plan.periods.map(({ batteryWh }) => batteryWh);
  const range = { top: Math.max(1, battery.capacityWh), bottom: 0 };
  const level = levels[shown] ?? null;
  const line = levelLine(battery.storedWh, levels, range);
  const reserve = valueY(range, battery.reserveWh);
  const source = battery.measuredAt === null ? ', reckoned' : '';
  const known = levels.filter((each) => each !== null);
  const words = `Battery from ${energy(Math.min(battery.storedWh, ...known))} to ${energy(Math.max(battery.storedWh, ...known))} of ${energy(battery.capacityWh)}`;
  return (
    <PlanRow
      {...{ look, words }}
      kind="battery"
      name="Battery"
      figures={
        <>
          <b>{level === null ? 'unknown' : energy(level)}</b> of {energy(battery.capacityWh)}
          {source}
        </>
      }
    >
      <path class="plan-level-area" d={`${line}L${PLOT.widthPx} ${PLOT.heightPx}L0 ${PLOT.heightPx}Z`} />
      {battery.reserveWh > 0 && <path class="plan-reserve" d={`M0 ${reserve}H${PLOT.widthPx}`} />}
      <path class="plan-level-line" d={line} />
    </PlanRow>
  );
}
