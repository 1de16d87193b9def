// The safety ledger: what a station may be holding. It is the worst case over everything that was
// sent and not taken back, and it is what every promise of "no overload" is made of.

import { mapPhases, maxPhases, type PerPhase, ZERO } from '@ampledger/kernel';
import { carPerAmpere, phasesInUse } from './car-phases.js';
import { lagMs } from './clock-lag.js';
import type { Grant } from './event-types.js';
import { anyCarPerAmpere, type Load, ownCurrentA, timesA, togetherA, type Wiring } from './phase-currents.js';
import type { ConnectorConfig, SiteConfig } from './site-config.js';
import type { AcceptedGrant, ConnectorLedger, ConnectorState, StationState } from './state.js';

/** A station may act a little late on the end of a lease. */
const LEASE_MARGIN_MS = 5_000;
/** How long a station that rebooted is trusted to have kept its profiles before they are set anew. */
export const BOOT_GRACE_MS = 60_000;
/**
 * How long after a call a station may still act on it. One that answers nothing may be slow, and may
 * act on an earlier call after a later one.
 */
export const LATE_ACT_MS = 120_000;
/** What a meter may show above the limit and still mean the limit. */
const METER_RESOLUTION_A = 0.2;
/** More than this above the limit is disobedience: amperes, and share of the limit. */
const DRAW_TOLERANCE_A = 1;
const DRAW_TOLERANCE_SHARE = 0.1;

/** All that the ledger needs of one connector. */
export interface LedgerInput {
  readonly connector: ConnectorState;
  readonly station: StationState;
  readonly config: ConnectorConfig;
  readonly control: SiteConfig['control'];
  readonly wiring: Wiring;
}

/** When a lease surely is over on the station's own clock: null when it has no end. */
export function leaseOverAt(grant: Grant, station: StationState): number | null {
  if (grant.leaseEndsAt === null) return null;
  return grant.leaseEndsAt + LEASE_MARGIN_MS + lagMs(station);
}

/** The most that a grant lets the station hold from `now` on. */
export function grantHoldA(grant: Grant, station: StationState, now: number): number {
  const overAt = leaseOverAt(grant, station);
  return overAt !== null && now >= overAt ? grant.tailA : Math.max(grant.limitA, grant.tailA);
}

/** True once the station has taken our default profile, and again after each reboot. */
export function isCommissioned(ledger: ConnectorLedger, station: StationState): boolean {
  if (ledger.idle === null) return false;
  return ledger.idle.boot === station.boots;
}

/** True when the default profile can be counted on: accepted, or not yet doubtful after a reboot. */
function idleIsHeld(ledger: ConnectorLedger, station: StationState, now: number): boolean {
  if (ledger.idle === null) return false;
  return isCommissioned(ledger, station) || now < (station.unsureSince ?? 0) + BOOT_GRACE_MS;
}

/**
 * Amperes per phase that the connector may be holding at `now` or later without another word from
 * us: the maximum over the last accepted limit, every limit in flight or unanswered, the tails
 * that leases end in, and the default profile. A station without a default profile of ours, or
 * one that is known not to obey while a car is there, counts at its full rating.
 */
export function mayHoldA(input: LedgerInput, now: number): number {
  return worstA(input, now, () => true);
}

/** The part of it that a car holds whichever it is, on every phase: another one may be plugged in at any moment. */
function anyCarMayHoldA(input: LedgerInput, now: number): number {
  return worstA(input, now, (grant) => grant.kind === 'idle');
}

function worstA(input: LedgerInput, now: number, counts: (grant: Grant) => boolean): number {
  const { connector, station, config, control } = input;
  const { ledger } = connector;
  if (!station.everConnected) return control.unseen === 'full' ? config.maxA : config.idleA;
  if (!idleIsHeld(ledger, station, now)) return config.maxA;
  if (connector.disobeys !== null && mayHaveCar(connector)) return config.maxA;
  let heldA = ledger.idle === null ? config.maxA : ledger.idle.grant.limitA;
  const count = (grant: Grant): void => {
    if (counts(grant)) heldA = Math.max(heldA, grantHoldA(grant, station, now));
  };
  if (ledger.session !== null) count(ledger.session.grant);
  for (const open of ledger.open) count(open.grant);
  for (const manual of ledger.manual) count(manual.grant);
  return heldA;
}

export const mayHaveCar = (connector: ConnectorState): boolean =>
  connector.session !== null || connector.status !== 'Available';

/**
 * `mayHoldA` on the grid's phases, or what the meter says where that is more.
 *
 * Which phases: what a session's limit allows counts on the phases that its car uses (`phasesInUse`: every
 * phase that the connector is wired to until the meter has shown which, and always where its rotation is not known); what any other car would find there,
 * the default profile, counts on every phase always; and on a phase that counts otherwise as unused what
 * the last reading shows there. Behind a delta, a car on three legs counts at 1/√3 of its limit on each once
 * the meter has shown that it is even there; until then it may be on any one of them.
 *
 * So no link carries more than was counted while cars keep to the phases that they were seen on. A car
 * that takes up another phase in mid-session is counted there from its first reading on, and not
 * narrowed again in that session: a link can be over by its current for one interval of its meter and the
 * time that cuts take (`obeyWithinS`), once in a session; where the meter falls silent at that moment,
 * for twice `meterStaleS` instead of the interval.
 */
export const countedA = (input: LedgerInput, now: number): PerPhase => countedLoad(input, now).eachA;

/** `countedA`, with what all phases carry at once: what is on one phase that nobody knows counts once in watts. */
export function countedLoad(input: LedgerInput, now: number): Load {
  const heldA = mayHoldA(input, now);
  const car = carPerAmpere(input, now);
  const any = anyCarPerAmpere(input.wiring, input.config);
  const held =
    car === any ? timesA(car, heldA) : maxPhases(timesA(any, anyCarMayHoldA(input, now)), timesA(car, heldA));
  const unforeseen = unforeseenA(input, held, now);
  const overdrawn = overdrawA(input, now) ?? ZERO;
  const eachA = maxPhases(maxPhases(held, unforeseen), overdrawn);
  const ownA = Math.max(heldA, ownDrawA(input, unforeseen), ownDrawA(input, overdrawn));
  return { eachA, togetherA: togetherA(input.wiring, input.config, ownA) };
}

/**
 * The part of `countedA` that is there whatever limit the session gets: on the phases that its car
 * does not use. The optimizer takes it off the links.
 */
export function besideA(input: LedgerInput, now: number): PerPhase {
  const car = phasesInUse(input, now);
  if (car.length === input.config.phases.length) return ZERO;
  const counted = countedA(input, now);
  return mapPhases((p) => (car.includes(p) ? 0 : counted[p]));
}

/** What a grant counts at on the grid's phases: a session's as its car uses them, any other as any car may. */
export const grantOnA = (input: LedgerInput, grant: Pick<Grant, 'kind' | 'limitA'>, now: number): PerPhase =>
  grantLoad(input, grant, now).eachA;

/** `grantOnA`, with what all phases carry at once. */
export function grantLoad(
  input: LedgerInput,
  { kind, limitA }: Pick<Grant, 'kind' | 'limitA'>,
  now: number,
): Load {
  const each = kind === 'session' ? carPerAmpere(input, now) : anyCarPerAmpere(input.wiring, input.config);
  return { eachA: timesA(each, limitA), togetherA: togetherA(input.wiring, input.config, limitA) };
}

/** What flows where less was foreseen: on a phase that seemed unused, or on one leg of three. */
function unforeseenA(input: LedgerInput, held: PerPhase, now: number): PerPhase {
  const car = phasesInUse(input, now);
  // As long as the reading tells which phases are used it tells what flows on the others.
  const narrow = car.length < input.config.phases.length;
  const drawA = narrow ? (input.connector.meter?.drawA ?? null) : freshDrawA(input, now);
  if (drawA === null) return ZERO;
  const each = carPerAmpere(input, now);
  return mapPhases((p) => (each[p] < 1 && drawA[p] > held[p] + METER_RESOLUTION_A * each[p] ? drawA[p] : 0));
}

/** What the connector draws, where its last reading showed that it does not keep to its limit; else null. */
export function overdrawA(input: LedgerInput, now: number): PerPhase | null {
  const drawA = freshDrawA(input, now);
  if (drawA === null || input.connector.meter?.overdrawn !== true) return null;
  return ownDrawA(input, drawA) > mayHoldA(input, now) + METER_RESOLUTION_A ? drawA : null;
}

/**
 * A draw on the grid's phases in amperes of the connector's own limit. Where it is not known which phases they are,
 * each of them has the largest that was measured: behind a delta that of a line.
 */
export const ownDrawA = (
  { wiring, config }: Pick<LedgerInput, 'wiring' | 'config'>,
  drawA: PerPhase,
): number =>
  config.rotationKnown || config.current === 'dc'
    ? ownCurrentA(wiring, config.phases, drawA)
    : Math.max(...drawA);

/** Whether a draw seen `at` is more than the connector may have held within the time it may take to obey. */
export function isOverdrawn(input: LedgerInput, drawA: number, at: number): boolean {
  return drawA > recentHoldA(input, at) + METER_RESOLUTION_A;
}

function recentHoldA(input: LedgerInput, at: number): number {
  const soonMs = input.control.obeyWithinS * 1000;
  const past = input.connector.ledger.past.filter(({ until }) => at - until < soonMs);
  const heldA = Math.max(mayHoldA(input, at), ...past.map(({ limitA }) => limitA));
  const inForce = grantInForce(input);
  if (inForce === null) return heldA;
  const overAt = leaseOverAt(inForce.grant, input.station) ?? Number.POSITIVE_INFINITY;
  return at >= overAt && at - overAt < soonMs ? Math.max(heldA, inForce.grant.limitA) : heldA;
}

function grantInForce({ connector }: LedgerInput): AcceptedGrant | null {
  const { session, idle } = connector.ledger;
  return connector.session === null ? idle : (session ?? idle);
}

/** The last live reading, or null when it is too old to say anything. */
export function freshDrawA({ connector, control }: LedgerInput, now: number): PerPhase | null {
  const { meter } = connector;
  return meter === null || now - meter.at > control.meterStaleS * 1000 ? null : meter.drawA;
}

/** Whether a draw is so much above what may be held that it is no matter of precision. */
export const exceeds = (drawA: number, heldA: number): boolean =>
  drawA > heldA + Math.max(DRAW_TOLERANCE_A, DRAW_TOLERANCE_SHARE * heldA);

/** What the station has surely accepted and not lost since, amperes per phase; null when nothing is known. */
export function acceptedA(input: LedgerInput, now: number): number | null {
  const inForce = grantInForce(input);
  return inForce === null ? null : grantNowA(inForce.grant, input.station, now);
}

const grantNowA = (grant: Grant, station: StationState, now: number): number => {
  const overAt = leaseOverAt(grant, station);
  return overAt !== null && now >= overAt ? grant.tailA : grant.limitA;
};

/** Since when the limit now in force has been so: the answer to it, or the end of its lease. */
export function inForceSince(input: LedgerInput, now: number): number | null {
  const inForce = grantInForce(input);
  if (inForce === null) return null;
  const overAt = leaseOverAt(inForce.grant, input.station);
  return overAt !== null && now >= overAt ? Math.max(overAt, inForce.acceptedAt) : inForce.acceptedAt;
}
