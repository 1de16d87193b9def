// Moves the bus to the event store, for the partitions that this process owns: exactly once in effect,
// whatever dies at whatever moment, and however many believe to own a partition.

import type { Ownership } from '@ampledger/ports';
import { OFFSETS_AHEAD_MAX } from '@ampledger/recording';
import { DEFAULTS, type PartitionStatus, type Recorder, type RecorderDeps } from './contract.js';
import { atMost } from './effort.js';
import { METRIC, NO_METRICS } from './metrics.js';
import { createPartitionKeeper, type PartitionKeeper } from './partition-keeper.js';
import type { TenureDeps } from './tenure.js';

/** Joins the group; recording begins as partitions are assigned. */
export async function createRecorder(given: RecorderDeps): Promise<Recorder> {
  const { clock, bus, metrics = NO_METRICS } = given;
  const options = { ...DEFAULTS, ...given.options };
  options.batchEvents = Math.min(options.batchEvents, OFFSETS_AHEAD_MAX);
  const keepers = new Map<number, PartitionKeeper>();
  const lags = new Map<number, number>();
  let closing = false;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let ownership: Ownership | undefined;
  const owned = (): Pick<Ownership, 'commit'> => ownership ?? { commit: async () => undefined };
  const tenureDeps = (partition: number): TenureDeps => ({
    ...{ ...given, metrics, options, partition },
    ownership: owned,
  });
  const keeperOf = (partition: number): PartitionKeeper => {
    const known = keepers.get(partition);
    if (known) return known;
    const keeper = createPartitionKeeper(tenureDeps(partition), fail);
    keepers.set(partition, keeper);
    return keeper;
  };
  const stopAll = (rest: 'give-out' | 'drop'): Promise<unknown> =>
    Promise.all([...keepers.values()].map((keeper) => keeper.revoke(rest)));

  const partitions = (): readonly PartitionStatus[] =>
    [...keepers].flatMap(([partition, keeper]) => {
      const status = keeper.status();
      return status ? [{ ...status, lagEvents: lags.get(partition) ?? 0 }] : [];
    });
  const look = async (): Promise<void> => {
    const now = clock.now();
    for (const { partition, recordedTo, lagS } of partitions()) {
      const { next } = await bus.offsets(partition);
      if (keepers.get(partition)?.status() === undefined) continue;
      const label = { partition: String(partition) };
      lags.set(partition, Math.max(0, next - 1 - recordedTo));
      metrics.gauge(METRIC.lagEvents, lags.get(partition) ?? 0, label);
      metrics.gauge(METRIC.lagSeconds, lagS, label);
      const takenAt = keepers.get(partition)?.snapshotTakenAt();
      if (takenAt !== undefined) metrics.gauge(METRIC.snapshotAge, (now - takenAt) / 1000, label);
    }
  };
  const forgetLag = (partition: number): void => {
    lags.delete(partition);
    const label = { partition: String(partition) };
    metrics.gauge(METRIC.lagEvents, 0, label);
    metrics.gauge(METRIC.lagSeconds, 0, label);
    metrics.gauge(METRIC.snapshotAge, 0, label);
  };
  let gauging = clock.after(options.gaugeMs, function again() {
    const next = (): void => {
      if (!closing) gauging = clock.after(options.gaugeMs, again);
    };
    // The bus may be away for a while: then the lag is that of the last look.
    look().then(next, next);
  });

  ownership = await given.join({
    assigned(partition) {
      if (!closing) keeperOf(partition).assign();
    },
    revoked(partition) {
      void keepers.get(partition)?.revoke('drop');
      forgetLag(partition);
    },
  });
  ownership.failed.catch(fail);
  const leave = ownership;

  return {
    failed,
    partitions,
    ready: () => readiness(partitions(), options.lagReadyMaxS),
    async close() {
      closing = true;
      gauging.cancel();
      await atMost(clock, options.closeTimeoutMs, stopAll('give-out'));
      await atMost(clock, options.closeTimeoutMs, leave.close());
    },
  };
}

function readiness(
  partitions: readonly PartitionStatus[],
  lagMaxS: number,
): { readonly ready: boolean; readonly reasons: readonly string[] } {
  const reasons = partitions.flatMap(({ partition, phase, lagS, trouble }) => {
    if (phase === 'waiting') return [`partition ${partition}: ${trouble}`];
    if (phase !== 'recording') return [`partition ${partition}: ${phase}`];
    return lagS > lagMaxS ? [`partition ${partition}: ${Math.round(lagS)} s behind`] : [];
  });
  return { ready: reasons.length === 0, reasons };
}
