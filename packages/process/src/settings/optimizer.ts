import { wholeNumber } from './kind.js';
import { defineSettings, setting, type ValuesOf } from './setting.js';
import { adminPort, checkSasl, processSettings } from './shared.js';

export const optimizerSettings = defineSettings({
  name: 'optimizer',
  about: 'Shares out the capacity of sites. Instances share out the partitions.',
  settings: {
    tickMs: setting({
      kind: wholeNumber(1, 60_000),
      help: 'milliseconds from a change of a site to solving it, so that what comes together is solved together',
      default: 20,
    }),
    adminPort: adminPort(9403),
    ...processSettings,
  },
  check: checkSasl,
});

export type OptimizerSettings = ValuesOf<typeof optimizerSettings>;
