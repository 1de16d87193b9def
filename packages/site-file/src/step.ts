// What a connector can be set to beside zero: whole steps, or the values of a list.

import { type Amount, amountText } from './amount.js';
import type { Amounts } from './connector-amounts.js';
import type { Written } from './layers.js';
import type { Finding, Path } from './problem.js';

/** Products of decimal fractions come out a little off. */
const TOLERANCE = 1e-6;

export interface Steps {
  readonly step: Written<Amount> | undefined;
  readonly list: Written<readonly Amount[]> | undefined;
}

/** The one that stands further inside holds. */
export function stepsOf(amounts: Amounts): Steps {
  const step = amounts.one('step');
  const list = amounts.list();
  if (step === undefined || list === undefined) return { step, list };
  if (step.layer === list.layer) {
    const message = `\`${String(step.path.at(-1))}\` and \`steps\` exclude each other`;
    amounts.findings.push({ path: list.path, message, expected: 'one of the two' });
  }
  return step.layer < list.layer ? { step, list: undefined } : { step: undefined, list };
}

export interface Bounds {
  readonly min: Amount;
  readonly max: Amount;
}

export function stepFindings({ step, list }: Steps, bounds: Bounds): readonly Finding[] {
  if (list !== undefined) return listFindings(list, bounds);
  if (step === undefined || step.value.value === 0) return [];
  const { min, max } = bounds;
  const most = Math.floor(max.value / step.value.value + TOLERANCE) * step.value.value;
  if (most > 0 && most >= min.value - TOLERANCE) return [];
  const message = `no multiple of ${amountText(step.value)} is from ${amountText(min)} to ${amountText(max)}`;
  return [{ path: step.path, message, expected: 'a step of which a multiple is from `min` to `max`' }];
}

function listFindings(
  { value: list, path }: Written<readonly Amount[]>,
  { min, max }: Bounds,
): readonly Finding[] {
  return list.flatMap((amount, i): readonly Finding[] => {
    const before = list[i - 1];
    const at: Path = [...path, i];
    const says = amountText(amount);
    if (before !== undefined && amount.value <= before.value)
      return [
        { path: at, message: `${says} comes after ${amountText(before)}`, expected: 'ascending steps' },
      ];
    if (amount.value < min.value - TOLERANCE)
      return [{ path: at, message: `${says} is less than \`min\``, expected: `at least ${amountText(min)}` }];
    if (amount.value > max.value + TOLERANCE)
      return [{ path: at, message: `${says} is more than \`max\``, expected: `at most ${amountText(max)}` }];
    return [];
  });
}

/** In words, what it can be set to; undefined when the amount is one of them. */
export function offStep({ value }: Amount, { step, list }: Steps): string | undefined {
  if (value === 0) return undefined;
  if (list !== undefined) {
    const found = list.value.some((amount) => Math.abs(amount.value - value) <= TOLERANCE);
    return found ? undefined : `one of ${list.value.map(amountText).join(', ')}`;
  }
  if (step === undefined || step.value.value === 0) return undefined;
  const count = value / step.value.value;
  return Math.abs(count - Math.round(count)) <= TOLERANCE
    ? undefined
    : `a multiple of ${amountText(step.value)}`;
}
