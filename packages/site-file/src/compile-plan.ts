// From the forms of needs and plan to what the engine knows of them, and the checks across their values.

import { DEFAULT_SITE, type NeedsConfig, type PlanConfig } from '@ampledger/domain';
import { type NodeId, nodeId } from '@ampledger/kernel';
import { DAY_MINUTES, dayAfter, WEEK } from './clock-time.js';
import type { NeedsForm, PlanForm } from './plan-form.js';
import type { Finding, Path } from './problem.js';

export function needsOf(form: NeedsForm | undefined): NeedsConfig {
  return {
    energyWh: form?.energy ?? DEFAULT_SITE.needs.energyWh,
    stayS: form?.stay ?? DEFAULT_SITE.needs.stayS,
    departMinute: form?.departure ?? DEFAULT_SITE.needs.departMinute,
    learn: form?.learn ?? DEFAULT_SITE.needs.learn,
  };
}

/** `root` is where a battery or photovoltaics hang that name no node. */
export function planOf(form: PlanForm, root: NodeId): PlanConfig {
  const { battery, pv } = form;
  return {
    periodS: form.period ?? 900,
    horizonS: form.horizon ?? 86_400,
    deadlineMs: Math.round((form.deadline ?? 2) * 1000),
    currency: form.currency ?? '',
    importPerKwh: form.price ?? 0,
    exportPerKwh: form.exportPrice ?? 0,
    tariff: (form.tariff ?? []).flatMap(tariffRows),
    demandPerKw: form.demandCharge ?? 0,
    co2PerKg: form.co2Price ?? 0,
    battery: battery === undefined ? null : batteryOf(battery, root),
    pv: pv === undefined ? null : { node: nodeOf(pv.node, root), peakW: pv.peak },
    randomDelayS: form.randomDelay ?? 0,
  };
}

const nodeOf = (written: string | undefined, root: NodeId): NodeId =>
  written === undefined ? root : nodeId(written);

const batteryOf = (form: NonNullable<PlanForm['battery']>, root: NodeId): PlanConfig['battery'] => ({
  node: nodeOf(form.node, root),
  capacityWh: form.capacity,
  chargeW: form.charge,
  dischargeW: form.discharge,
  efficiency: form.efficiency ?? 0.9,
  reserveWh: form.reserve ?? 0,
});

type TariffForm = NonNullable<PlanForm['tariff']>[number];

/** One row, or two where it runs over midnight: the second is on the days after. */
function tariffRows({ days = WEEK, from = 0, to = DAY_MINUTES, price }: TariffForm): PlanConfig['tariff'] {
  const row = { days: [...days], fromMinute: from, toMinute: to, importPerKwh: price };
  if (from < to) return [row];
  const evening = { ...row, toMinute: DAY_MINUTES };
  if (to === 0) return [evening];
  const next = row.days.map(dayAfter).toSorted((a, b) => a - b);
  return [evening, { ...row, days: next, fromMinute: 0 }];
}

export function planFindings(form: PlanForm, isNode: (id: string) => boolean): readonly Finding[] {
  const path: Path = ['plan'];
  return [
    ...timeFindings(form, path),
    ...(form.tariff ?? []).flatMap((part, i) => emptyFindings(part, [...path, 'tariff', i])),
    ...placeFindings(form.battery?.node, isNode, [...path, 'battery', 'node']),
    ...placeFindings(form.pv?.node, isNode, [...path, 'pv', 'node']),
    ...reserveFindings(form.battery, [...path, 'battery', 'reserve']),
  ];
}

/** The plan reckons in whole periods, and periods in whole seconds. */
function timeFindings(form: PlanForm, path: Path): readonly Finding[] {
  const whole = (['period', 'horizon', 'randomDelay'] as const).flatMap((key): readonly Finding[] => {
    if (Number.isInteger(form[key] ?? 0)) return [];
    return [{ path: [...path, key], message: `\`${key}\` is ${form[key]} s`, expected: 'whole seconds' }];
  });
  const { period = 900, horizon = 86_400 } = form;
  if (whole.length > 0 || horizon % period === 0) return whole;
  const message = `\`horizon\` (${horizon} s) is no whole number of periods (${period} s)`;
  const key = form.horizon === undefined ? 'period' : 'horizon';
  return [{ path: [...path, key], message, expected: 'a multiple of `period`' }];
}

function emptyFindings({ from = 0, to = DAY_MINUTES }: TariffForm, path: Path): readonly Finding[] {
  if (from !== to) return [];
  const expected = 'another end; the whole day needs neither `from` nor `to`';
  return [{ path: [...path, 'to'], message: '`from` and `to` are the same', expected }];
}

function placeFindings(
  id: string | undefined,
  isNode: (id: string) => boolean,
  path: Path,
): readonly Finding[] {
  if (id === undefined || isNode(id)) return [];
  return [{ path, message: `there is no node \`${id}\``, expected: 'the id of a node of this site' }];
}

function reserveFindings(battery: PlanForm['battery'], path: Path): readonly Finding[] {
  if (battery === undefined || (battery.reserve ?? 0) <= battery.capacity) return [];
  return [
    { path, message: '`reserve` is above `capacity`', expected: 'at most the capacity of the battery' },
  ];
}
