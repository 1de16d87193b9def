// One row of the plan's picture: its name, its drawing with the present and the period pointed at, its figures.

import type { ComponentChildren } from 'preact';
import { edgeX, PLOT } from '../model/plan-shape.js';
import type { PlanLook } from './plan-panel.js';

interface PlanRowProps {
  readonly look: PlanLook;
  readonly name: ComponentChildren;
  readonly figures: ComponentChildren;
  /** What the drawing shows, for who does not see it. */
  readonly words: string;
  readonly kind: string;
  /** Beside the drawing's upper edge. */
  readonly top?: string;
  readonly children: ComponentChildren;
}

export function PlanRow({ look, name, figures, words, kind, top, children }: PlanRowProps) {
  const { plan, shown, isPointed, now, onPoint } = look;
  const count = plan.periods.length;
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    onPoint(Math.min(count - 1, Math.max(0, Math.floor((count * (event.clientX - box.left)) / box.width))));
  };
  return (
    <div class={`plan-row plan-${kind}`}>
      <div class="plan-name">{name}</div>
      <div class="plan-plot" onPointerMove={point} onPointerLeave={() => onPoint(null)}>
        <svg
          viewBox={`0 0 ${PLOT.widthPx} ${PLOT.heightPx}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={words}
        >
          {children}
          {isPointed && (
            <rect
              class="plan-pointed"
              x={edgeX(shown, count)}
              width={PLOT.widthPx / count}
              height={PLOT.heightPx}
            />
          )}
        </svg>
        {now !== null && <span class="plan-now" style={`left: ${now}%`} />}
        {top !== undefined && <span class="chart-top">{top}</span>}
      </div>
      <div class="plan-figures">{figures}</div>
    </div>
  );
}
