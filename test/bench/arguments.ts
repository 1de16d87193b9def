// What benchmarks are asked for on their command line: what cannot be is refused in one line.

import { existsSync } from 'node:fs';

/** Ends a benchmark with this line and exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

interface Option {
  readonly option: string;
}

/** A whole number from 1 on. */
export function countOf(text: string, { option }: Option): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} ${text}: expected a whole number above 0.`);
}

/** Whole numbers from 1 on, separated by commas. */
export const countsOf = (text: string, option: Option): readonly number[] =>
  text.split(',').map((one) => countOf(one.trim(), option));

/** A number above 0. */
export function amountOf(text: string, { option }: Option): number {
  const amount = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(amount) && amount > 0) return amount;
  throw new UsageError(`--${option} ${text}: expected a number above 0.`);
}

/** Names separated by commas, each of `known`; in the order in which they are asked for. */
export function namesOf<Name extends string>(
  text: string,
  { option, known }: Option & { readonly known: readonly Name[] },
): readonly Name[] {
  return text.split(',').map((one) => {
    const name = known.find((candidate) => candidate === one.trim());
    if (name !== undefined) return name;
    throw new UsageError(`--${option} ${text}: there is no "${one.trim()}". There are: ${known.join(', ')}.`);
  });
}

/** A directory that is there. */
export function existingDirectory(path: string, { option }: Option): string {
  if (existsSync(path)) return path;
  throw new UsageError(`--${option} ${path}: there is no such directory.`);
}

/** What is wrong with the command line in words; undefined for what is a failure of the benchmark. */
export function usageFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof UsageError) return error.message;
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('ERR_PARSE_ARGS_') ? error.message : undefined;
}
