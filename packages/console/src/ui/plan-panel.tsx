// The plan: power, price and battery over the hours to come, and a row for each car, all on one time axis.

import type { SiteView } from '@ampledger/domain';
import { useMemo, useState } from 'preact/hooks';
import type { SitePlan } from '../feed/plan.js';
import { periodAt, shareOf } from '../model/plan-shape.js';
import { cutTo, naturalSpan, type Span, spansOf } from '../model/plan-span.js';
import { ticksOf } from '../model/plan-ticks.js';
import { chartUntil, type PageState } from '../model/state.js';
import { costWords, outcomeWords, periodWords, spokenPeriod, statusWords } from '../words/plan.js';
import { PlanCars } from './plan-cars.js';
import { BatteryRow, EmissionRow, PowerRow, PriceRow } from './plan-rows.js';
import type { Actions } from './use-page.js';

interface PlanPanelProps {
  readonly state: PageState;
  readonly view: SiteView;
  readonly plan: SitePlan;
  readonly actions: Actions;
}

/** What every row of the picture shares. */
export interface PlanLook {
  readonly plan: SitePlan;
  readonly view: SiteView;
  /** The period whose figures are shown. */
  readonly shown: number;
  /** It was pointed at; else it is the one that runs. */
  readonly isPointed: boolean;
  /** The present, percent of the plan's time; null: outside of it. */
  readonly now: number | null;
  readonly onPoint: (period: number | null) => void;
}

export function PlanPanel({ state, view, plan: whole, actions }: PlanPanelProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  // Nobody chose: what shows all departures.
  const [chosen, setChosen] = useState<Span | undefined>(undefined);
  const now = chartUntil(state);
  const span = chosen === undefined ? naturalSpan(whole, now) : chosen;
  const plan = cutTo(whole, span, now);
  const shown = Math.min(pointed ?? periodAt(now, plan, plan.periods.length), plan.periods.length - 1);
  const period = plan.periods[shown];
  const look: PlanLook = {
    ...{ plan, view, shown },
    isPointed: pointed !== null,
    now: shareOf(now, plan),
    onPoint: setPointed,
  };
  return (
    <section class="panel area-plan" aria-labelledby="plan-title">
      <div class="panel-head">
        <h2 id="plan-title">The plan</h2>
        <span class="panel-note">{statusWords(whole, view)}</span>
      </div>
      <p class="plan-words">
        {outcomeWords(whole, view)} {costWords(whole)}
      </p>
      <div class="plan">
        <div class="plan-head">
          <Spans spans={spansOf(whole, now)} span={span} onSpan={setChosen} />
          <span class="plan-moment">
            {pointed === null ? 'Now' : ''} {period && periodWords(period, view)}
          </span>
        </div>
        <PowerRow look={look} />
        <PriceRow look={look} />
        <EmissionRow look={look} />
        <BatteryRow look={look} />
        <PlanAxis look={look} />
        <PlanCars look={look} selected={state.selection.connector} actions={actions} />
      </div>
    </section>
  );
}

interface SpansProps {
  readonly spans: readonly Span[];
  readonly span: Span;
  readonly onSpan: (span: Span) => void;
}

function Spans({ spans, span, onSpan }: SpansProps) {
  if (spans.length < 2) return <span />;
  return (
    <fieldset class="filters">
      <legend class="unseen">Hours to show</legend>
      {spans.map((each) => (
        <button
          key={each}
          type="button"
          class="chip"
          aria-pressed={each === span}
          onClick={() => onSpan(each)}
        >
          {each === null ? 'All of it' : `${each} h`}
        </button>
      ))}
    </fieldset>
  );
}

/** The hours, and a slider that goes through the periods by keyboard and by touch. */
function PlanAxis({ look: { plan, view, shown, onPoint } }: { readonly look: PlanLook }) {
  const ticks = useMemo(() => ticksOf(plan, view.timeZone), [plan, view.timeZone]);
  return (
    <div class="plan-row plan-axis">
      <div class="plan-plot">
        <div class="plan-ticks" aria-hidden="true">
          {ticks.map(({ at, share, label }) => (
            <span key={at} style={`left: ${share}%`}>
              {label}
            </span>
          ))}
        </div>
        <input
          type="range"
          min="0"
          max={plan.periods.length - 1}
          step="1"
          value={shown}
          aria-label="Period of the plan"
          aria-valuetext={spokenPeriod(plan, shown, view)}
          onInput={(event) => onPoint(Number(event.currentTarget.value))}
          onBlur={() => onPoint(null)}
        />
      </div>
    </div>
  );
}
