// What the plan in force says of a connector at a moment: at most so much. All limits hold beside it; and where a
// car needs every minute that is left the plan says nothing, and policy decides. A car of which nothing is known is held
// back only in a period in which the others need the room.

import type { LedgerInput, PlacedConnector, PlanConfig, PlanData, SiteState } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { randomDelayS } from './plan/random-delay.js';
import { type Stay, stayOf } from './stay.js';

export type Planned =
  /** No plan, none for this session, or the plan is over: policy alone decides. */
  | { readonly kind: 'none' }
  | { readonly kind: 'limit'; readonly limitA: number }
  | { readonly kind: 'delay' };

const NONE: Planned = { kind: 'none' };

export function plannedAt(
  state: SiteState,
  placed: PlacedConnector,
  input: LedgerInput,
  now: number,
): Planned {
  const config = state.config.plan;
  const { session } = input.connector;
  if (config === null || session === null) return NONE;
  const stay = stayOf(state, placed, input, now);
  const laxityMs = stay?.laxityMs ?? Number.POSITIVE_INFINITY;
  if (laxityMs <= 0) return NONE;
  // Who charges already has begun.
  if (now < beginsAt(config, session) && !input.connector.turn.on) return { kind: 'delay' };
  const course = stay === null ? null : courseOf(state, placed, input, stay);
  const limitA = course === null ? null : limitOf(course, now);
  if (limitA === null) return NONE;
  const heldA = input.connector.allocation?.limitA ?? 0;
  return laxityMs <= EASED_MS && heldA > limitA + SAME_A ? NONE : { kind: 'limit', limitA };
}

/** Who was in a hurry, and has more than the plan says, is held back again only with so much time to spare. */
const EASED_MS = 600_000;

/** When what the plan says of a connector changes within a period, after `now`. */
export function* plannedMoments(
  state: SiteState,
  placed: PlacedConnector,
  input: LedgerInput,
  now: number,
): Iterable<number> {
  const config = state.config.plan;
  const { session } = input.connector;
  if (config === null || session === null) return;
  yield beginsAt(config, session);
  const stay = stayOf(state, placed, input, now);
  if (stay === null) return;
  // Without power from now on every minute counts from then on.
  if (stay.laxityMs !== null && stay.laxityMs > 0) yield now + Math.ceil(stay.laxityMs);
  const course = courseOf(state, placed, input, stay);
  if (course === null) return;
  for (const { heldAt } of lateChanges(course, now)) yield heldAt;
}

/** When a charge may begin: a random delay after the car came. */
const beginsAt = (
  { randomDelayS: mostS }: PlanConfig,
  { id, startedAt }: { readonly id: string; readonly startedAt: number },
): number => startedAt + (mostS === 0 ? 0 : randomDelayS(id, startedAt, mostS) * 1000);

/** A session in the plan in force. */
interface Course {
  readonly plan: PlanData;
  readonly entry: PlanData['sessions'][number];
  /** Its place among all of the plan's sessions, from 0 to below 1. */
  readonly place: number;
  readonly minA: number;
  readonly takesA: number;
  /** Something is known of its need. */
  readonly needKnown: boolean;
  readonly mostDelayS: number;
}

function courseOf(
  { plan, config }: SiteState,
  { key }: PlacedConnector,
  { connector }: LedgerInput,
  { bounds: { minA, takesA }, needs }: Stay,
): Course | null {
  if (plan === null) return null;
  const found = entriesOf(plan).get(key);
  if (found === undefined || found.entry.session !== connector.session?.id) return null;
  const needKnown = needs.energyWh !== null;
  return { plan, ...found, minA, takesA, needKnown, mostDelayS: config.plan?.randomDelayS ?? 0 };
}

type Entries = ReadonlyMap<ConnectorKey, Pick<Course, 'entry' | 'place'>>;
const known = new WeakMap<PlanData, Entries>();

function entriesOf(plan: PlanData): Entries {
  const made =
    known.get(plan) ??
    new Map(
      plan.sessions.map((entry, i) => [entry.connector, { entry, place: i / plan.sessions.length }] as const),
    );
  known.set(plan, made);
  return made;
}

/** Which period of the plan `now` is in; -1 before and after it. */
export function periodOf({ from, periodS, periods }: PlanData, now: number): number {
  const period = Math.floor((now - from) / (periodS * 1000));
  return period >= 0 && period < periods ? period : -1;
}

function limitOf(course: Course, now: number): number | null {
  const period = periodOf(course.plan, now);
  if (period < 0) return null;
  let limitA = wholeA(course, period);
  for (const { beforeA, heldAt } of lateChanges(course, now)) {
    if (heldAt <= now) break;
    limitA = beforeA;
  }
  return limitA;
}

interface Change {
  readonly beforeA: number;
  /** When it takes effect: at its period's start (or with the plan itself), and its random delay later. */
  readonly heldAt: number;
}

/** Changes that may not have taken effect by `now`, the latest first. */
function* lateChanges(course: Course, now: number): Iterable<Change> {
  const { plan, entry, mostDelayS } = course;
  if (mostDelayS === 0) return;
  for (let period = periodOf(plan, now); period >= 0; period--) {
    const dueAt = Math.max(plan.at, plan.from + period * plan.periodS * 1000);
    if (dueAt + mostDelayS * 1000 <= now) return;
    const beforeA = period === 0 ? entry.beforeA : wholeA(course, period - 1);
    const afterA = wholeA(course, period);
    // With its first plan a session has been delayed already, from its beginning.
    if (beforeA === null || afterA === null || Math.abs(beforeA - afterA) < SAME_A) continue;
    yield { beforeA, heldAt: dueAt + randomDelayS(entry.session, dueAt, mostDelayS) * 1000 };
  }
}

/** Below what a station can be set to. */
const SAME_A = 0.05;
/** A car of which nothing is known, and which may have this share of what it takes, is not held back at all. */
const NEARLY_ALL = 0.95;
/** The golden ratio's: its multiples, without their whole part, are spread as evenly as can be at any time. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * What is planned for a period as a current that a car can take. null: the plan says nothing. A plan of an earlier
 * release may say something between nothing and the minimum: then it is the minimum in as large a share of the periods
 * as its energy is of the minimum's, and of several such cars that share at a time.
 */
function wholeA(course: Course, period: number): number | null {
  const { plan, entry, place, minA, takesA, needKnown } = course;
  const saidA = entry.limitA[period - entry.first];
  if (!needKnown && (saidA === undefined || saidA >= NEARLY_ALL * takesA)) return null;
  const wholeA = entry.wholeA?.[period - entry.first];
  const plannedA = Math.ceil((wholeA ?? saidA ?? 0) * 10 - 1e-6) / 10;
  if (plannedA <= 0 || plannedA >= minA) return Math.max(0, plannedA);
  const absolute = Math.round(plan.from / (plan.periodS * 1000)) + period;
  const turn = absolute * GOLDEN + place;
  return plannedA / minA > turn - Math.floor(turn) ? minA : 0;
}
