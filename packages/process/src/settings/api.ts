import { anyText, listOf, port } from './kind.js';
import { defineSettings, setting, type ValuesOf } from './setting.js';
import { address, adminPort, checkSasl, processSettings } from './shared.js';

export const apiSettings = defineSettings({
  name: 'api',
  about: 'HTTP API and page, on a copy of the log of its own.',
  settings: {
    host: setting({ kind: address, help: 'where the API and the page are served', default: '127.0.0.1' }),
    port: setting({ kind: port, help: 'the port for them; 0 is any free one', default: 8220 }),
    tokens: setting({
      kind: anyText('<file>', 'a file'),
      help: 'API tokens; needed on an address that others can reach',
      default: null,
    }),
    data: setting({
      kind: anyText('<directory>', 'a directory'),
      help: 'where the copy of the log is kept; made anew when it is lost',
      default: '.ampledger/api',
    }),
    sites: setting({
      kind: listOf(anyText('<file>', 'site files'), 'site files'),
      help: 'site files to configure at the start',
      default: null,
    }),
    adminPort: adminPort(9405),
    ...processSettings,
  },
  check: checkSasl,
});

export type ApiSettings = ValuesOf<typeof apiSettings>;
