// The process's own log, on stderr: JSON lines for machines, one short line each for people.

import { pino } from 'pino';

/** As much of a pino logger as the services use. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly err?: { readonly message?: string };
  readonly [field: string]: unknown;
}

export interface LogOptions {
  readonly write: (text: string) => void;
  /** Short lines instead of JSON. */
  readonly pretty: boolean;
  readonly color?: boolean;
  readonly level?: string;
  /** What every JSON line says of who wrote it: `process`, `instance`. */
  readonly base?: Readonly<Record<string, string>>;
}

export function createLog({ write, pretty, color = false, level = 'info', base }: LogOptions): Log {
  const stream = {
    write: pretty ? (text: string) => write(prettyLine(JSON.parse(text) as Line, color)) : write,
  };
  return pino({ level, base: pretty ? null : (base ?? null) }, stream);
}

/** On stderr; short when somebody is looking. */
export const stderrLog = (level?: string): Log =>
  createLog({ ...onStderr('auto'), ...(level === undefined ? {} : { level }) });

/** On stderr, in the name of one process of many. */
export const processLog = (options: {
  readonly process: string;
  readonly instance: string;
  readonly level: string;
  readonly format: 'auto' | 'json' | 'short';
}): Log =>
  createLog({
    ...onStderr(options.format),
    level: options.level,
    base: { process: options.process, instance: options.instance },
  });

function onStderr(format: 'auto' | 'json' | 'short'): Pick<LogOptions, 'write' | 'pretty' | 'color'> {
  const isTerminal = process.stderr.isTTY === true;
  return {
    write: (text) => void process.stderr.write(text),
    pretty: format === 'short' || (format === 'auto' && isTerminal),
    color: isTerminal && process.env.NO_COLOR === undefined,
  };
}

const LEVELS: Readonly<Record<number, readonly [name: string, color: number]>> = {
  30: ['', 0],
  40: ['warning: ', 33],
  50: ['error: ', 31],
  60: ['error: ', 31],
};
const FIELD_CHARS_MAX = 120;

function prettyLine({ level, time, msg, err, ...fields }: Line, color: boolean): string {
  const [name, ansi] = LEVELS[level] ?? ['', 0];
  const paint = (code: number, text: string): string =>
    color && code > 0 ? `\u001b[${code}m${text}\u001b[0m` : text;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${short(value)}`);
  const problem = err?.message === undefined ? '' : `: ${err.message}`;
  const tail = rest.length === 0 ? '' : ` ${paint(2, rest.join(' '))}`;
  return `${paint(2, new Date(time).toLocaleTimeString('en-GB'))} ${paint(ansi, name)}${msg}${problem}${tail}\n`;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > FIELD_CHARS_MAX ? `${text.slice(0, FIELD_CHARS_MAX)}…` : text;
}
