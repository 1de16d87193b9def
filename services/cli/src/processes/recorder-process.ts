// The recorder as a process.

import type { Poison } from '@ampledger/kafka-bus';
import { placeOf, type RecordedEvent } from '@ampledger/ports';
import { recorderSettings } from '@ampledger/process';
import { createRecorder, METRIC_DEFINITIONS } from '@ampledger/recorder';
import { PROCESS_METRIC } from './metrics.js';
import type { ProcessKind, ProcessPart } from './shell.js';

const CLOSE_MS_MAX = 12_000;

export const recorderProcess: ProcessKind<typeof recorderSettings.settings> = {
  definition: recorderSettings,
  metrics: METRIC_DEFINITIONS,
  closeMsMax: () => CLOSE_MS_MAX,
  start: async (shell): Promise<ProcessPart> => {
    const { backbone, clock, health, log, metrics, settings } = shell;
    const { bus, store, snapshots } = backbone;
    const { instance, batchEvents, batchMs, snapshotEvery } = settings;
    const recorder = await createRecorder({
      bus,
      join: (listener) => backbone.join({ group: `${settings.kafkaTopic}.recorder`, instance }, listener),
      store,
      snapshots,
      clock,
      log,
      metrics,
      onPoison: (event, reason) => backbone.bury(asPoison(event, reason, bus.partitions)),
      options: { instance, batchEvents, batchMs, snapshotEvery },
    });
    health.watch(() => recorder.ready().reasons);
    metrics.beforeText(() =>
      metrics.gauge(PROCESS_METRIC.partitionsOwned, recorder.partitions().length, { role: 'recorder' }),
    );
    shell.route('partitions', () => recorder.partitions());
    return recorder;
  },
};

function asPoison(event: RecordedEvent, error: string, partitions: number): Poison {
  const { id, key, stream, type, version, data, meta } = event;
  return {
    ...placeOf(event.position, partitions),
    key: Buffer.from(key),
    headers: { id, stream, type, version: String(version) },
    value: Buffer.from(JSON.stringify({ data, meta })),
    error,
  };
}
