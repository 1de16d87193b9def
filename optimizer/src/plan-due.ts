// When a site is to be planned anew: with each period, and when what a plan depends on has changed.

import type { SiteState } from '@ampledger/domain';

/** Between two plans of a site lies at least so much. */
export const PLANS_APART_MS = 30_000;
/** Steps of a battery's level that are worth another plan. */
const LEVELS = 10;

/** Start of the period that runs; null: the site asks for no plan. */
export const periodStart = ({ config: { plan } }: SiteState, now: number): number | null =>
  plan === null ? null : Math.floor(now / (plan.periodS * 1000)) * plan.periodS * 1000;

/** Equal where nothing has changed that is worth another plan before the next period. A source that says the same again is none. */
export function dependsOn({ config, envelopes, signals, connectors, stations, battery }: SiteState): string {
  const sessions = [...connectors].flatMap(([key, { session, status }]) =>
    session === null ? [] : [[key, session.id, session.needs, status]],
  );
  const limits = [...envelopes.values()].map(({ heardAt: _, ...said }) => said);
  const heard = [...signals.values()].map(({ source, signal, heardAt }) => [source, signal, heardAt]);
  const online = [...stations].flatMap(([id, station]) => (station.online ? [id] : []));
  const capacityWh = config.plan?.battery?.capacityWh ?? 0;
  const level =
    battery === null || capacityWh === 0 ? null : Math.round((LEVELS * battery.storedWh) / capacityWh);
  return JSON.stringify([sessions, limits, heard, online, level]);
}
