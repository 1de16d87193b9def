// The settings of a process as flags of its command, with their defaults and variables in the help.

import { CONFIG, envOf, flagOf, type Setting, type Settings, type SettingsDefinition } from './setting.js';

/** As much of a commander Command as is needed. */
export interface OptionTaker {
  option(
    flags: string,
    description: string,
    parse: (value: string, previous: string | undefined) => string,
  ): unknown;
}

/** Values stay text: they are read together with what the environment and the file say. */
export function addSettingsOptions(
  command: OptionTaker,
  { settings }: Pick<SettingsDefinition<Settings>, 'settings'>,
): void {
  command.option(`${CONFIG.flag} <file>`, `settings by name, in YAML (env: ${CONFIG.env})`, last);
  for (const [name, setting] of Object.entries(settings)) {
    const { kind, isSecret } = setting;
    // A list's flag may also be repeated.
    const take = kind.isList
      ? (value: string, before?: string) => (before ? `${before},${value}` : value)
      : last;
    command.option(`${flagOf(name)} ${kind.placeholder}`, `${setting.help} (${hints(name, setting)})`, take);
    if (isSecret) {
      command.option(`${flagOf(name)}-file <file>`, `a file that holds it (env: ${envOf(name)}_FILE)`, last);
    }
  }
}

const last = (value: string): string => value;

function hints(name: string, setting: Setting<unknown>): string {
  const { default: fallback, alsoEnv } = setting;
  const env = `env: ${[envOf(name), ...alsoEnv].join(', ')}`;
  if (fallback === undefined) return `required; ${env}`;
  return fallback.shown === '' ? env : `${env}; default: ${fallback.shown}`;
}
