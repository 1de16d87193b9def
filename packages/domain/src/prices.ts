// Prices, emissions and photovoltaics of the periods to come: what was announced, and where nothing was, the
// tariff of the site file.
//
// Where several sources announce the same moment, the one that was heard last holds: a newer word is
// a better one, whoever says it. Where it is silent, the word before it does.

import { localTime } from './local-time.js';
import type { PlanConfig, SiteConfig } from './site-config.js';
import type { SignalData, SiteState, StoredSignal } from './state.js';

export interface Periods {
  /** Start of the first. */
  readonly from: number;
  readonly periodS: number;
  readonly count: number;
}

/** Means over each period. */
export interface Outlook {
  /** Money per kWh, in the plan's currency. */
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
  /** Kilograms of CO2 per kWh; 0 where nobody said. */
  readonly co2KgPerKwh: readonly number[];
  /** Watts; 0 where nobody said. */
  readonly pvW: readonly number[];
}

type Known = Pick<SiteState, 'signals' | 'config'>;
/** A value, and until when it surely is that. */
interface Held {
  readonly value: number;
  readonly until: number;
}

/** What is expected of each period. Pure: from the state's signals and its site file alone. */
export function outlookOf(state: Known, periods: Periods): Outlook {
  return {
    importPerKwh: means(periods, valuesOf(state, 'import-price')),
    exportPerKwh: means(periods, valuesOf(state, 'export-price')),
    co2KgPerKwh: means(periods, valuesOf(state, 'emissions')),
    pvW: means(periods, valuesOf(state, 'pv')),
  };
}

/** A signal's value at one moment. */
export const signalAt = (state: Known, signal: SignalData['signal'], at: number): number =>
  valuesOf(state, signal)(at).value;

function means({ from, periodS, count }: Periods, valueAt: (at: number) => Held): readonly number[] {
  const periodMs = periodS * 1000;
  return Array.from({ length: count }, (_, i) =>
    mean(from + i * periodMs, from + (i + 1) * periodMs, valueAt),
  );
}

function mean(from: number, to: number, valueAt: (at: number) => Held): number {
  const first = valueAt(from);
  if (first.until >= to) return first.value;
  let sum = 0;
  for (let at = from; at < to; ) {
    const { value, until } = valueAt(at);
    const end = Math.min(until, to);
    sum += value * (end - at);
    at = end;
  }
  return sum / (to - from);
}

function valuesOf({ signals, config }: Known, signal: SignalData['signal']): (at: number) => Held {
  const announced = [...signals.values()]
    .filter((s) => s.signal === signal)
    .sort((a, b) => b.heardAt - a.heardAt || (a.source < b.source ? -1 : 1));
  const otherwise = (at: number): Held => unannounced(config, signal, at);
  return (at) => {
    let until = Number.POSITIVE_INFINITY;
    for (const one of announced) {
      const value = covering(one, at);
      if (value !== null) return { value: value.value, until: Math.min(until, value.until) };
      if (one.from > at) until = Math.min(until, one.from);
    }
    const held = otherwise(at);
    return { value: held.value, until: Math.min(until, held.until) };
  };
}

function covering({ from, periodS, values }: StoredSignal, at: number): Held | null {
  const index = Math.floor((at - from) / (periodS * 1000));
  const value = values[index];
  return value === undefined ? null : { value, until: from + (index + 1) * periodS * 1000 };
}

/** When the last value of a signal is over. */
export const signalOverAt = ({ from, periodS, values }: SignalData): number =>
  from + values.length * periodS * 1000;

function unannounced({ plan, timeZone }: SiteConfig, signal: SignalData['signal'], at: number): Held {
  if (plan === null) return { value: 0, until: Number.POSITIVE_INFINITY };
  if (signal === 'import-price') return tariffAt(plan, timeZone, at);
  return { value: signal === 'export-price' ? plan.exportPerKwh : 0, until: Number.POSITIVE_INFINITY };
}

/** The tariff's price by the clock on the wall: of the parts of the week that fit the last. */
function tariffAt({ tariff, importPerKwh }: PlanConfig, timeZone: string, at: number): Held {
  if (tariff.length === 0) return { value: importPerKwh, until: Number.POSITIVE_INFINITY };
  const { weekday, minute, steadyUntil } = localTime(timeZone, at);
  let value = importPerKwh;
  let until = steadyUntil;
  for (const { days, fromMinute, toMinute, importPerKwh: price } of tariff) {
    if (days.includes(weekday) && minute >= fromMinute && minute < toMinute) value = price;
    for (const edge of [fromMinute, toMinute])
      if (edge > minute) until = Math.min(until, at + Math.max(1, Math.round((edge - minute) * 60_000)));
  }
  return { value, until };
}
