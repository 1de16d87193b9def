// The part of a plan that is looked at: from the present on for some hours, or all of it.

import type { SitePlan } from '../feed/plan.js';
import { periodAt } from './plan-shape.js';

/** Hours; null: all of it. */
export type Span = number | null;

const SPANS_H = [3, 6, 12] as const;
const HOUR_MS = 3_600_000;

/** Those that show less than all. */
export const spansOf = (plan: SitePlan, now: number): readonly Span[] => [
  ...SPANS_H.filter((hours) => now + hours * HOUR_MS < plan.to),
  null,
];

/** The shortest in which every car has left that leaves within the plan. */
export function naturalSpan(plan: SitePlan, now: number): Span {
  const leaves = plan.connectors.map(({ departsAt }) => departsAt ?? plan.to);
  const last = leaves.length === 0 ? plan.to : Math.max(...leaves);
  return spansOf(plan, now).find((hours) => hours === null || now + hours * HOUR_MS > last) ?? null;
}

/** The plan cut to whole periods: those that the span touches. What it costs and gives stays that of all. */
export function cutTo(plan: SitePlan, span: Span, now: number): SitePlan {
  const first = periodAt(now, plan, plan.periods.length);
  const end = span === null ? plan.to : now + span * HOUR_MS;
  const periods = plan.periods.filter(({ from }, index) => index >= first && from < end);
  const [head] = periods;
  const last = periods.at(-1);
  if (head === undefined || last === undefined) return plan;
  const before = plan.periods[first - 1]?.batteryWh ?? null;
  return {
    ...plan,
    from: head.from,
    to: last.to,
    periods,
    connectors: plan.connectors.map((car) => ({
      ...car,
      limitA: car.limitA.slice(first, first + periods.length),
    })),
    battery: plan.battery && { ...plan.battery, storedWh: before ?? plan.battery.storedWh },
  };
}
