// A limit of the domain as SetChargingProfile, in the station's version and unit. What is sent is
// never more than was granted, and the grant that comes back says what was sent.

import type { Grant } from '@ampledger/domain';
import { invariant } from '@ampledger/kernel';
import type { EncodedCall, LimitCall } from '../contract.js';
import { formatSecond } from '../date-time.js';
import { floorTenth } from './tenths.js';

/** A station whose clock is behind ours must still find the schedule begun (field lesson L8). */
const START_BEFORE_MS = 60_000;
/** A default profile has no lease: it has begun by every clock that was ever set. */
const LONG_AGO = Date.UTC(2000, 0, 1);

/**
 * A DC station that takes amperes only limits the car's current, under a voltage that nobody knows
 * beforehand: the highest that the plug may have (IEC 62196-3) keeps the power below what was granted.
 */
export const DC_V_MAX = 1_000;
/**
 * What is made of kilowatts misses a whole step by less than this, and the station would lose the step (a cabinet a
 * whole module) for it. Far less than anything can measure; the ledger counts what was granted.
 */
const ROUNDING_W = 1e-4;
const ROUNDING_A = 1e-7;

interface Period {
  readonly startPeriod: number;
  readonly limit: number;
  readonly numberPhases?: number;
}

/** What one ampere of a grant is in the station's unit (OCPP 2.0.1 K01.FR.44: A = W / (U x phases)). */
function unitsPerAmpere(call: LimitCall): number {
  if (call.rateUnit === 'W') return call.wattsPerA;
  return call.phases === null ? call.wattsPerA / DC_V_MAX : 1;
}

const inUnit = (call: LimitCall, amperes: number): number => {
  const units = unitsPerAmpere(call);
  return floorTenth(amperes * units + (call.rateUnit === 'W' ? ROUNDING_W : ROUNDING_A));
};

const inAmperes = (call: LimitCall, limit: number, grantedA: number): number =>
  Math.min(grantedA, limit / unitsPerAmpere(call));

const startOf = ({ grant, now }: LimitCall): number =>
  grant.kind === 'idle' && grant.leaseEndsAt === null
    ? LONG_AGO
    : Math.floor((now - START_BEFORE_MS) / 1000) * 1000;

/** Seconds from the start to the end of the lease, on the side that holds less for longer. */
function tailPeriodS(call: LimitCall, endsAt: number): number {
  const seconds = (endsAt - startOf(call)) / 1000;
  return call.grant.tailA > call.grant.limitA ? Math.ceil(seconds) : Math.floor(seconds);
}

/** First period from zero, then strictly increasing, none with an end (K01.FR.31, K01.FR.35). */
function periodsOf(call: LimitCall): readonly Period[] {
  const { limitA, tailA, leaseEndsAt } = call.grant;
  const phases = call.phases === null ? {} : { numberPhases: call.phases };
  const first = { startPeriod: 0, limit: inUnit(call, limitA), ...phases };
  if (leaseEndsAt === null) return [first];
  const tail = { startPeriod: tailPeriodS(call, leaseEndsAt), limit: inUnit(call, tailA), ...phases };
  if (tail.startPeriod <= 0) return [{ ...tail, startPeriod: 0 }];
  return tail.limit === first.limit ? [first] : [first, tail];
}

/** Absolute, with a start (K01.FR.40), and no duration: a schedule that ended would leave no limit. */
const scheduleOf = (call: LimitCall): Record<string, unknown> => ({
  startSchedule: formatSecond(startOf(call)),
  chargingRateUnit: call.rateUnit,
  chargingSchedulePeriod: periodsOf(call),
});

const purposeOf = (grant: Grant): string => (grant.kind === 'session' ? 'TxProfile' : 'TxDefaultProfile');

/** OCPP 1.6 section 5.16; a TxProfile names its transaction and a connector above zero (section 3.13.1). */
function payload16(call: LimitCall): Record<string, unknown> {
  const transactionId = Number(call.transaction ?? Number.NaN);
  const named = call.grant.kind === 'session';
  invariant(!named || Number.isSafeInteger(transactionId), 'an OCPP 1.6 transaction id is a number');
  const csChargingProfiles = {
    chargingProfileId: call.grant.profileId,
    ...(named ? { transactionId } : {}),
    stackLevel: call.stackLevel,
    chargingProfilePurpose: purposeOf(call.grant),
    chargingProfileKind: 'Absolute',
    chargingSchedule: scheduleOf(call),
  };
  return { connectorId: call.evseId, csChargingProfiles };
}

/** OCPP 2.0.1 K01: one schedule (K01.FR.34), a TxProfile with its transaction (K01.FR.03). */
function payload201(call: LimitCall): Record<string, unknown> {
  const chargingProfile = {
    id: call.grant.profileId,
    stackLevel: call.stackLevel,
    chargingProfilePurpose: purposeOf(call.grant),
    chargingProfileKind: 'Absolute',
    ...(call.grant.kind === 'session' ? { transactionId: call.transaction } : {}),
    chargingSchedule: [{ id: call.grant.profileId, ...scheduleOf(call) }],
  };
  return { evseId: call.evseId, chargingProfile };
}

/** What the station holds once it has accepted: the amperes that the rounded figures stand for. */
function grantAsSent(call: LimitCall): Grant {
  const { limitA, tailA } = call.grant;
  return {
    ...call.grant,
    limitA: inAmperes(call, inUnit(call, limitA), limitA),
    tailA: inAmperes(call, inUnit(call, tailA), tailA),
  };
}

/**
 * SetChargingProfile for a grant: a TxProfile for a session, a TxDefaultProfile per EVSE otherwise
 * (one each, so that every connector may idle at its own limit; K01.FR.53 is kept because none is
 * set for the whole station).
 *
 * A limit in W is the sum over `phases`, and a station may spend it on fewer: callers pass 1 while
 * they do not know how many phases the car uses. A DC limit is on the car's side of the losses.
 */
export function encodeLimit(call: LimitCall): EncodedCall {
  invariant(call.evseId > 0, 'a limit is for one EVSE');
  invariant(call.grant.kind === 'idle' || call.transaction !== null, 'a session limit names its transaction');
  invariant(call.grant.limitA >= 0 && call.grant.tailA >= 0, 'a limit is not negative');
  const payload = call.protocol === 'ocpp1.6' ? payload16(call) : payload201(call);
  return { action: 'SetChargingProfile', payload, grant: grantAsSent(call) };
}
