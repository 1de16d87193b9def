// What kinds of values settings have. A kind reads what stands in a flag or the environment (text) and what
// stands in the file (text, number, truth or list) by one schema, and says what it expects when it cannot.

import { z } from 'zod';

export interface Kind<T> {
  /** From what was written to the value. Its message names what is expected, never what was found. */
  readonly schema: z.ZodType<T>;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  /** How a default is written in the help; default `String`. */
  show?(value: T): string;
  readonly isSwitch?: boolean;
  readonly isList?: boolean;
}

/** A schema over text; undefined from `read` is a value that is not as `expected`. */
function readText<T>(expected: string, read: (value: string) => T | undefined): z.ZodType<T> {
  const error = `expected ${expected}`;
  return z.union([z.string(), z.number(), z.boolean()], { error }).transform((written, context) => {
    const value = read(String(written).trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

const matching =
  (pattern: RegExp) =>
  (value: string): string | undefined =>
    pattern.test(value) ? value : undefined;

export const anyText = (placeholder: string, expected = 'a text'): Kind<string> => ({
  schema: readText(expected, matching(/^.{1,1000}$/)),
  placeholder,
});

export const textLike = (placeholder: string, pattern: RegExp, expected: string): Kind<string> => ({
  schema: readText(expected, matching(pattern)),
  placeholder,
});

export const wholeNumber = (least: number, most: number): Kind<number> => ({
  schema: readText(`a whole number from ${least} to ${most}`, (value) => {
    const number = Number(value);
    return /^\d{1,15}$/.test(value) && number >= least && number <= most ? number : undefined;
  }),
  placeholder: '<number>',
});

export const port: Kind<number> = { ...wholeNumber(0, 65_535), placeholder: '<port>' };

/** From 0 to 1. */
export const share: Kind<number> = {
  schema: readText('a number from 0 to 1', (value) => {
    const number = Number(value);
    return value !== '' && number >= 0 && number <= 1 ? number : undefined;
  }),
  placeholder: '<0..1>',
};

const TRUTHS: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false };

export const yesOrNo: Kind<boolean> = {
  schema: readText('true or false', (value) =>
    Object.hasOwn(TRUTHS, value.toLowerCase()) ? TRUTHS[value.toLowerCase()] : undefined,
  ),
  placeholder: '[true|false]',
  isSwitch: true,
};

export const oneOf = <const Name extends string>(...names: readonly Name[]): Kind<Name> => ({
  schema: readText(`one of ${names.join(', ')}`, (value) => names.find((name) => name === value)),
  placeholder: `<${names.join('|')}>`,
});

const UNIT_MS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];
const DURATION_EXPECTED = 'a duration such as 500ms, 10s, 15m, 12h or 7d';
const DURATION_MS_MAX = 36_500 * 86_400_000;

function readDuration(value: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15}) ?(ms|s|m|h|d)$/.exec(value) ?? [];
  const ms = Number(amount) * (UNIT_MS.find(([name]) => name === unit)?.[1] ?? Number.NaN);
  return ms <= DURATION_MS_MAX ? ms : undefined;
}

/** As short as it can be written: 90000 is `90s`. */
export function showDuration(ms: number): string {
  const [unit, size] = UNIT_MS.find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** Milliseconds. */
export const duration: Kind<number> = {
  schema: readText(DURATION_EXPECTED, readDuration),
  placeholder: '<duration>',
  show: showDuration,
};

/** Milliseconds, or `forever`. */
export const durationOrForever: Kind<number | 'forever'> = {
  schema: readText(`${DURATION_EXPECTED}, or forever`, (value): number | 'forever' | undefined =>
    value === 'forever' ? value : readDuration(value),
  ),
  placeholder: '<duration|forever>',
  show: (value) => (value === 'forever' ? value : showDuration(value)),
};

/** Separated by commas, or a list in the file; no item is empty. */
export const listOf = (item: Kind<string>, expected: string): Kind<readonly string[]> => ({
  schema: z
    .preprocess(
      (written) => (typeof written === 'string' ? written.split(',').map((part) => part.trim()) : written),
      z.array(item.schema, { error: `expected ${expected}` }).max(1000),
    )
    .refine((items) => items.length > 0, `expected ${expected}`),
  placeholder: `${item.placeholder.replace(/>$/, '')},...>`,
  show: (items) => items.join(','),
  isList: true,
});

/** Random bytes in hex or Base64. */
export const keyBytes = (count: number): Kind<Buffer> => ({
  schema: readText(`${count} bytes in hex or Base64`, (value) => {
    const encoding = /^[0-9a-fA-F]*$/.test(value) && value.length === 2 * count ? 'hex' : 'base64';
    if (encoding === 'base64' && !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
    const bytes = Buffer.from(value, encoding);
    return bytes.length === count ? bytes : undefined;
  }),
  placeholder: '<key>',
  show: () => '',
});

export const webAddress: Kind<string> = {
  schema: readText('an address such as http://127.0.0.1:4318', (value) =>
    /^https?:\/\//.test(value) && URL.canParse(value) ? value.replace(/\/+$/, '') : undefined,
  ),
  placeholder: '<url>',
};
