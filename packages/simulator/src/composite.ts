// The composite engine: what limit holds at a moment, and until when. Pure.
// OCPP 1.6 section 3.13, OCPP 2.0.1 K01 and K08: within a purpose the highest stack level that is
// valid now leads; TxProfile stands over TxDefaultProfile; the station's maximum caps the sum.
// Instants are epoch milliseconds by the station's clock; profiles come highest stack level first.

import type { ChargingPeriod, InstalledProfile, Purpose, RateUnit } from './profile.js';

const NEVER = Number.POSITIVE_INFINITY;
const RECURS_MS = { Daily: 86_400_000, Weekly: 604_800_000 } as const;

/** A value that holds up to, not including, `until`. */
export interface Held<T> {
  readonly value: T;
  readonly until: number;
}

export interface Cap {
  readonly limit: number;
  readonly unit: RateUnit;
  readonly numberPhases: number;
}

export interface EvseQuery {
  readonly profiles: readonly InstalledProfile[];
  readonly evseId: number;
  /** What the hardware allows, amperes per phase. */
  readonly maxA: number;
  readonly voltageV: number;
  /** Phases that a limit in watts is spread over. */
  readonly phasesInUse: number;
  /** Start of the running transaction, or null. */
  readonly transactionAt: number | null;
  /** What a Relative schedule counts from while there is no transaction. Default: the moment asked for. */
  readonly assumedStartAt?: number;
}

function startOf(p: InstalledProfile, at: number, origin: number): number {
  // OCPP 1.6: an absolute schedule without a start is relative to the start of charging.
  if (p.kind === 'Relative' || p.startAt === null) return p.purpose === 'stationMax' ? p.installedAt : origin;
  if (p.kind === 'Absolute') return p.startAt;
  const every = RECURS_MS[p.recurrency ?? 'Daily'];
  return p.startAt + Math.floor((at - p.startAt) / every) * every;
}

/** The profile's period at a moment, null where it says nothing. */
export function periodAt(p: InstalledProfile, at: number, origin: number): Held<ChargingPeriod | null> {
  const validTo = p.validTo ?? NEVER;
  if (p.validFrom !== null && at < p.validFrom) return { value: null, until: p.validFrom };
  if (at >= validTo) return { value: null, until: NEVER };
  const start = startOf(p, at, origin);
  const again = p.kind === 'Recurring' ? start + RECURS_MS[p.recurrency ?? 'Daily'] : NEVER;
  const end = Math.min(p.durationS === null ? NEVER : start + p.durationS * 1000, again);
  if (at < start) return { value: null, until: Math.min(start, validTo) };
  if (at >= end) return { value: null, until: Math.min(again, validTo) };
  const next = p.periods.findIndex((q) => start + q.startS * 1000 > at);
  const index = (next === -1 ? p.periods.length : next) - 1;
  const nextAt = next === -1 ? NEVER : start + (p.periods[next]?.startS ?? NEVER) * 1000;
  return { value: p.periods[index] ?? null, until: Math.min(nextAt, end, validTo) };
}

/** The leading period of one purpose on one scope. */
export function leading(
  profiles: readonly InstalledProfile[],
  scope: { readonly purpose: Purpose; readonly evseId: number },
  time: { readonly at: number; readonly origin: number },
): Held<Cap | null> {
  let until = NEVER;
  for (const p of profiles) {
    if (p.purpose !== scope.purpose || p.evseId !== scope.evseId) continue;
    const held = periodAt(p, time.at, time.origin);
    until = Math.min(until, held.until);
    if (held.value !== null) {
      return {
        value: { limit: held.value.limit, unit: p.unit, numberPhases: held.value.numberPhases },
        until,
      };
    }
  }
  return { value: null, until };
}

/** The cap over the sum of all connectors: ChargePointMaxProfile, ChargingStationMaxProfile. */
export const stationCap = (profiles: readonly InstalledProfile[], at: number): Held<Cap | null> =>
  leading(profiles, { purpose: 'stationMax', evseId: 0 }, { at, origin: at });

/** Amperes per phase. Watts: all of them on the phases in use. */
export const inAmperes = (cap: Cap, voltageV: number, phasesInUse: number): number =>
  cap.unit === 'A' ? cap.limit : cap.limit / (voltageV * phasesInUse);

/** The transaction's limit: TxProfile, else the EVSE's TxDefaultProfile, else the station's. */
function transactionLimit(q: EvseQuery, at: number): Held<Cap | null> {
  const time = { at, origin: q.transactionAt ?? q.assumedStartAt ?? at };
  const scopes = [
    ...(q.transactionAt === null ? [] : [{ purpose: 'tx', evseId: q.evseId } as const]),
    { purpose: 'txDefault', evseId: q.evseId } as const,
    { purpose: 'txDefault', evseId: 0 } as const,
  ];
  let until = NEVER;
  for (const scope of scopes) {
    const held = leading(q.profiles, scope, time);
    until = Math.min(until, held.until);
    if (held.value !== null) return { value: held.value, until };
  }
  return { value: null, until };
}

/** What the profiles allow one EVSE without the station's cap, amperes per phase. */
export function evseLimit(q: EvseQuery, at: number): Held<number> {
  const own = transactionLimit(q, at);
  const limitA = own.value === null ? q.maxA : inAmperes(own.value, q.voltageV, q.phasesInUse);
  return { value: Math.min(limitA, q.maxA), until: own.until };
}

/** What the profiles allow one EVSE, amperes per phase: the station's cap included. */
export function compositeLimit(q: EvseQuery, at: number): Held<number> {
  const own = evseLimit(q, at);
  const cap = stationCap(q.profiles, at);
  const capA = cap.value === null ? NEVER : inAmperes(cap.value, q.voltageV, q.phasesInUse);
  return { value: Math.min(own.value, capA), until: Math.min(own.until, cap.until) };
}

/** What the profiles allow the whole station: the sum of its EVSEs, capped. */
export function stationLimit(queries: readonly EvseQuery[], at: number): Held<number> {
  const parts = queries.map((q) => evseLimit(q, at));
  const first = queries[0];
  const cap = stationCap(first?.profiles ?? [], at);
  const capA = cap.value === null ? NEVER : inAmperes(cap.value, first?.voltageV ?? 230, 3);
  const sum = parts.reduce((total, part) => total + part.value, 0);
  return { value: Math.min(sum, capA), until: Math.min(cap.until, ...parts.map((part) => part.until)) };
}

export interface SchedulePeriod {
  readonly startS: number;
  readonly limitA: number;
}

/** The limits of a span of time, as GetCompositeSchedule reports them; at most `maxPeriods`. */
export function scheduleOver(
  limitAt: (at: number) => Held<number>,
  span: { readonly from: number; readonly durationS: number; readonly maxPeriods: number },
): readonly SchedulePeriod[] {
  const end = span.from + span.durationS * 1000;
  const periods: SchedulePeriod[] = [];
  for (let at = span.from; at < end && periods.length < span.maxPeriods; ) {
    const held = limitAt(at);
    const startS = Math.floor((at - span.from) / 1000);
    const last = periods.at(-1);
    // Two changes within a second are one period with the lower limit.
    if (last?.startS === startS) periods.splice(-1, 1, { startS, limitA: Math.min(last.limitA, held.value) });
    else if (last?.limitA !== held.value) periods.push({ startS, limitA: held.value });
    at = held.until;
  }
  return periods;
}
