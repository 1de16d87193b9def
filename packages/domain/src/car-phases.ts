// Which phases a car uses, learned from the meter. Most cars charge on one phase of the three that their
// station is wired to; the others are then free for others.

import type { PerPhase, Phase } from '@ampledger/kernel';
import type { Draw } from './draw.js';
import type { ConnectorStatus } from './event-types.js';
import type { LedgerInput } from './ledger.js';
import type { UsageState } from './state.js';

/** A phase with at least this, and this share of the largest, is used. */
const USED_A = 1.5;
const USED_SHARE = 0.1;
/** A phase below this is not used, while another has at least that. */
const UNUSED_BELOW_A = 0.5;
const WHILE_A = 4;
/** A set is learned when so many readings in a row showed it over this time. */
const LEARN_SAMPLES = 3;
const LEARN_MS = 60_000;
/** A meter that is silent for so many times `meterStaleS` says nothing of phases: one reading may be late or lost. */
const STALE_TIMES = 2;

/**
 * The grid's phases that the limit of the session's car counts on: all that the connector is wired to, until
 * readings have shown which. Never fewer where the station may choose others by itself (it switches
 * phases), where it is not known on which it is wired, at DC, and while the meter is silent.
 */
export function phasesInUse(input: LedgerInput, now: number): readonly Phase[] {
  const { connector, station, config } = input;
  const { phases } = connector.usage;
  if (phases === null || phases.length === config.phases.length) return config.phases;
  if (connector.session === null || !canLearn(input) || station.capabilities?.phaseSwitching === true)
    return config.phases;
  // Learned under another site file.
  if (!phases.every((p) => config.phases.includes(p))) return config.phases;
  return isHeard(input, now) ? phases : config.phases;
}

/** Whether the meter was heard lately enough to trust it for the phases. */
const isHeard = ({ connector: { meter }, control }: LedgerInput, now: number): boolean =>
  meter !== null && now - meter.at <= STALE_TIMES * control.meterStaleS * 1000;

/** When the connector counts on all its phases again though nothing happens; null: it does already. */
export function phasesInUseUntil(input: LedgerInput, now: number): number | null {
  const { connector, config, control } = input;
  if (connector.meter === null || phasesInUse(input, now).length === config.phases.length) return null;
  return connector.meter.at + STALE_TIMES * control.meterStaleS * 1000 + 1;
}

const canLearn = ({ config }: Pick<LedgerInput, 'config'>): boolean =>
  config.phases.length > 1 && config.rotationKnown && config.current === 'ac';

type Phases = Pick<UsageState, 'phases' | 'seen'>;

/**
 * What a reading says of the car's phases. A set narrower than the wiring is learned once in a session; a
 * phase outside it that draws, or may draw by a reading that does not tell them apart, opens all of them
 * again, at once and until the session ends.
 */
export function observePhases(input: LedgerInput, { drawA, byPhase }: Draw, at: number): Phases {
  const { connector, config } = input;
  const { phases, seen } = connector.usage;
  if (connector.session === null || !canLearn(input)) return { phases, seen };
  if (phases !== null) {
    const stranger = usedOf(drawA, config.phases).some((p) => !phases.includes(p));
    return stranger ? { phases: config.phases, seen: null } : { phases, seen };
  }
  const shown = byPhase ? shownBy(drawA, config.phases) : null;
  if (shown === null) return { phases, seen: null };
  const inRow = seen !== null && sameSet(seen.phases, shown) && isHeard(input, at);
  if (!inRow) return { phases, seen: { phases: shown, since: at, samples: 1 } };
  const samples = seen.samples + 1;
  if (samples >= LEARN_SAMPLES && at - seen.since >= LEARN_MS) return { phases: shown, seen: null };
  return { phases, seen: { ...seen, samples } };
}

/** The set of phases in use, where every wired phase clearly is or is not; null: this reading does not tell. */
function shownBy(drawA: PerPhase, wired: readonly Phase[]): readonly Phase[] | null {
  if (Math.max(...drawA) < WHILE_A) return null;
  const used = usedOf(drawA, wired);
  return wired.every((p) => used.includes(p) || drawA[p] < UNUSED_BELOW_A) ? used : null;
}

function usedOf(drawA: PerPhase, wired: readonly Phase[]): readonly Phase[] {
  const leastA = Math.max(USED_A, USED_SHARE * Math.max(...drawA));
  return wired.filter((p) => drawA[p] >= leastA);
}

const sameSet = (a: readonly Phase[], b: readonly Phase[]): boolean =>
  a.length === b.length && a.every((p) => b.includes(p));

/** A car that was unplugged may be followed by another in the same transaction: nothing is known of that one. */
export const carMayHaveChanged = (status: ConnectorStatus | null): boolean =>
  status === 'Available' || status === 'Preparing' || status === 'Reserved' || status === 'Unavailable';
