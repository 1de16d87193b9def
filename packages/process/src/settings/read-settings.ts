// From flags, environment and file to the values of a process's settings, or to all that is wrong with
// them at once, each with the place that it came from. What is secret is never repeated.

import { err, ok, type Result } from '@ampledger/kernel';
import { parseDocument } from 'yaml';
import { nearest } from './nearest.js';
import {
  CONFIG,
  ENV_PREFIX,
  envOf,
  flagOf,
  type Setting,
  type Settings,
  type SettingsDefinition,
  type SettingsOf,
} from './setting.js';

export interface SettingsSources {
  /** As commander gives them: by the name of the setting; a secret's file as `<name>File`. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  /** Reads the file that holds a secret; throws when it cannot. */
  readonly readText: (path: string) => string;
  /** Settings of other processes, which file and environment may hold as well. */
  readonly others?: readonly string[];
}

export interface ReadSettings<S extends Settings> {
  readonly values: SettingsOf<S>;
  /** What is odd and no error: unknown variables. */
  readonly warnings: readonly string[];
}

/** A value as it was written somewhere. */
interface Written {
  readonly where: string;
  readonly value: unknown;
}

export function readSettings<S extends Settings>(
  definition: SettingsDefinition<S>,
  sources: SettingsSources,
): Result<ReadSettings<S>, readonly string[]> {
  const known = [...new Set([...Object.keys(definition.settings), ...(sources.others ?? [])])];
  const file = readFile(sources, known);
  const problems: string[] = [...file.problems];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definition.settings)) {
    const read = readOne(name, setting, sources, file.keys);
    if (read.ok) values[name] = read.value;
    else problems.push(read.error);
  }
  const settings = values as SettingsOf<S>;
  if (problems.length === 0) problems.push(...(definition.check?.(settings) ?? []));
  return problems.length > 0
    ? err(problems)
    : ok({ values: settings, warnings: unknownVariables(sources.env, known) });
}

function readOne(
  name: string,
  setting: Setting<unknown>,
  sources: SettingsSources,
  keys: ReadonlyMap<string, Written>,
): Result<unknown, string> {
  const found = findWritten(name, setting, sources, keys);
  if (!found.ok) return found;
  if (found.value === undefined) {
    return setting.default === undefined ? err(missing(name, setting)) : ok(setting.default.value());
  }
  const { where, value } = found.value;
  const parsed = setting.kind.schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const shown = setting.isSecret ? where : `${where}=${show(value)}`;
  return err(`${shown}: ${parsed.error.issues[0]?.message ?? 'cannot be read'}`);
}

const missing = (name: string, { isSecret }: Setting<unknown>): string => {
  const variables = isSecret ? `${envOf(name)}, ${envOf(name)}_FILE` : envOf(name);
  return `${name} is missing: set ${flagOf(name)}, ${variables}, or ${name} in the file`;
};

/** The first of flag, environment and file that says something. */
function findWritten(
  name: string,
  { isSecret, alsoEnv }: Setting<unknown>,
  { flags, env, readText }: SettingsSources,
  keys: ReadonlyMap<string, Written>,
): Result<Written | undefined, string> {
  const variable = (key: string): Written | undefined =>
    env[key] === undefined || env[key] === '' ? undefined : { where: key, value: env[key] };
  const flag = (key: string, where: string): Written | undefined =>
    flags[key] === undefined ? undefined : { where, value: flags[key] };
  const plain =
    flag(name, flagOf(name)) ??
    variable(envOf(name)) ??
    alsoEnv.map(variable).find((written) => written !== undefined) ??
    keys.get(name);
  if (!isSecret) return ok(plain);
  const byFlag = flag(`${name}File`, `${flagOf(name)}-file`);
  const byEnv = flags[name] === undefined ? variable(`${envOf(name)}_FILE`) : undefined;
  if (byFlag !== undefined) return secretIn(byFlag, readText);
  if (byEnv === undefined) return ok(plain);
  if (variable(envOf(name)) === undefined) return secretIn(byEnv, readText);
  return err(`${envOf(name)} and ${byEnv.where} are both set: unset one of them`);
}

function secretIn({ where, value }: Written, readText: SettingsSources['readText']): Result<Written, string> {
  try {
    return ok({ where, value: readText(String(value)).trim() });
  } catch (error) {
    return err(
      `${where}=${show(value)}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const VALUE_CHARS_MAX = 80;

function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

function readFile(
  { file }: SettingsSources,
  known: readonly string[],
): { readonly problems: readonly string[]; readonly keys: ReadonlyMap<string, Written> } {
  const keys = new Map<string, Written>();
  if (file === undefined) return { problems: [], keys };
  const document = parseDocument(file.text);
  const [error] = document.errors;
  // The excerpt below the first line may show a secret.
  if (error !== undefined) return { problems: [`${file.name}: ${error.message.split('\n')[0]}`], keys };
  const root: unknown = toPlain(() => document.toJS({ maxAliasCount: 0 }));
  if (root === null) return { problems: [], keys };
  if (typeof root !== 'object' || Array.isArray(root)) {
    return {
      problems: [`${file.name}: expected settings by name, such as "kafkaTopic: ampledger.events"`],
      keys,
    };
  }
  const problems: string[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (!known.includes(name)) problems.push(`${file.name}: unknown setting ${name}${meant(name, known)}`);
    // A key without a value says nothing.
    else if (value !== null) keys.set(name, { where: `${file.name}: ${name}`, value });
  }
  return { problems, keys };
}

/** Aliases, which can make a small file huge, are refused. */
function toPlain(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const meant = (name: string, names: readonly string[]): string => {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
};

/** What Kubernetes says to every container of a service whose name begins as ours. */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT)|_PORT(?:_\d+_(?:TCP|UDP).*)?$/;

/** Variables of ours that are not for the processes. */
const OTHER_VARIABLES = [CONFIG.env, `${ENV_PREFIX}TOKEN`];

function unknownVariables(env: SettingsSources['env'], known: readonly string[]): readonly string[] {
  const variables = [...known.map(envOf), ...known.map((name) => `${envOf(name)}_FILE`), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !variables.includes(name) && !SERVICE_LINK.test(name))
    .map((name) => `Unknown variable ${name}${meant(name, variables)}`);
}
