// The settings of all processes. A file or an environment may hold those of several.

import { apiSettings } from './api.js';
import { commandSettings } from './command.js';
import { ingressSettings } from './ingress.js';
import { optimizerSettings } from './optimizer.js';
import { recorderSettings } from './recorder.js';
import { CONFIG, envOf, type Settings, type SettingsDefinition } from './setting.js';
import { toolSettings } from './tools.js';

export const DEFINITIONS: readonly SettingsDefinition<Settings>[] = [
  ingressSettings,
  recorderSettings,
  optimizerSettings,
  commandSettings,
  apiSettings,
  toolSettings,
];

/** Names that a file or an environment may hold, whichever process reads it. */
export const ALL_SETTING_NAMES: readonly string[] = [
  ...new Set(DEFINITIONS.flatMap(({ settings }) => Object.keys(settings))),
];

/** Every variable that some process reads under our own prefix. */
export const ALL_VARIABLES: readonly string[] = [
  CONFIG.env,
  ...new Set(
    DEFINITIONS.flatMap(({ settings }) =>
      Object.entries(settings).flatMap(([name, { isSecret }]) =>
        isSecret ? [envOf(name), `${envOf(name)}_FILE`] : [envOf(name)],
      ),
    ),
  ),
];
