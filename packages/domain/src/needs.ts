// What a car wants: energy, departure and its own bounds, as it was said, as the site file assumes, or as the
// site's own history has it. Each with its source: a guess is not a promise.

import type { EventData } from './event-types.js';
import { habitAt } from './habits.js';
import type { PlacedConnector } from './links.js';
import { nextLocalMinute } from './local-time.js';
import type { ConnectorState, SessionState, SiteState } from './state.js';

/** Who said it: the car or its driver; `site`: the site file; `learned`: the site's habits. */
export type NeedSource = EventData<'ChargingNeedsNotified'>['source'] | 'site' | 'learned';

export interface Needs {
  /** Watt-hours that it still wants; null: not known. Never below 0. */
  readonly energyWh: number | null;
  readonly energySource: NeedSource | null;
  /** null: not known. A departure that was said may have passed; one that was guessed has not. */
  readonly departAt: number | null;
  readonly departSource: NeedSource | null;
  /** By the register, since it came. */
  readonly deliveredWh: number;
  readonly hoursHere: number;
  /** What the car itself can take, amperes on each of its phases; null: it did not say. */
  readonly minA: number | null;
  readonly maxA: number | null;
}

/** null where no session runs. */
export function needsOf(
  state: Pick<SiteState, 'config' | 'habits' | 'connectors'>,
  placed: Pick<PlacedConnector, 'key'>,
  now: number,
): Needs | null {
  const session = sessionAt(state.connectors.get(placed.key));
  if (session === null) return null;
  const deliveredWh = deliveredBy(session);
  const { energyWh, energySource } = energyOf(state, session, deliveredWh);
  const { departAt, departSource } = departureOf(state, session, now);
  // Field by field: this is asked of every car in every allocation, and spreading costs ten times as much.
  return {
    energyWh,
    energySource,
    departAt,
    departSource,
    deliveredWh,
    hoursHere: Math.max(0, now - session.startedAt) / 3_600_000,
    minA: session.needs?.minA ?? null,
    maxA: session.needs?.maxA ?? null,
  };
}

const sessionAt = (connector: ConnectorState | undefined): SessionState | null => connector?.session ?? null;

/** Watt-hours by the register since the session began. */
export const deliveredBy = ({ meterStartWh, meterLastWh }: SessionState): number =>
  Math.max(0, (meterLastWh ?? 0) - (meterStartWh ?? meterLastWh ?? 0));

type Known = Pick<SiteState, 'config' | 'habits'>;
type Energy = Pick<Needs, 'energyWh' | 'energySource'>;

/** What was said, less what the register shows since; a guess that has been delivered is none any more. */
function energyOf({ config, habits }: Known, session: SessionState, deliveredWh: number): Energy {
  const said = session.needs;
  if (said !== null && said.energyWh !== null) {
    const fromWh = said.energyFromWh ?? session.meterStartWh;
    const sinceWh = fromWh === null ? 0 : Math.max(0, (session.meterLastWh ?? fromWh) - fromWh);
    return { energyWh: Math.max(0, said.energyWh - sinceWh), energySource: said.source };
  }
  const guess = (wholeWh: number, energySource: NeedSource): Energy =>
    wholeWh > deliveredWh
      ? { energyWh: wholeWh - deliveredWh, energySource }
      : { energyWh: null, energySource: null };
  const { energyWh, learn } = config.needs;
  if (energyWh !== null) return guess(energyWh, 'site');
  const habit = learn ? habitAt(habits, session.startedAt) : null;
  return habit === null ? { energyWh: null, energySource: null } : guess(habit.energyWh, 'learned');
}

type Departure = Pick<Needs, 'departAt' | 'departSource'>;

function departureOf({ config, habits }: Known, session: SessionState, now: number): Departure {
  const said = session.needs;
  if (said !== null && said.departAt !== null) return { departAt: said.departAt, departSource: said.source };
  const { stayS, departMinute, learn } = config.needs;
  const guess = (departAt: number, departSource: NeedSource): Departure =>
    departAt > now ? { departAt, departSource } : { departAt: null, departSource: null };
  if (stayS !== null || departMinute !== null) {
    const byStay = stayS === null ? Number.POSITIVE_INFINITY : session.startedAt + stayS * 1000;
    const byClock =
      departMinute === null
        ? Number.POSITIVE_INFINITY
        : nextLocalMinute(config.timeZone, session.startedAt, departMinute);
    return guess(Math.min(byStay, byClock), 'site');
  }
  const habit = learn ? habitAt(habits, session.startedAt) : null;
  return habit === null
    ? { departAt: null, departSource: null }
    : guess(session.startedAt + habit.stayS * 1000, 'learned');
}
