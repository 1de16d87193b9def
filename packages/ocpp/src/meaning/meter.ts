// One MeterSampled per timestamp of a message. Currents stay in the station's own phase order; what
// was assumed or refused on the way stands in the remarks.

import type { DomainEvent, EventData } from '@ampledger/domain';
import type { SessionId } from '@ampledger/kernel';
import type { StationContext } from '../contract.js';
import { parseInstant } from '../date-time.js';
import { CLOCK_SET_AFTER, type Timed } from './message.js';
import { type QuantityName, readQuantity, type SampledValue } from './quantity.js';

export interface MeterValue {
  readonly timestamp: string;
  readonly sampledValue: readonly SampledValue[];
}

export interface MeterPlace {
  readonly evseId: number;
  readonly session: SessionId | null;
  /** Said of every sample of the message: `offline`, `transaction-data`. */
  readonly remarks: readonly string[];
}

/** More entries than a day has minutes are no report but a flood; the newest are kept. */
const ENTRIES_MAX = 2_000;
const CLOCK_AHEAD_MS = 5 * 60_000;

/** Where a reading stands: on a phase, or beside them all. */
const TOTAL = 3;
type Slot = 0 | 1 | 2 | typeof TOTAL;
// A line-to-line value is no phase current, and the neutral is no phase.
const SLOTS: ReadonlyMap<string | undefined, Slot> = new Map<string | undefined, Slot>([
  [undefined, TOTAL],
  ['L1', 0],
  ['L2', 1],
  ['L3', 2],
  ['L1-N', 0],
  ['L2-N', 1],
  ['L3-N', 2],
]);

type Reading = [l1: number | null, l2: number | null, l3: number | null, total: number | null];

interface Readings {
  readonly of: { readonly [Q in QuantityName]: Reading };
  readonly remarks: string[];
}

const noReading = (): Reading => [null, null, null, null];

function remark(readings: Readings, what: string): void {
  if (!readings.remarks.includes(what)) readings.remarks.push(what);
}

/** Of two values for one place (inlet and outlet, say) the larger counts. */
function collect(values: readonly SampledValue[], said: readonly string[] = []): Readings {
  const of = { current: noReading(), power: noReading(), energy: noReading(), soc: noReading() };
  const readings: Readings = { of, remarks: [...said] };
  for (const sample of values) {
    const quantity = readQuantity(sample);
    const slot = SLOTS.get(sample.phase);
    if (quantity === null || slot === undefined) continue;
    if (quantity.remark !== null) remark(readings, quantity.remark);
    if (quantity.value === null) continue;
    const reading = of[quantity.name];
    reading[slot] = Math.max(quantity.value, reading[slot] ?? Number.NEGATIVE_INFINITY);
  }
  return readings;
}

const isOnPhases = ([l1, l2, l3]: Reading): boolean => l1 !== null || l2 !== null || l3 !== null;

/** The total, or what the phases add up to (field lesson L22: some stations report phases only). */
function totalOf(reading: Reading): number | null {
  const [l1, l2, l3, total] = reading;
  if (total !== null) return total;
  return isOnPhases(reading) ? (l1 ?? 0) + (l2 ?? 0) + (l3 ?? 0) : null;
}

/**
 * Currents by phase. One without a phase counts on every phase that it could be on: which those are
 * is in the site file, so all three carry it here.
 */
function currentsOf(readings: Readings): EventData<'MeterSampled'>['currentA'] {
  const [l1, l2, l3, total] = readings.of.current;
  if (isOnPhases(readings.of.current)) return [l1, l2, l3];
  if (total === null) return null;
  remark(readings, 'phase-assumed');
  return [total, total, total];
}

function clockRemark(context: StationContext, at: number | undefined): string | null {
  if (at === undefined) return 'clock-unreadable';
  if (at < CLOCK_SET_AFTER) return 'clock-unset';
  return at > context.receivedAt + CLOCK_AHEAD_MS ? 'clock-ahead' : null;
}

function meterSampled(
  context: StationContext,
  place: MeterPlace,
  { sampledValue }: MeterValue,
  stationAt: number | undefined,
): DomainEvent | null {
  const readings = collect(sampledValue, place.remarks);
  const currentA = currentsOf(readings);
  const powerW = totalOf(readings.of.power);
  const energyWh = totalOf(readings.of.energy);
  const socPct = readings.of.soc[TOTAL];
  const empty = currentA === null && powerW === null && energyWh === null && socPct === null;
  // Nothing of interest and nothing wrong: a voltage, a temperature.
  if (empty && readings.remarks.length === place.remarks.length) return null;
  const clock = clockRemark(context, stationAt);
  if (clock !== null) remark(readings, clock);
  const { remarks } = readings;
  const { evseId, session } = place;
  return {
    type: 'MeterSampled',
    data: { station: context.station, evseId, session, currentA, powerW, energyWh, socPct, remarks },
  };
}

/** The samples of a message, each with the index of the entry that it comes from. */
export function meterEvents(
  context: StationContext,
  place: MeterPlace,
  entries: readonly MeterValue[],
): (Timed & { readonly index: number })[] {
  const events: (Timed & { readonly index: number })[] = [];
  const skipped = Math.max(0, entries.length - ENTRIES_MAX);
  entries.slice(skipped).forEach((entry, index) => {
    const stationAt = parseInstant(entry.timestamp);
    const event = meterSampled(context, place, entry, stationAt);
    if (event !== null) events.push({ event, stationAt, index: skipped + index });
  });
  return events;
}

/** The import register of a list of entries, at its first or last reading; null when it has none. */
export function registerWh(
  entries: readonly MeterValue[] | undefined,
  which: 'first' | 'last',
): number | null {
  const values = (entries ?? [])
    .slice(-ENTRIES_MAX)
    .map((entry) => totalOf(collect(entry.sampledValue).of.energy));
  return (which === 'first' ? values : values.reverse()).find((value) => value !== null) ?? null;
}

/** A register reading that came outside a meter value (meterStart, meterStop), when it is plausible. */
export const plausibleRegisterWh = (value: number): number | null => readQuantity({ value })?.value ?? null;
