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

type PhaseIndex = 0 | 1 | 2;
type Slot = PhaseIndex | 'total';
// A line-to-line value is no phase current, and the neutral is no phase.
const SLOTS: ReadonlyMap<string | undefined, Slot> = new Map<string | undefined, Slot>([
  [undefined, 'total'],
  ['L1', 0],
  ['L2', 1],
  ['L3', 2],
  ['L1-N', 0],
  ['L2-N', 1],
  ['L3-N', 2],
]);

type Reading = Map<Slot, number>;

interface Readings {
  readonly of: { readonly [Q in QuantityName]: Reading };
  readonly remarks: Set<string>;
}

/** Of two values for one place (inlet and outlet, say) the larger counts. */
function collect(values: readonly SampledValue[]): Readings {
  const of = { current: new Map(), power: new Map(), energy: new Map(), soc: new Map() };
  const readings: Readings = { of, remarks: new Set() };
  for (const sample of values) {
    const quantity = readQuantity(sample);
    const slot = SLOTS.get(sample.phase);
    if (quantity === null || slot === undefined) continue;
    if (quantity.remark !== null) readings.remarks.add(quantity.remark);
    if (quantity.value === null) continue;
    const reading = readings.of[quantity.name];
    reading.set(slot, Math.max(quantity.value, reading.get(slot) ?? Number.NEGATIVE_INFINITY));
  }
  return readings;
}

/** The total, or what the phases add up to (field lesson L22: some stations report phases only). */
function totalOf(reading: Reading): number | null {
  const total = reading.get('total');
  if (total !== undefined) return total;
  return reading.size === 0 ? null : [...reading.values()].reduce((sum, value) => sum + value, 0);
}

/**
 * Currents by phase. One without a phase counts on every phase that it could be on: which those are
 * is in the site file, so all three carry it here.
 */
function currentsOf({ of, remarks }: Readings): EventData<'MeterSampled'>['currentA'] {
  const reading = of.current;
  if (reading.size === 0) return null;
  const total = reading.get('total');
  if (reading.size === 1 && total !== undefined) {
    remarks.add('phase-assumed');
    return [total, total, total];
  }
  return [reading.get(0) ?? null, reading.get(1) ?? null, reading.get(2) ?? null];
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
  const readings = collect(sampledValue);
  const currentA = currentsOf(readings);
  const powerW = totalOf(readings.of.power);
  const energyWh = totalOf(readings.of.energy);
  const socPct = readings.of.soc.get('total') ?? null;
  const empty = currentA === null && powerW === null && energyWh === null && socPct === null;
  // Nothing of interest and nothing wrong: a voltage, a temperature.
  if (empty && readings.remarks.size === 0) return null;
  const clock = clockRemark(context, stationAt);
  const remarks = [...place.remarks, ...readings.remarks, ...(clock === null ? [] : [clock])];
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
  const skipped = Math.max(0, entries.length - ENTRIES_MAX);
  return entries.slice(skipped).flatMap((entry, index) => {
    const stationAt = parseInstant(entry.timestamp);
    const event = meterSampled(context, place, entry, stationAt);
    return event === null ? [] : [{ event, stationAt, index: skipped + index }];
  });
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
