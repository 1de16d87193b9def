// What is wrong with a site file, where, and what was expected; and how that is printed.

export interface SiteFileProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Such as `grid.nodes[0].limit`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
  readonly fileName?: string;
}

/** A place in the file's data. */
export type Path = readonly (string | number)[];

/** A problem that knows its place in the data and not yet its line. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly expected: string;
}

export const PROBLEMS_MAX = 100;
const LINE_CHARS_MAX = 160;

export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');

/** The problems as a compiler prints them: place, message, what was expected, the line and a caret. */
export function formatProblems(problems: readonly SiteFileProblem[], text: string): string {
  const lines = text.split(/\r?\n/);
  return problems.map((problem) => formatProblem(problem, lines[problem.line - 1] ?? '')).join('\n\n');
}

function formatProblem(problem: SiteFileProblem, sourceLine: string): string {
  const place = `${problem.fileName ?? 'site file'}:${problem.line}:${problem.column}`;
  const subject = problem.path === '' ? '' : ` ${problem.path}:`;
  const gutter = String(problem.line);
  const { shown, column } = excerpt(maskSecrets(sourceLine), problem.column);
  const indent = shown.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [
    `${place}:${subject} ${problem.message}`,
    `  expected ${problem.expected}`,
    `  ${gutter} | ${shown}`,
    `  ${' '.repeat(gutter.length)} | ${indent}^`,
  ].join('\n');
}

/** A long line is cut to what surrounds the column. */
function excerpt(line: string, column: number): { shown: string; column: number } {
  if (line.length <= LINE_CHARS_MAX) return { shown: line, column: Math.min(column, line.length + 1) };
  const start = Math.max(0, Math.min(column - LINE_CHARS_MAX / 2, line.length - LINE_CHARS_MAX));
  return { shown: line.slice(start, start + LINE_CHARS_MAX), column: column - start };
}

/** Someone may have written a password in the clear: it must not travel into terminals and logs. */
const maskSecrets = (line: string): string =>
  line.replace(
    /(\bpas\w*["']?\s*:\s*)(.+)$/i,
    (_all, key: string, rest: string) => key + rest.replace(/\S/g, '*'),
  );
