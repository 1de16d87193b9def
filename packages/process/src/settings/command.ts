import { defineSettings, type ValuesOf } from './setting.js';
import { adminPort, checkSasl, processSettings } from './shared.js';

export const commandSettings = defineSettings({
  name: 'command',
  about: 'Brings limits to stations. Instances share out the partitions.',
  settings: { adminPort: adminPort(9404), ...processSettings },
  check: checkSasl,
});

export type CommandSettings = ValuesOf<typeof commandSettings>;
