// What the cars' energy cost, by the announced prices or the site's tariff, and what the highest
// quarter-hour of each month costs where the site pays for it.

import type { PlanConfig, SignalData } from '@ampledger/domain';
import { type LocalMinute, localMinutes } from './local-time.js';
import { MINUTE_MS, type MinuteBins } from './minute-bins.js';
import type { RecordedChange, RulesFrom } from './recording.js';

export interface Cost {
  readonly currency: string;
  /** For the cars' energy from the grid. */
  readonly energy: number;
  /** For the highest quarter-hour mean power of the site in each month, or part of one. */
  readonly demand: number;
}

export interface Flows {
  /** Watt-hours that the cars took from the grid. */
  readonly carWh: MinuteBins;
  /** Mean power of the site by quarter-hours since 1970, watts. */
  readonly rootW: ReadonlyMap<number, number>;
}

const MINUTES_PER_QUARTER = 15;

/** null where no site file has a tariff. */
export function costOf(
  { carWh, rootW }: Flows,
  rules: readonly RulesFrom[],
  changes: readonly RecordedChange[],
): Cost | null {
  const first = rules.find(({ config }) => config.plan !== null)?.config;
  if (!first?.plan) return null;
  const local = localMinutes(first.timeZone);
  const planAt = (minute: number): PlanConfig | null =>
    latest(rules, minute * MINUTE_MS)?.config.plan ?? null;
  const signals = importPrices(changes);
  let energy = 0;
  for (const [minute, wh] of carWh.entries()) {
    const price = announced(signals, minute * MINUTE_MS) ?? tariffPrice(planAt(minute), local(minute));
    energy += (wh / 1000) * price;
  }
  const peaks = new Map<string, { readonly meanW: number; readonly perKw: number }>();
  for (const [quarter, meanW] of rootW) {
    const { month } = local(quarter * MINUTES_PER_QUARTER);
    const perKw = planAt(quarter * MINUTES_PER_QUARTER)?.demandPerKw ?? 0;
    if (meanW > (peaks.get(month)?.meanW ?? 0)) peaks.set(month, { meanW, perKw });
  }
  let demand = 0;
  for (const { meanW, perKw } of peaks.values()) demand += (meanW / 1000) * perKw;
  return { currency: first.plan.currency, energy, demand };
}

const latest = (rules: readonly RulesFrom[], at: number): RulesFrom | undefined =>
  rules.findLast(({ from }) => from <= at) ?? rules[0];

/** `until`: when it was taken back; Infinity: never. */
type ImportPrice = SignalData & { readonly until: number };

const importPrices = (changes: readonly RecordedChange[]): readonly ImportPrice[] =>
  changes.flatMap((change, i) =>
    change.kind === 'signal' && change.signal.signal === 'import-price'
      ? [{ ...change.signal, until: removedAt(changes.slice(i + 1), change.signal.source) }]
      : [],
  );

const removedAt = (later: readonly RecordedChange[], from: string): number =>
  later.find(
    (change) =>
      change.kind === 'signal-removed' && change.signal === 'import-price' && change.source === from,
  )?.at ?? Number.POSITIVE_INFINITY;

/** The price that was announced last for that moment, at whatever time. */
function announced(signals: readonly ImportPrice[], at: number): number | undefined {
  for (let i = signals.length - 1; i >= 0; i--) {
    const signal = signals[i];
    if (signal === undefined || at < signal.from || at >= signal.until) continue;
    const value = signal.values[Math.floor((at - signal.from) / (signal.periodS * 1000))];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Per kWh; the last part of the week that fits holds. */
function tariffPrice(plan: PlanConfig | null, { day, minute }: LocalMinute): number {
  if (plan === null) return 0;
  const fits = plan.tariff.findLast(
    ({ days, fromMinute, toMinute }) => days.includes(day) && fromMinute <= minute && minute < toMinute,
  );
  return fits?.importPerKwh ?? plan.importPerKwh;
}
