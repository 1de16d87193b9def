// What the plan in force has for a connector that it holds back, as a sentence.

import type { ConnectorKey } from '@ampledger/kernel';
import { clockWords } from './local-time.js';
import type { PlanData, SiteState } from './state.js';

/** Less than this is as good as nothing. */
const SHORT_WH = 100;

/** A connector, and the amperes that it has now. */
export interface Held {
  readonly connector?: ConnectorKey;
  readonly limitA: number;
}

/** Times of day are those of the site's time zone. Says no more than the plan does: nothing of a need that is not known. */
export function explainPlan(state: SiteState, held?: Held): string {
  const entry = held?.connector && entryOf(state, held.connector);
  const { plan } = state;
  if (held === undefined || plan === null || !entry?.assumed || entry.assumed.energyWh === null)
    return `${atAnotherTime(held)}.`;
  const { energyWh } = entry.assumed;
  const by = byWords(plan, entry.assumed, state.config.timeZone);
  if (entry.unservedWh < SHORT_WH) return `${atAnotherTime(held)}; ${by} it will have all that it needs.`;
  const short = `${by} it will be short by ${kilowattHours(entry.unservedWh)}`;
  const hasNothing = held.limitA === 0 && energyWh - entry.unservedWh < SHORT_WH;
  return hasNothing ? `The plan has no room for it: ${short}.` : `${atAnotherTime(held)}; even so, ${short}.`;
}

const atAnotherTime = (held: Held | undefined): string =>
  held !== undefined && held.limitA > 0
    ? 'The plan gives it no more at this time'
    : 'The plan charges it at another time';

type Entry = PlanData['sessions'][number];

function entryOf({ plan, connectors }: SiteState, key: ConnectorKey): Entry | undefined {
  const session = connectors.get(key)?.session?.id;
  return plan?.sessions.find((one) => one.connector === key && one.session === session);
}

/** What is missing is missing by the departure, or where the plan ends. */
function byWords(
  { from, periodS, periods }: PlanData,
  { departAt, departKnown }: NonNullable<Entry['assumed']>,
  timeZone: string,
): string {
  const endsAt = from + periods * periodS * 1000;
  if (departAt > endsAt) return `by ${clockWords(timeZone, endsAt)}, where the plan ends,`;
  const departure = clockWords(timeZone, departAt);
  return departKnown ? `by its departure at ${departure}` : `by ${departure}, when it is taken to leave,`;
}

const kilowattHours = (wh: number): string => `${Math.round(wh / 100) / 10} kWh`;
