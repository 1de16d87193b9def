// A cluster as the source or the target of a history: read from the event store, written to the bus, from
// where the recorder takes it.

import { type KafkaBus, openKafkaBus } from '@ampledger/kafka-bus';
import { sleep, systemClock } from '@ampledger/kernel';
import { type KurrentStore, openKurrentStore } from '@ampledger/kurrent-store';
import { placeOf, type RecordedEvent } from '@ampledger/ports';
import { loadSettings, type ToolSettings, toolSettings } from '@ampledger/process';
import { newestMarker, type RecordedPartition, readRecorded } from '@ampledger/recording';
import { CliError, EXIT } from '../exit.js';
import { PUBLISHED_BYTES_MAX, securityOf } from '../processes/backbone.js';
import { checkEvent } from '../processes/check-event.js';
import type { HistorySource } from './source.js';
import type { HistoryTarget } from './target.js';

const RECORD_MS_MAX = 600_000;
/** Without any progress of the recorder for so long, there is none. */
const STANDSTILL_MS_MAX = 60_000;
const LOOK_MS = 250;
const DECIDERS = ['optimizer', 'command'] as const;

export function clusterSettings(flags: Readonly<Record<string, unknown>>): ToolSettings {
  const loaded = loadSettings(toolSettings, { flags });
  if (!loaded.ok) throw new CliError(EXIT.badInput, loaded.error.join('\n'));
  return loaded.value.values;
}

export async function openClusterSource(settings: ToolSettings): Promise<HistorySource> {
  const store = await openStore(settings);
  return {
    pages: () => recordedPages(store, settings),
    // Positions of several partitions have no common end: the bar then only says that it goes on.
    lastPosition: async () => {
      let last = 0;
      for (let partition = 0; partition < settings.partitions; partition++) {
        const offset = await recordedOffset(store, partitionOf(settings, partition));
        last = Math.max(last, (offset + 1) * settings.partitions);
      }
      return last;
    },
    close: () => store.close(),
  };
}

/**
 * Refuses while an optimizer or a command service runs: in the midst of a history they would take its
 * connections for living ones and decide. Ingress may run, but its stations' sites must not be among those imported.
 */
export async function openClusterTarget(settings: ToolSettings): Promise<HistoryTarget> {
  if (settings.kafkaBrokers === null)
    throw new CliError(EXIT.badInput, 'Name the brokers with --kafka-brokers or AMPLEDGER_KAFKA_BROKERS.');
  const store = await openStore(settings);
  const bus = await openBus(settings, settings.kafkaBrokers).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const target = new ClusterTarget(bus, store, settings);
  try {
    await target.refuseDeciders();
    await target.recorded();
    return target;
  } catch (error) {
    await target.end();
    throw error;
  }
}

class ClusterTarget implements HistoryTarget {
  readonly #bus: KafkaBus;
  readonly #store: KurrentStore;
  readonly #settings: ToolSettings;
  /** The last offset published to each partition. */
  readonly #offsets = new Map<number, number>();

  constructor(bus: KafkaBus, store: KurrentStore, settings: ToolSettings) {
    this.#bus = bus;
    this.#store = store;
    this.#settings = settings;
  }

  async refuseDeciders(): Promise<void> {
    for (const role of DECIDERS) {
      const members = await this.#bus.members(`${this.#settings.kafkaTopic}.${role}`);
      if (members === 0) continue;
      throw new CliError(
        EXIT.cannotStart,
        `${members} ${role} ${members === 1 ? 'process runs' : 'processes run'} on this cluster, and would decide in the midst of the history. Stop them, import, and start them again.`,
      );
    }
  }

  existing(): AsyncIterable<readonly RecordedEvent[]> {
    return recordedPages(this.#store, this.#settings);
  }

  async publish(events: Parameters<HistoryTarget['publish']>[0]): ReturnType<HistoryTarget['publish']> {
    const published = await this.#bus.publish(events);
    for (const { position } of published) {
      const { partition, offset } = placeOf(position, this.#bus.partitions);
      this.#offsets.set(partition, Math.max(offset, this.#offsets.get(partition) ?? -1));
    }
    return published;
  }

  /** Everything that is on the bus has come to the store. */
  async recorded(): Promise<void> {
    for (let partition = 0; partition < this.#bus.partitions; partition++) {
      const { first, next } = await this.#bus.offsets(partition);
      if (next > first) await this.#recordedTo(partition, this.#offsets.get(partition) ?? next - 1);
    }
  }

  async close(): Promise<void> {
    try {
      for (const [partition, offset] of this.#offsets) await this.#recordedTo(partition, offset);
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    await this.#bus.close();
    await this.#store.close();
  }

  async #recordedTo(partition: number, offset: number): Promise<void> {
    const started = systemClock.now();
    let last = -2;
    let movedAt = started;
    for (;;) {
      const recorded = await recordedOffset(this.#store, partitionOf(this.#settings, partition));
      const now = systemClock.now();
      if (recorded >= offset) return;
      if (recorded > last) [last, movedAt] = [recorded, now];
      if (now - movedAt > STANDSTILL_MS_MAX || now - started > RECORD_MS_MAX) {
        throw new CliError(
          EXIT.cannotStart,
          `Partition ${partition} is recorded up to offset ${recorded}, and ${offset} is on the bus. Start a recorder, and import again: what is there already is passed by.`,
        );
      }
      await sleep(systemClock, LOOK_MS);
    }
  }
}

/** How far the partition is in the store; -1: nothing. */
const recordedOffset = async (store: KurrentStore, of: RecordedPartition): Promise<number> =>
  (await newestMarker(store, of))?.to ?? -1;

const partitionOf = ({ kafkaTopic: topic, partitions }: ToolSettings, partition: number) => ({
  topic,
  partition,
  partitions,
});

function openStore({ eventStoreUrl }: ToolSettings): Promise<KurrentStore> {
  if (eventStoreUrl === null)
    throw new CliError(
      EXIT.badInput,
      'Name a data directory with --data, or a cluster by --event-store-url or AMPLEDGER_EVENT_STORE_URL.',
    );
  return openKurrentStore({
    url: eventStoreUrl,
    onWarning: (message: string) => void process.stderr.write(`warning: ${message}\n`),
  });
}

function openBus(settings: ToolSettings, brokers: readonly string[]): Promise<KafkaBus> {
  return openKafkaBus({
    brokers,
    clientId: 'ampledger-import',
    topic: settings.kafkaTopic,
    partitions: settings.partitions,
    // The topic is there: a recorder runs on it.
    replicationFactor: 1,
    ...securityOf(settings),
    eventBytesMax: PUBLISHED_BYTES_MAX,
    check: checkEvent,
  });
}

/** One partition after the other; a site is in one of them. */
async function* recordedPages(
  store: KurrentStore,
  settings: ToolSettings,
): AsyncGenerator<readonly RecordedEvent[]> {
  for (let partition = 0; partition < settings.partitions; partition++)
    yield* readRecorded({ store, ...partitionOf(settings, partition), afterOffset: -1 });
}
