import { duration, keyBytes, port } from './kind.js';
import { defineSettings, setting, type ValuesOf } from './setting.js';
import { address, adminPort, checkSasl, processSettings } from './shared.js';

export const ingressSettings = defineSettings({
  name: 'ingress',
  about: 'Takes the connections of stations. As many as you like; any station may connect to any of them.',
  settings: {
    host: setting({ kind: address, help: 'where stations connect', default: '127.0.0.1' }),
    ocppPort: setting({ kind: port, help: 'the port for stations; 0 is any free one', default: 9220 }),
    pseudonymKey: setting({
      kind: keyBytes(32),
      help: 'makes the pseudonyms of id tokens: the same for every instance, and for ever',
      secret: true,
    }),
    drainTimeout: setting({
      kind: duration,
      help: 'how long closing may take, once told to end',
      default: 10_000,
    }),
    adminPort: adminPort(9401),
    ...processSettings,
  },
  check: checkSasl,
});

export type IngressSettings = ValuesOf<typeof ingressSettings>;
