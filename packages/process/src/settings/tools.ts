import { defineSettings, type ValuesOf } from './setting.js';
import { backboneSettings, checkSasl } from './shared.js';

export const toolSettings = defineSettings({
  name: 'tools',
  about: 'Of `rebuild`, `export` and `import`, where they work on Kafka and the event store.',
  settings: backboneSettings,
  check: checkSasl,
});

export type ToolSettings = ValuesOf<typeof toolSettings>;
