// The settings of this process: reads the file that `--config` or AMPLEDGER_CONFIG names, and the rest.

import { readFileSync, statSync } from 'node:fs';
import { err, type Result } from '@ampledger/kernel';
import { ALL_SETTING_NAMES } from './all.js';
import { type ReadSettings, readSettings, type SettingsSources } from './read-settings.js';
import { CONFIG, type Settings, type SettingsDefinition } from './setting.js';

const FILE_BYTES_MAX = 1_048_576;

export interface LoadOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env?: SettingsSources['env'];
}

export function loadSettings<S extends Settings>(
  definition: SettingsDefinition<S>,
  { flags, env = process.env }: LoadOptions,
): Result<ReadSettings<S>, readonly string[]> {
  const common = { flags, env, readText, others: ALL_SETTING_NAMES };
  const [where, path] =
    typeof flags[CONFIG.name] === 'string'
      ? [CONFIG.flag, String(flags[CONFIG.name])]
      : [CONFIG.env, env[CONFIG.env] ?? ''];
  if (path === '') return readSettings(definition, common);
  try {
    return readSettings(definition, { ...common, file: { name: path, text: readText(path) } });
  } catch (error) {
    return err([
      `${where}=${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > FILE_BYTES_MAX) throw new Error(`${size} bytes are too many`);
  return readFileSync(path, 'utf8');
}
