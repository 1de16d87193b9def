// zod's issues in the words of a site file: what stands there, and what was expected.

import type { z } from 'zod';
import { type Finding, type Path, PROBLEMS_MAX } from './problem.js';

type Issue = z.core.$ZodIssue;

export const findingsOf = (issues: readonly Issue[], at: Path = []): readonly Finding[] =>
  issues.flatMap((issue) => findingsOfIssue(issue, [...at, ...(issue.path as Path)]));

function findingsOfIssue(issue: Issue, path: Path): readonly Finding[] {
  if (issue.code === 'custom') {
    return [{ path, message: issue.message, expected: String(issue.params?.expected ?? 'something else') }];
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, PROBLEMS_MAX + 1).map((key) => unknownKey(key, path, issue.message));
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(isMeant);
    if (meant) return findingsOf(meant, path);
  }
  return [{ path, message: wrongValue(issue, path), expected: issue.message }];
}

/** The alternative that the writer had in mind: the one whose kind fits and whose inside is wrong. */
const isMeant = (issues: readonly Issue[]): boolean =>
  issues.some(
    (issue) =>
      issue.path.length > 0 ||
      issue.code === 'custom' ||
      issue.code === 'unrecognized_keys' ||
      (issue.code === 'invalid_union' && issue.errors.some(isMeant)) ||
      (issue.code.startsWith('too_') && Array.isArray(issue.input)),
  );

function unknownKey(key: string, path: Path, expected: string): Finding {
  const known = expected.replace('one of: ', '').split(', ');
  const near = known.find((candidate) => isNear(key.toLowerCase(), candidate.toLowerCase()));
  const hint = near === undefined ? '' : `; did you mean \`${near}\`?`;
  return { path: [...path, key], message: `unknown key \`${short(key)}\`${hint}`, expected };
}

const NEEDS_UNIT = /^an? (current|power|voltage|time(?! of day)|energy|limit)\b/;

function wrongValue({ input, message }: Issue, path: Path): string {
  const key = path.at(-1);
  if (input === undefined) return typeof key === 'string' ? `\`${key}\` is missing` : 'is missing';
  // Whatever stands there may be a password in the clear.
  if (key === 'password') return 'is no password hash';
  if (input === null) return path.length === 0 ? 'the file is empty' : 'is empty';
  if (typeof input === 'number')
    return NEEDS_UNIT.test(message) ? `${input} has no unit` : `${input} does not fit here`;
  if (typeof input === 'string') return `\`${short(input)}\` does not fit here`;
  return Array.isArray(input) ? 'a list does not fit here' : 'does not fit here';
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

/** At most two letters wrong, and not most of them. */
const isNear = (written: string, known: string): boolean =>
  written.length <= 30 && distance(written, known) <= Math.min(2, Math.floor(known.length / 2));

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
