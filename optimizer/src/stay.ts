// How long a car stays and how much of that it needs at full power: what a plan may move, and what it may not.

import {
  type LedgerInput,
  type Needs,
  needsOf,
  type PlacedConnector,
  type SiteState,
  wattsPerAmpere,
} from '@ampledger/domain';
import { type CarBounds, carBounds } from './car-bounds.js';

const HOUR_MS = 3_600_000;
/** Where nothing says when a car leaves: so long after it came, and an hour from now at least. */
const ASSUMED_STAY_MS = 4 * HOUR_MS;
const LEAVES_SOON_MS = HOUR_MS;
/** What currents rounded down to a tenth, and messages on their way, may take of a stay. */
const ROUNDING_SHARE = 0.02;
const ANSWER_MS = 60_000;

export interface Stay {
  readonly needs: Needs;
  readonly bounds: CarBounds;
  /** For one ampere of its limit, on all phases that it may use: from the grid, and in the car, which needs are about. */
  readonly gridWPerA: number;
  readonly carWPerA: number;
  /** After `now`; guessed where nobody said. */
  readonly leavesAt: number;
  /**
   * How much longer it could go without power and still have its need by its departure, at the most that it takes
   * (on one phase, as long as it has not shown which it uses), milliseconds. 0 or less: every minute counts. Infinity: it has what was asked for. null: nothing is known of it.
   */
  readonly laxityMs: number | null;
}

/** null: no session, or the car takes nothing any more and nobody knows how much it wanted. */
export function stayOf(
  state: SiteState,
  placed: PlacedConnector,
  input: LedgerInput,
  now: number,
): Stay | null {
  const { session } = input.connector;
  const needs = needsOf(state, placed, now);
  if (session === null || needs === null) return null;
  const bounds = carBounds(state.config, input, now);
  // Who has what was asked for has a place in the plan, which gives it nothing: others may need its minimum.
  const isServed = needs.energyWh !== null && needs.energyWh <= 0;
  if (bounds.full && !isServed) return null;
  const { voltageV } = state.config;
  const isDc = placed.config.current === 'dc';
  // What was seen of the car stays true while its meter is silent; what counts on the links is another matter.
  const { phases, phasesMost, onFewer } = input.connector.usage;
  // Who was switched off is to show its phases anew, but not how many there are.
  const seen = phases ?? (phasesMost > 0 && !onFewer ? placed.config.phases.slice(0, phasesMost) : null);
  const gridWPerA = wattsPerAmpere(
    state.config,
    seen ?? placed.config.phases.slice(0, placed.config.wiredPhases),
  );
  const carWPerA = gridWPerA * (isDc ? placed.config.efficiency : 1);
  const surelyWPerA = isDc || seen !== null ? carWPerA : Math.min(carWPerA, voltageV);
  const guessAt = needs.departAt ?? session.startedAt + ASSUMED_STAY_MS;
  const leavesAt = guessAt > now ? guessAt : now + LEAVES_SOON_MS;
  const stay = { needs, bounds, gridWPerA, carWPerA, leavesAt };
  if (needs.energyWh === null) return { ...stay, laxityMs: null };
  if (needs.energyWh <= 0) return { ...stay, laxityMs: Number.POSITIVE_INFINITY };
  const neededMs = (needs.energyWh / Math.max(1e-9, surelyWPerA * bounds.takesA)) * HOUR_MS;
  const laxityMs = guessAt - now - neededMs * (1 + ROUNDING_SHARE) - ANSWER_MS;
  return { ...stay, laxityMs };
}
