// Which phases a car uses, learned from the meter. Most cars charge on one phase of the three that their
// station is wired to; the others are then free for others.

import type { PerPhase, Phase } from '@ampledger/kernel';
import type { Draw } from './draw.js';
import type { ConnectorStatus } from './event-types.js';
import type { LedgerInput } from './ledger.js';
import { anyCarPerAmpere, perAmpere } from './phase-currents.js';
import type { MeterState, UsageState } from './state.js';

/** A phase with at least this, and this share of the largest, is used. */
const USED_A = 1.5;
const USED_SHARE = 0.1;
/** A phase below this is not used, while another has at least that. */
const UNUSED_BELOW_A = 0.5;
const WHILE_A = 4;
/** Three legs of a delta are even while the least carries this share of the largest. */
const EVEN_SHARE = 0.9;
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
export const phasesInUse = (input: LedgerInput, now: number): readonly Phase[] =>
  learnedPhases(input, now) ?? input.config.phases;

/** The phases that the car is known to use; null: not known, or not to be trusted. */
function learnedPhases(input: LedgerInput, now: number): readonly Phase[] | null {
  const { connector, station, config } = input;
  const { phases, changed } = connector.usage;
  if (phases === null || changed || connector.session === null) return null;
  if (!canLearn(input) || station.switchesPhases) return null;
  // Learned under another site file.
  if (!phases.every((p) => config.phases.includes(p))) return null;
  return isHeard(input, now) ? phases : null;
}

/**
 * Amperes on each grid phase for one ampere of the session's limit: on the phases that the car is known to use,
 * else on each that it may use as if it were on that alone.
 */
export function carPerAmpere(input: LedgerInput, now: number): PerPhase {
  const learned = learnedPhases(input, now);
  return learned === null ? anyCarPerAmpere(input.wiring, input.config) : perAmpere(input.wiring, learned);
}

/** Whether the meter was heard lately enough to trust it for the phases. */
const isHeard = ({ connector: { meter }, control }: LedgerInput, now: number): boolean =>
  meter !== null && now - meter.at <= STALE_TIMES * control.meterStaleS * 1000;

/** When the connector counts as for any car again though nothing happens; null: it does already. */
export function phasesInUseUntil(input: LedgerInput, now: number): number | null {
  const { connector, config, control, wiring } = input;
  if (connector.meter === null || carPerAmpere(input, now) === anyCarPerAmpere(wiring, config)) return null;
  return connector.meter.at + STALE_TIMES * control.meterStaleS * 1000 + 1;
}

const canLearn = ({ config }: Pick<LedgerInput, 'config'>): boolean =>
  config.phases.length > 1 && config.rotationKnown && config.current === 'ac';

export type LearnedPhases = Pick<UsageState, 'phases' | 'seen' | 'changed'>;

/**
 * What a reading says of the car's phases. They are learned once in a session; one outside them that draws,
 * or may draw by a reading that does not tell them apart, opens all of them again, at once and until the session
 * ends. So does, behind a delta, a car that was even on three legs and is not any more, or leaves one: the others
 * then carry more of its current. One that was never even there is not learned.
 */
export function observePhases(input: LedgerInput, { drawA, byPhase }: Draw, at: number): LearnedPhases {
  const { connector, config } = input;
  const { phases, seen, changed } = connector.usage;
  if (connector.session === null || changed || !canLearn(input)) return { phases, seen, changed };
  if (phases !== null) {
    const isOther = usesOthers(input, phases, drawA);
    return isOther ? { phases: config.phases, seen: null, changed: true } : { phases, seen, changed };
  }
  const shown = byPhase ? shownBy(input, drawA) : null;
  if (shown === null) return { phases, seen: null, changed };
  const inRow = seen !== null && sameSet(seen.phases, shown) && isHeard(input, at);
  if (!inRow) return { phases, seen: { phases: shown, since: at, samples: 1 }, changed };
  const samples = seen.samples + 1;
  if (samples >= LEARN_SAMPLES && at - seen.since >= LEARN_MS) return { phases: shown, seen: null, changed };
  return { phases, seen: { ...seen, samples }, changed };
}

/**
 * How many phases a car draws on. A limit in watts is made for as many as it was seen on, and one that leaves some
 * of them draws all of it on the others: once it has done so, it is told limits for one phase for the rest of its session.
 */
export function observeCount(
  { connector: { session, usage }, config }: LedgerInput,
  { drawA, phasesShown }: Draw,
): Pick<UsageState, 'phasesMost' | 'onFewer'> {
  const { phasesMost, onFewer } = usage;
  const tells =
    session !== null && config.current === 'ac' && phasesShown > 0 && Math.max(...drawA) >= WHILE_A;
  if (!tells) return { phasesMost, onFewer };
  return { phasesMost: Math.max(phasesMost, phasesShown), onFewer: onFewer || phasesShown < phasesMost };
}

function usesOthers({ config, wiring }: LedgerInput, learned: readonly Phase[], drawA: PerPhase): boolean {
  const used = usedOf(drawA, config.phases);
  if (used.some((p) => !learned.includes(p))) return true;
  return wiring === 'delta' && learned.length === 3 && !isEven(drawA) && Math.max(...drawA) >= WHILE_A;
}

/** Only then each of three legs carries 1/√3 of the lines' current, and none of them nearly all of it. */
const isEven = (legsA: PerPhase): boolean => Math.min(...legsA) >= EVEN_SHARE * Math.max(...legsA);

/** The set of phases in use, where every wired phase clearly is or is not; null: this reading does not tell. */
function shownBy({ config, wiring }: LedgerInput, drawA: PerPhase): readonly Phase[] | null {
  if (Math.max(...drawA) < WHILE_A) return null;
  const wired = config.phases;
  const used = usedOf(drawA, wired);
  if (wiring === 'delta' && used.length === 3 && !isEven(drawA)) return null;
  return wired.every((p) => used.includes(p) || drawA[p] < UNUSED_BELOW_A) ? used : null;
}

function usedOf(drawA: PerPhase, wired: readonly Phase[]): readonly Phase[] {
  const leastA = Math.max(USED_A, USED_SHARE * Math.max(...drawA));
  return wired.filter((p) => drawA[p] >= leastA);
}

const sameSet = (a: readonly Phase[], b: readonly Phase[]): boolean =>
  a.length === b.length && a.every((p) => b.includes(p));

/**
 * What is still known of the phases at a status. A car that was unplugged may be followed by another in the same
 * transaction: nothing was seen of that one. One that took up others keeps the session open for all of them.
 */
export const usageAt = (status: ConnectorStatus | null, usage: UsageState): UsageState =>
  carMayHaveChanged(status) ? { ...usage, phases: null, seen: null, phasesMost: 0 } : usage;

/** The last reading says no more on how many phases a car draws that may be another. */
export const meterAt = (status: ConnectorStatus | null, meter: MeterState | null): MeterState | null =>
  meter !== null && carMayHaveChanged(status) ? { ...meter, phasesShown: 0 } : meter;

const carMayHaveChanged = (status: ConnectorStatus | null): boolean =>
  status === 'Available' || status === 'Preparing' || status === 'Reserved' || status === 'Unavailable';
