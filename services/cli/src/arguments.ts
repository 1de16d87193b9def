// Options as people write them, read to values; what is wrong with them is said by commander.

import { InvalidArgumentError } from 'commander';

export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value);
    if (/^\d{1,15}$/.test(value) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
  };

export const portNumber = wholeNumber(0, 65_535);

export const positiveNumber = (value: string): number => {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('expected a number above 0');
};

const FACTOR_MAX = 20;

/** A share of 1, or in per cent: `0.8`, `80 %`. */
export function factor(value: string): number {
  const [, digits, percent] = /^([\d.]+)\s*(%)?$/.exec(value) ?? [];
  const number = Number(digits) / (percent === undefined ? 1 : 100);
  if (digits !== undefined && number > 0 && number <= FACTOR_MAX) return number;
  if (number > FACTOR_MAX && percent === undefined)
    throw new InvalidArgumentError(`expected a factor of at most ${FACTOR_MAX}: did you mean ${digits} %?`);
  throw new InvalidArgumentError(`expected a factor above 0, up to ${FACTOR_MAX}, such as 0.8 or 80 %`);
}

/** A path; an empty one would be the current directory, which nobody means. */
export function directoryPath(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('expected the path of a directory');
}

const INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** ISO 8601; without an offset, this machine's time zone. Epoch milliseconds. */
export function instant(value: string): number {
  const at = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InvalidArgumentError('expected an ISO 8601 time such as 2026-03-01T17:30:00Z');
}

export function webAddress(value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value.replace(/\/+$/, '');
  throw new InvalidArgumentError('expected an address such as http://127.0.0.1:8220');
}

export function stationAddress(value: string): string {
  if (/^wss?:\/\//.test(value) && URL.canParse(value)) return value.replace(/\/+$/, '');
  throw new InvalidArgumentError('expected an address such as ws://127.0.0.1:9220/ocpp');
}

/** The examples at the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
