// The rules of a site beside its tree: how power is shared, what is assumed of cars, what looking ahead is about.

import type { NeedsConfig, PlanConfig, Policy, SiteConfig } from '@ampledger/domain';
import { round } from '../output.js';

const POLICY_WORDS: Record<Policy, string> = {
  fair: 'equally, by weight',
  urgent: 'first to who has least time left for what it needs',
  throughput: 'the most energy now, whoever gets it',
  balanced: 'nearly the most energy, and evenly as far as that allows',
};

export const policyText = (policy: Policy): string => `${policy}, ${POLICY_WORDS[policy]}`;

export function needsText({ energyWh, stayS, departMinute, learn }: NeedsConfig): string {
  const leave = [
    ...(stayS === null ? [] : [`after ${lasting(stayS)}`]),
    ...(departMinute === null ? [] : [`at ${clock(departMinute)}`]),
  ];
  const assumed = [
    ...(energyWh === null ? [] : [`want ${round(energyWh / 1000)} kWh`]),
    ...(leave.length === 0 ? [] : [`leave ${leave.join(' or ')}${leave.length > 1 ? ', the earlier' : ''}`]),
  ];
  const isSilent = energyWh === null || leave.length === 0;
  const rest = learn ? 'as cars before them at that hour' : 'nothing is known of them';
  return [...assumed, ...(isSilent ? [assumed.length === 0 ? rest : `else ${rest}`] : [])].join(', ');
}

/** `8 h`, `1 h 30 min`, `45 s`: without what is zero. */
function lasting(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${round(count)} ${unit}`])).join(' ');
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

export function planLines(plan: SiteConfig['plan']): readonly string[] {
  if (plan === null) return ['Plan: none, every moment by itself'];
  const { horizonS, periodS, tariff, battery, pv, randomDelayS } = plan;
  return [
    `Plan: ${lasting(horizonS)} ahead in periods of ${lasting(periodS)}, for the lowest cost${moneyText(plan)}`,
    ...tariff.map(
      ({ days, fromMinute, toMinute, importPerKwh }) =>
        `  ${daysText(days)} ${clock(fromMinute)}-${clock(toMinute)}: ${price(importPerKwh, plan)}`,
    ),
    ...(battery === null
      ? []
      : [
          `  Battery at ${battery.node}: ${round(battery.capacityWh / 1000)} kWh, charges with ${round(battery.chargeW / 1000)} kW, gives ${round(battery.dischargeW / 1000)} kW, keeps ${round(battery.reserveWh / 1000)} kWh`,
        ]),
    ...(pv === null ? [] : [`  Photovoltaics at ${pv.node}: ${round(pv.peakW / 1000)} kW at most`]),
    ...(randomDelayS === 0
      ? []
      : [`  Starts and changes are delayed by up to ${lasting(randomDelayS)}, at random`]),
  ];
}

const price = (perKwh: number, { currency }: Pick<PlanConfig, 'currency'>): string =>
  `${perKwh.toFixed(Math.abs(perKwh * 100 - Math.round(perKwh * 100)) < 1e-9 ? 2 : 4)}${currency === '' ? '' : ` ${currency}`}/kWh`;

function moneyText(plan: PlanConfig): string {
  const { importPerKwh, exportPerKwh, demandPerKw, co2PerKg, currency } = plan;
  const unit = currency === '' ? '' : ` ${currency}`;
  const parts = [
    ...(importPerKwh === 0 ? [] : [`${price(importPerKwh, plan)}`]),
    ...(exportPerKwh === 0 ? [] : [`${price(exportPerKwh, plan)} for what is fed back`]),
    ...(demandPerKw === 0 ? [] : [`${demandPerKw.toFixed(2)}${unit}/kW of the month’s highest quarter-hour`]),
    ...(co2PerKg === 0 ? [] : [`${co2PerKg.toFixed(2)}${unit}/kg of CO2`]),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Days in a row as a range: `mon-fri`, `sat, sun`, `every day`. */
function daysText(days: readonly number[]): string {
  const sorted = [...new Set(days)].toSorted((a, b) => a - b);
  if (sorted.length === 7) return 'every day';
  const name = (day: number | undefined): string => DAYS[(day ?? 1) - 1] ?? '';
  const inRow = sorted.every((day, i) => i === 0 || day === (sorted[i - 1] ?? 0) + 1);
  return inRow && sorted.length > 2
    ? `${name(sorted[0])}-${name(sorted.at(-1))}`
    : sorted.map(name).join(', ');
}
