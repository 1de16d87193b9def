// Whose turn it is: from when a car was switched on or off and what it is short of, to its place in admission.
//
// Nobody goes before the minimum time on is over (unless a class above or the limits themselves leave no room), and
// who was just switched off comes after all others. Between them the deficits decide, as in max-weight scheduling
// (Tassiulas and Ephremides 1992): what a car is short of, times what it gets when it is on.
//
// A bound: a car that would fit beside the floors and the classes above, both staying as they are, waits no longer
// than `overdueMs` and then its place in line times `minOnMs`. Once it is the first of the overdue nobody is
// woken into its room, and who is there is protected for `minOnMs` at most.

import { TIER } from './input.js';

export interface TurnRules {
  readonly minOnMs: number;
  readonly minOffMs: number;
  /** Passed over for so long, a car comes strictly by time; at least `minOffMs`. */
  readonly overdueMs: number;
  /** What must be free above the minimum where a car would be woken, A. */
  readonly wakeMarginA: number;
}

export interface TurnOf {
  readonly on: boolean;
  /** When it was switched on or off, or came. */
  readonly sinceMs: number;
  /** It has not been on in this session: no time off has to pass. */
  readonly neverOn: boolean;
  readonly deficitAh: number;
  /** It has not drawn for long. */
  readonly full: boolean;
  readonly minA: number;
  /** The operator's soft weight, above 0. */
  readonly weight: number;
}

/** What `AdmissionInput` holds for one leaf. */
export interface Standing {
  readonly tier: number;
  readonly value: number;
  readonly since: number;
  readonly wakes: 0 | 1;
  readonly needA: number;
}

/** A deficit is measured in minimum times on at this current. */
const TURN_A = 6;
/** Who is on goes when another is short of so many turns more. */
const STAYS_TURNS = 0.25;
const HOUR_MS = 3_600_000;

export function standingOf(turn: TurnOf, rules: TurnRules, nowMs: number): Standing {
  const turnAh = (TURN_A * rules.minOnMs) / HOUR_MS;
  const turns = turn.deficitAh / turnAh + (turn.on ? STAYS_TURNS : 0);
  return {
    tier: tierOf(turn, rules, nowMs),
    value: turn.weight * Math.max(turn.minA, 1) * urgency(turns),
    since: turn.sinceMs,
    wakes: turn.on ? 0 : 1,
    needA: turn.on ? turn.minA : turn.minA + rules.wakeMarginA,
  };
}

function tierOf(turn: TurnOf, rules: TurnRules, nowMs: number): number {
  if (turn.full) return TIER.last;
  const forMs = nowMs - turn.sinceMs;
  if (turn.on) return forMs < rules.minOnMs ? TIER.kept : TIER.open;
  if (forMs >= rules.overdueMs) return TIER.overdue;
  return turn.neverOn || forMs >= rules.minOffMs ? TIER.open : TIER.resting;
}

/** 1 without a deficit; in proportion above, and never down to 0. */
const urgency = (turns: number): number => (turns >= 0 ? 1 + turns : 1 / (1 - turns));
