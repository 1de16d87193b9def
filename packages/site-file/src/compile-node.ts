// One node of the form as the engine knows it, as it is written; what lines carry behind a delta is worked out
// when the whole tree is known (lines.ts).

import type { NodeConfig, TransformerConfig, UnmanagedConfig } from '@ampledger/domain';
import { evenly, type NodeId } from '@ampledger/kernel';
import { rounded } from './connector-amounts.js';
import type { NodeForm } from './node-form.js';
import type { Finding, Path } from './problem.js';
import type { TransformerForm, TransformerSide } from './transformer-form.js';

const DEFAULT_STALE_AFTER_S = 60;

export function nodeConfig(form: Omit<NodeForm, 'id'>, id: NodeId, parent: NodeId | null): NodeConfig {
  return {
    id,
    ...(form.name === undefined ? {} : { name: form.name }),
    parent,
    limitA: form.limit?.currentA ?? null,
    limitW: form.limit?.powerW ?? null,
    reserveA: form.reserve ?? 0,
    unmanaged: unmanagedOf(form.unmanaged),
    transformer: form.transformer === undefined ? null : transformerOf(form.transformer),
    unbalanceA: form.unbalance ?? null,
    exportA: form.export?.currentA ?? null,
    exportW: form.export?.powerW ?? null,
  };
}

function unmanagedOf(form: NodeForm['unmanaged']): UnmanagedConfig {
  if (form === undefined) return { kind: 'none' };
  if (!('meter' in form)) return { kind: 'constant', loadA: form };
  return { kind: 'metered', maxA: form.max, staleAfterS: form.staleAfter ?? DEFAULT_STALE_AFTER_S };
}

const linesOf = (side: TransformerSide | undefined): TransformerConfig['primaryA'] =>
  side?.kind === 'current' ? side.currentA : null;

/** What the form says, or what follows from a plate: S = √3 · V · I on both sides, V from line to line. */
function transformerOf({ power, primary, secondary, ratio }: TransformerForm): TransformerConfig {
  if (power !== undefined && primary?.kind === 'voltage' && secondary?.kind === 'voltage') {
    const ratedA = (voltageV: number) => evenly(rounded(power / (Math.sqrt(3) * voltageV)));
    return {
      secondaryA: ratedA(secondary.voltageV),
      primaryA: ratedA(primary.voltageV),
      ratio: rounded((primary.voltageV * Math.sqrt(3)) / secondary.voltageV),
    };
  }
  return { secondaryA: linesOf(secondary), primaryA: linesOf(primary), ratio: ratio ?? 1 };
}

/** A plate's voltage may differ a little from the site's: 208 V are 120 V times √3. */
const SAME_VOLTAGE = 0.1;

/** What is wrong with a transformer in a site whose lines are at `voltageV`. */
export function transformerFindings(form: TransformerForm, path: Path, voltageV: number): readonly Finding[] {
  return form.power === undefined ? currentsFindings(form, path) : plateFindings(form, path, voltageV);
}

function currentsFindings({ primary, secondary, ratio }: TransformerForm, path: Path): readonly Finding[] {
  const volts = (['primary', 'secondary'] as const).filter(
    (key) => ({ primary, secondary })[key]?.kind === 'voltage',
  );
  if (volts.length > 0) {
    const expected = 'a current, such as `416 A`, or a `power` beside both voltages';
    return volts.map((key) => ({
      path: [...path, key],
      message: `\`${key}\` is a voltage without a \`power\``,
      expected,
    }));
  }
  if (primary === undefined && secondary === undefined)
    return [
      {
        path,
        message: 'says neither `primary` nor `secondary`',
        expected: 'what the lines of one side may carry',
      },
    ];
  if (primary === undefined || ratio !== undefined) return [];
  const expected =
    'voltage between lines of the primary side by phase voltage of the secondary side, such as `ratio: 4`';
  return [{ path: [...path, 'ratio'], message: '`ratio` is missing', expected }];
}

function plateFindings(form: TransformerForm, path: Path, voltageV: number): readonly Finding[] {
  const sides = (['primary', 'secondary'] as const).flatMap((key): readonly Finding[] => {
    if (form[key]?.kind === 'voltage') return [];
    const message =
      form[key] === undefined ? `\`${key}\` is missing` : `\`${key}\` is a current beside \`power\``;
    return [{ path: [...path, key], message, expected: 'the voltage between lines, such as `480 V`' }];
  });
  if (form.ratio !== undefined)
    sides.push({
      path: [...path, 'ratio'],
      message: '`ratio` beside `power`',
      expected: 'no `ratio`: it follows from the voltages',
    });
  const { secondary } = form;
  if (secondary?.kind !== 'voltage' || Math.abs(secondary.voltageV / voltageV - 1) <= SAME_VOLTAGE)
    return sides;
  const message = `\`secondary\` is at ${secondary.voltageV} V and the site at ${voltageV} V`;
  return [...sides, { path: [...path, 'secondary'], message, expected: 'the same voltage between lines' }];
}
