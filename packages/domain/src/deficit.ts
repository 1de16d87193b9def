// What a car was short of its fair share while somebody had to wait: whose turn it is follows from it.
// The share is in the recorded allocation, so the deficit is too: it rises while a car waits, or gets less
// than it would have if currents could be as small as one likes, and falls while it gets more.

import type { Allocation } from './event-types.js';
import type { Turn } from './state.js';

/** Hours of a site that is short for a day: more is neither owed nor held against anybody. */
export const DEFICIT_MAX_AH = 100;
const SECONDS_PER_HOUR = 3600;

/** The deficit after an allocation held for `dtS`, ampere-hours of one phase; below 0 for who had more than its share. */
export function evolveDeficit(
  beforeAh: number,
  { limitA, relaxedA, dtS }: { readonly limitA: number; readonly relaxedA: number; readonly dtS: number },
): number {
  const afterAh = beforeAh + ((relaxedA - limitA) * Math.max(0, dtS)) / SECONDS_PER_HOUR;
  return Math.min(DEFICIT_MAX_AH, Math.max(-DEFICIT_MAX_AH, afterAh));
}

type Held = Pick<Allocation, 'limitA' | 'fairA'>;

/** A turn's deficit at `now`, where `held` has been in force since `deficitAt`. Nothing is owed while nobody waits. */
export function deficitAh(
  turn: Pick<Turn, 'deficitAh' | 'deficitAt'>,
  held: Held | null,
  now: number,
): number {
  if (held === null || held.fairA === null) return turn.deficitAh;
  const dtS = (now - turn.deficitAt) / 1000;
  return evolveDeficit(turn.deficitAh, { limitA: held.limitA, relaxedA: held.fairA, dtS });
}

/** The turn once `next` holds from `at` on; `held` is what held before. */
export function evolveTurn(
  turn: Turn,
  { held, next, at }: { readonly held: Held | null; readonly next: Held; readonly at: number },
): Turn {
  const on = next.limitA > 0;
  return {
    on,
    since: on === turn.on ? turn.since : at,
    deficitAh: deficitAh(turn, held, at),
    deficitAt: Math.max(at, turn.deficitAt),
  };
}
