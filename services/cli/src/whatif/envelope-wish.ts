// `NODE=LIMIT[@FROM..TO]` as people write it: `main=60 A`, `main=60/50/60 A`, `main=40 kW@2026-03-01..`.

import { InvalidArgumentError } from 'commander';
import { instant } from '../arguments.js';
import type { EnvelopeWish } from './rules.js';

const SHAPE = /^(?<node>[a-z0-9-]+)=(?<limit>[^@]+)(?:@(?<from>.*?)\.\.(?<to>.*))?$/;
const LIMIT = /^(?<numbers>[\d.]+(?:\/[\d.]+\/[\d.]+)?) ?(?<unit>A|W|kW|MW)?$/;
const WATTS: Readonly<Record<string, number>> = { W: 1, kW: 1_000, MW: 1_000_000 };

/** For commander: each use adds one. */
export const collectEnvelopes = (
  value: string,
  before: readonly EnvelopeWish[] | undefined,
): readonly EnvelopeWish[] => [...(before ?? []), envelopeWish(value)];

export function envelopeWish(value: string): EnvelopeWish {
  const { node, limit, from, to } = SHAPE.exec(value)?.groups ?? {};
  if (node === undefined || limit === undefined)
    throw new InvalidArgumentError('expected NODE=LIMIT, or NODE=LIMIT@FROM..TO');
  const span = { from: from ? instant(from) : null, to: to ? instant(to) : null };
  if (span.from !== null && span.to !== null && span.to <= span.from)
    throw new InvalidArgumentError('it ends before it begins');
  return { node, ...limits(limit.trim()), ...span };
}

function limits(text: string): Pick<EnvelopeWish, 'limitA' | 'limitW'> {
  const { numbers = '', unit = '' } = LIMIT.exec(text)?.groups ?? {};
  const values = numbers.split('/').map(Number);
  const [a = Number.NaN, b = a, c = a] = values;
  if (numbers === '' || values.some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError(`expected a limit such as 60 A, 60/50/60 A or 40 kW, not "${text}"`);
  // As in the site file: 20 may be meant as either.
  if (unit === '') throw new InvalidArgumentError(noUnit(text, values.length > 1));
  const watts = WATTS[unit];
  if (watts === undefined) return { limitA: [a, b, c], limitW: null };
  if (values.length > 1) throw new InvalidArgumentError('a limit in watts is one number, for all phases');
  return { limitA: null, limitW: a * watts };
}

const noUnit = (text: string, byPhase: boolean): string =>
  `"${text}" has no unit: expected ${text} A${byPhase ? '' : ` or ${text} kW`}`;
