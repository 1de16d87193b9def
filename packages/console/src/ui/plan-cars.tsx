// A row for each car in the plan: its current over time, when it leaves, and what it will not have got.

import type { SiteView } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { useState } from 'preact/hooks';
import type { PlannedCar } from '../feed/plan.js';
import { rangeOf } from '../model/plan-layers.js';
import { edgeX, PLOT, shareOf, stepArea } from '../model/plan-shape.js';
import { amperes, clockTime, connectorName } from '../words/format.js';
import { carOutcome, isShort } from '../words/plan.js';
import type { PlanLook } from './plan-panel.js';
import { PlanRow } from './plan-plot.js';
import { showConnector } from './show.js';
import type { Actions } from './use-page.js';

interface PlanCarsProps {
  readonly look: PlanLook;
  readonly selected: ConnectorKey | null;
  readonly actions: Actions;
}

const ROWS_AT_FIRST = 12;

/** Who will be short first, then who leaves first. */
const urgency = (a: PlannedCar, b: PlannedCar): number =>
  Number(isShort(b)) - Number(isShort(a)) || (a.departsAt ?? Infinity) - (b.departsAt ?? Infinity) || 0;

export function PlanCars({ look, selected, actions }: PlanCarsProps) {
  const [all, setAll] = useState(false);
  const cars = look.plan.connectors.toSorted(urgency);
  const shown = all ? cars : cars.slice(0, ROWS_AT_FIRST);
  return (
    <>
      {shown.map((car) => (
        <CarRow key={car.session} {...{ look, car, actions }} selected={car.connector === selected} />
      ))}
      {cars.length > ROWS_AT_FIRST && (
        <button type="button" class="quiet plan-more" onClick={() => setAll(!all)}>
          {all ? 'Show fewer cars' : `Show all ${cars.length} cars`}
        </button>
      )}
    </>
  );
}

interface CarRowProps {
  readonly look: PlanLook;
  readonly car: PlannedCar;
  readonly selected: boolean;
  readonly actions: Actions;
}

function CarRow({ look, car, selected, actions }: CarRowProps) {
  const { plan, view, shown } = look;
  const connector = view.connectors.find(({ key }) => key === car.connector);
  const name = connector ? connectorName(view, connector) : car.connector;
  const highest = Math.max(connector?.maxA ?? 0, ...car.limitA);
  const range = { top: Math.max(1, highest), bottom: rangeOf(car.limitA).bottom };
  const zero = car.limitA.map(() => 0);
  const leaves = car.departsAt === null ? null : shareOf(car.departsAt, plan);
  const outcome = carOutcome(car, view);
  return (
    <PlanRow
      look={look}
      kind={`car ${selected ? 'plan-car-selected' : ''} ${isShort(car) ? 'plan-short' : ''}`}
      words={`${name}: ${currentWords(car, look.view, plan.periods)}, ${outcome}`}
      name={
        <button
          type="button"
          class="plan-car-name"
          disabled={connector === undefined}
          onClick={() => connector && showConnector(connector.key, actions)}
        >
          {name}
        </button>
      }
      figures={
        <>
          <b>{amperes(car.limitA[shown] ?? 0)}</b> <span class="plan-outcome">{outcome}</span>
        </>
      }
    >
      <rect class="plan-track" width={PLOT.widthPx} height={PLOT.heightPx} />
      <path class="plan-cars" d={stepArea(zero, car.limitA, range)} />
      {leaves !== null && <Away leaves={leaves} guessed={car.departureKnown === false} />}
    </PlanRow>
  );
}

/** From its departure on it is not there, though the period goes on. */
function Away({ leaves, guessed }: { readonly leaves: number; readonly guessed: boolean }) {
  const x = edgeX(leaves, 100);
  return (
    <>
      <rect class="plan-away" x={x} width={PLOT.widthPx - x} height={PLOT.heightPx} />
      <path class={guessed ? 'plan-leaves plan-guessed' : 'plan-leaves'} d={`M${x} 0V${PLOT.heightPx}`} />
    </>
  );
}

function currentWords(
  { limitA }: PlannedCar,
  { timeZone }: SiteView,
  periods: PlanLook['plan']['periods'],
): string {
  const first = periods[limitA.findIndex((limit) => limit > 0)];
  if (first === undefined) return 'no current is planned';
  const from = clockTime(first.from, timeZone);
  return `up to ${amperes(Math.max(...limitA))} from ${from}`;
}
