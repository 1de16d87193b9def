// A plan in words: what it does for the cars, what it costs, how good it is.

import type { SiteView } from '@ampledger/domain';
import type { PlannedCar, PlanPeriod, SitePlan } from '../feed/plan.js';
import type { LayerKind } from '../model/plan-layers.js';
import { clockTime, energy, figure, kilowatts, nearMoment, reading } from './format.js';

/** Less than this is as good as nothing. */
export const SHORT_WH = 100;
export const isShort = ({ unservedWh }: PlannedCar): boolean => unservedWh >= SHORT_WH;

const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const price3 = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const price = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 3 });

const money = (amount: number, currency: string | null): string =>
  currency === null ? cents.format(amount) : `${cents.format(amount)} ${currency}`;

const cars = (count: number): string => (count === 1 ? '1 car' : `${count} cars`);

/** `For 3 cars 43 kWh until Mon 2 Mar, 06:00; 1 of them will be short, by 3.2 kWh.` */
export function outcomeWords(plan: SitePlan, { at, timeZone }: SiteView): string {
  const { connectors, to } = plan;
  const until = nearMoment(to, at, timeZone);
  if (connectors.length === 0) return `No car to plan for until ${until}.`;
  const given = connectors.reduce<number | null>(
    (sum, { plannedWh }) => (sum === null || plannedWh === null ? null : sum + plannedWh),
    0,
  );
  const what = given === null ? '' : ` ${energy(given)}`;
  const short = connectors.filter(isShort);
  const lacking = energy(short.reduce((sum, { unservedWh }) => sum + unservedWh, 0));
  const all = connectors.length;
  const rest =
    short.length === 0
      ? all === 1
        ? 'It gets all that it needs.'
        : 'All get what they need.'
      : all === 1
        ? `It will be short by ${lacking}.`
        : `${short.length === all ? 'All' : short.length} of them will be short, by ${lacking} in all.`;
  return `For ${cars(all)}${what} until ${until}. ${rest}`;
}

/** What the site's energy costs, and its peak where that has a price. */
export function costWords(plan: SitePlan): string {
  const { cost, currency, demandCharge } = plan;
  const parts = [`The site’s energy costs ${money(cost.energy, currency)} until then`];
  if (demandCharge !== null) {
    const { plannedPeakW, peakSoFarW } = demandCharge;
    const peak = plannedPeakW === null ? '' : ` of ${kilowatts(plannedPeakW)}`;
    const before = peakSoFarW === null ? '' : `; so far this month it is ${kilowatts(peakSoFarW)}`;
    parts.push(
      cost.demand < 0.005
        ? `and no new peak${before}`
        : `and a new peak${peak} ${money(cost.demand, currency)}${before}`,
    );
  }
  return `${parts.join(' ')}.`;
}

/** `made 14:05, optimal` */
export const statusWords = ({ madeAt, status }: SitePlan, { at, timeZone }: SiteView): string =>
  `made ${nearMoment(madeAt, at, timeZone)}, ${status === 'optimal' ? 'optimal' : 'the best found in time'}`;

export const LAYER_WORDS: Readonly<Record<LayerKind, string>> = {
  other: 'other load',
  cars: 'cars',
  expected: 'cars expected',
  charge: 'into the battery',
  pv: 'from the roof',
  discharge: 'from the battery',
};

/** `02:00 to 02:15` */
export const periodWords = ({ from, to }: PlanPeriod, { at, timeZone }: SiteView): string =>
  `${nearMoment(from, at, timeZone)} to ${clockTime(to, timeZone)}`;

/** `0.22–0.38`; nothing where it does not change. */
export function spanWords(values: readonly number[], factor: number): string {
  const [low, high] = [Math.min(...values) * factor, Math.max(...values) * factor];
  return high - low < 1e-6 * factor ? '' : `${price3.format(low)}–${price3.format(high)}`;
}

export const priceWords = ({ importPerKwh }: PlanPeriod, currency: string | null): string =>
  importPerKwh === null ? 'unknown' : `${price.format(importPerKwh)} ${currency ?? ''}/kWh`;

export const emissionWords = ({ co2KgPerKwh }: PlanPeriod): string =>
  co2KgPerKwh === null ? 'unknown' : `${figure(co2KgPerKwh * 1000)} g/kWh`;

/** Everything of one period, for who does not see the picture. */
export function spokenPeriod(plan: SitePlan, index: number, view: SiteView): string {
  const period = plan.periods[index];
  if (period === undefined) return '';
  const { limitW, otherLoadW, carsW, pvW, batteryW, batteryWh } = period;
  const some = (watts: number | null, words: string): readonly string[] =>
    watts === null || Math.abs(watts) < 10 ? [] : [`${words} ${kilowatts(Math.abs(watts))}`];
  return [
    periodWords(period, view),
    `cars ${kilowatts(carsW ?? 0)}`,
    ...some(otherLoadW, 'other load'),
    ...some(pvW, 'from the roof'),
    ...some(batteryW, (batteryW ?? 0) > 0 ? 'into the battery' : 'from the battery'),
    ...(batteryWh === null ? [] : [`battery then at ${energy(batteryWh)}`]),
    ...some(limitW, 'limit'),
    ...(period.importPerKwh === null ? [] : [priceWords(period, plan.currency)]),
  ].join(', ');
}

/** How it ends for one car: `8.4 kWh by 07:30`, `3.2 kWh short by 07:30`. */
export function carOutcome(car: PlannedCar, { at, timeZone }: SiteView): string {
  const { departsAt, departureKnown, plannedWh, unservedWh } = car;
  const moment = departsAt === null ? '' : nearMoment(departsAt, at, timeZone);
  const by = departsAt === null ? '' : departureKnown === false ? ` by ~${moment}` : ` by ${moment}`;
  if (isShort(car)) return `${energy(unservedWh)} short${by}`;
  return plannedWh === null ? `served${by}` : `${energy(plannedWh)}${by}`;
}

export const signed = (kw: number): string => (kw < 0 ? `−${reading(-kw)}` : reading(kw));
