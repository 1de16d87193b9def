// A connector's settings, collected from its layers, checked against each other and turned into the grid's amperes.

import type { ConnectorConfig } from '@ampledger/domain';
import { type Amount, amountText } from './amount.js';
import { Amounts, chargingA, dischargingA, type GridSide } from './connector-amounts.js';
import { resolveDcPhases, resolvePhases } from './connector-phases.js';
import { type Layer, pick, type Written } from './layers.js';
import type { Finding, Path } from './problem.js';
import type { Wiring } from './rotation.js';
import { offStep, type Steps, stepFindings, stepsOf } from './step.js';

const amperes = (value: number): Amount => ({ dimension: 'current', value });
const watts = (value: number): Amount => ({ dimension: 'power', value });
const DEFAULTS = {
  ac: { min: amperes(6), max: amperes(32), zero: amperes(0) },
  dc: { min: watts(5000), max: undefined, zero: watts(0) },
} as const;
const DC_EFFICIENCY = 0.94;

export interface SiteWiring {
  readonly wiring: Wiring;
  readonly voltageV: number;
}

export interface ResolvedConnector {
  readonly config: ConnectorConfig;
  readonly findings: readonly Finding[];
}

/** `layers` from the inside out, without the product's own defaults. */
export function resolveConnector(
  evseId: number,
  layers: readonly Layer[],
  site: SiteWiring,
): ResolvedConnector {
  const current = pick('current', layers, 'ac' as const);
  const wiring =
    current.value === 'dc' ? resolveDcPhases(layers, current.layer) : resolvePhases(layers, site.wiring);
  const amounts = new Amounts(layers, current);
  const efficiency = efficiencyOf(layers, amounts);
  const { range, steps, dischargeFrom } = amountsOf(amounts, layers[0]?.path ?? []);
  const grid: GridSide = { ...site, phases: wiring.phases.slice(0, wiring.count), efficiency };
  const gridA = ({ value }: { readonly value: Amount }): number => chargingA(value, grid);
  return {
    config: {
      evseId,
      phases: wiring.phases,
      minA: gridA(range.min),
      maxA: gridA(range.max),
      priority: pick('priority', layers, 0).value,
      weight: pick('weight', layers, 1).value,
      fallbackA: gridA(range.fallback),
      idleA: gridA(range.idle),
      current: current.value,
      efficiency,
      stepA: steps.step === undefined ? 0 : gridA(steps.step),
      stepsA: steps.list?.value.map((value) => chargingA(value, grid)) ?? null,
      dischargeA: dischargeFrom === undefined ? 0 : dischargingA(dischargeFrom.value, grid),
      rotationKnown: wiring.rotationKnown,
      wiredPhases: wiring.count,
    },
    findings: [...wiring.findings, ...amounts.findings],
  };
}

function efficiencyOf(layers: readonly Layer[], { current, findings }: Amounts): number {
  const written = pick('efficiency', layers, DC_EFFICIENCY);
  if (current.value === 'dc') return written.value;
  // Further outside it is meant for others.
  if (written.layer === 0) {
    const message = '`efficiency` of an AC connector';
    findings.push({ path: written.path, message, expected: '`current: dc`, or no `efficiency`' });
  }
  return 1;
}

type Range = Readonly<Record<'min' | 'max' | 'fallback' | 'idle', Written<Amount>>>;

function amountsOf(amounts: Amounts, path: Path) {
  const before = amounts.findings.length;
  const defaults = DEFAULTS[amounts.current.value];
  const or = (written: Written<Amount> | undefined, value: Amount): Written<Amount> =>
    written ?? { value, path, layer: amounts.layers.length };
  const min = or(amounts.one('min'), defaults.min);
  const max = maxOf(amounts, path);
  const range: Range = {
    min,
    max: or(max, min.value),
    fallback: or(amounts.one('fallback'), defaults.zero),
    idle: or(amounts.one('idle'), defaults.zero),
  };
  const steps = stepsOf(amounts);
  const dischargeFrom = amounts.one('discharge');
  // What is of the wrong kind has been replaced by a default: nothing else can be said of it.
  if (amounts.findings.length === before) amounts.findings.push(...rangeFindings(range, steps));
  return { range, steps, dischargeFrom };
}

/** A DC connector has no usual size. */
function maxOf(amounts: Amounts, path: Path): Written<Amount> | undefined {
  const before = amounts.findings.length;
  const max = amounts.one('max');
  if (max !== undefined || amounts.findings.length > before) return max;
  const value = DEFAULTS[amounts.current.value].max;
  if (value !== undefined) return { value, path, layer: amounts.layers.length };
  const expected = 'the power of the DC connector, such as `max: 150 kW`';
  amounts.findings.push({ path: [...path, 'max'], message: '`max` is missing', expected });
  return undefined;
}

function rangeFindings({ min, max, fallback, idle }: Range, steps: Steps): readonly Finding[] {
  const bounds = { min: min.value, max: max.value };
  if (bounds.min.value > bounds.max.value) {
    const [culprit, word] = min.layer <= max.layer ? [min, 'min'] : [max, 'max'];
    const message = `\`min\` (${amountText(bounds.min)}) is above \`max\` (${amountText(bounds.max)})`;
    return [{ path: culprit.path, message, expected: `another \`${word}\`: \`min\` is at most \`max\`` }];
  }
  const wrong = stepFindings(steps, bounds);
  if (wrong.length > 0) return wrong;
  return [
    ...offerFindings('fallback', fallback, { ...bounds, steps }),
    ...offerFindings('idle', idle, { ...bounds, steps }),
  ];
}

function offerFindings(
  key: 'fallback' | 'idle',
  { value: offer, path }: Written<Amount>,
  { min, max, steps }: { readonly min: Amount; readonly max: Amount; readonly steps: Steps },
): readonly Finding[] {
  const says = `${key} ${amountText(offer)}`;
  if (offer.value !== 0 && (offer.value < min.value || offer.value > max.value)) {
    const from = `from ${amountText(min)} to ${amountText(max)}`;
    const message = `${says} is more than zero and ${offer.value < min.value ? 'less than `min`' : 'more than `max`'}`;
    return [
      {
        path,
        message,
        expected: `${amountText({ ...min, value: 0 })}, or ${from} (\`min\` and \`max\` of the connector)`,
      },
    ];
  }
  const instead = offStep(offer, steps);
  if (instead === undefined) return [];
  return [{ path, message: `${says} cannot be set: it is between two steps`, expected: instead }];
}
