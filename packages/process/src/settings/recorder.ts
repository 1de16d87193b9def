import { durationOrForever, wholeNumber } from './kind.js';
import { defineSettings, setting, type ValuesOf } from './setting.js';
import { adminPort, checkSasl, processSettings } from './shared.js';

export const recorderSettings = defineSettings({
  name: 'recorder',
  about:
    'Moves events from Kafka to the event store and keeps snapshots. Instances share out the partitions.',
  settings: {
    batchEvents: setting({
      kind: wholeNumber(1, 2000),
      help: 'events of a partition that are recorded together, at most',
      default: 2000,
    }),
    batchMs: setting({
      kind: wholeNumber(1, 10_000),
      help: 'milliseconds that an event waits for others to be recorded with, at most',
      default: 250,
    }),
    snapshotEvery: setting({
      kind: wholeNumber(0, 10_000_000),
      help: 'events of a partition between two snapshots; 0 is never',
      default: 20_000,
    }),
    snapshotsKept: setting({
      kind: wholeNumber(1, 1000),
      help: 'snapshots of a site that are kept',
      default: 5,
    }),
    meterRetention: setting({
      kind: durationOrForever,
      help: 'how long the event store keeps meter values; everything else stays for ever',
      default: 'forever',
    }),
    adminPort: adminPort(9402),
    ...processSettings,
  },
  check: checkSasl,
});

export type RecorderSettings = ValuesOf<typeof recorderSettings>;
