// The way to Kafka and to the event store, the same for every process.

import { type KafkaBus, type KafkaBusOptions, openKafkaBus } from '@ampledger/kafka-bus';
import { sleep, systemClock } from '@ampledger/kernel';
import { createKurrentSnapshots, type KurrentStore, openKurrentStore } from '@ampledger/kurrent-store';
import type { Bus, NewEvent, PartitionedBus, SnapshotStore } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import type { Health, Log, Metrics } from '@ampledger/process';
import { EVENT_BYTES_MAX } from '@ampledger/recording';
import { checkEvent } from './check-event.js';
import { PROCESS_METRIC } from './metrics.js';
import { watchReachable } from './reachable.js';

export interface BackboneSettings {
  readonly kafkaBrokers: readonly string[];
  readonly kafkaTopic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly kafkaRetention: number;
  readonly kafkaSsl: boolean;
  readonly kafkaSaslMechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | null;
  readonly kafkaSaslUsername: string | null;
  readonly kafkaSaslPassword: string | null;
  readonly eventStoreUrl: string;
  readonly instance: string;
  /** Of the recorder. */
  readonly snapshotsKept?: number;
  readonly meterRetention?: number | 'forever';
}

export interface Backbone {
  readonly bus: PartitionedBus;
  readonly join: KafkaBus['join'];
  readonly bury: KafkaBus['bury'];
  readonly store: KurrentStore;
  readonly snapshots: SnapshotStore;
  close(): Promise<void>;
}

/** Events that may wait to be sent before the process says that it does not keep up. */
const QUEUED_EVENTS_READY_MAX = 20_000;
/** Bus and store may come up after us. */
const OPEN_TRIES_MS = 120_000;
const OPEN_PAUSE_MS = 1_000;

/** What the event store would refuse, with what the recorder adds to it, never gets on the bus. */
export const PUBLISHED_BYTES_MAX = EVENT_BYTES_MAX - 4_096;

export interface BackboneDeps {
  readonly name: string;
  readonly settings: BackboneSettings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
}

export async function openBackbone(deps: BackboneDeps): Promise<Backbone> {
  const { settings, log, metrics, health } = deps;
  const kafka = await insist('Kafka', log, () => openBus(deps));
  try {
    const store = await insist('the event store', log, () => openStore(deps));
    const snapshots = createKurrentSnapshots(
      store,
      settings.snapshotsKept === undefined ? {} : { kept: settings.snapshotsKept },
    );
    health.watch(() => {
      const { queuedEvents } = kafka.stats();
      metrics.gauge(PROCESS_METRIC.queuedEvents, queuedEvents);
      return queuedEvents > QUEUED_EVENTS_READY_MAX
        ? [`${queuedEvents} events wait to be sent to Kafka`]
        : [];
    });
    const reachable = watchReachable({ bus: kafka, health, clock: systemClock });
    return {
      bus: measured(kafka, metrics),
      join: (options, listener) => kafka.join(options, listener),
      bury: (poison) => kafka.bury(poison),
      store,
      snapshots,
      async close() {
        reachable.close();
        await kafka.close();
        await store.close();
      },
    };
  } catch (error) {
    await kafka.close();
    throw error;
  }
}

type SaslSettings = Pick<
  BackboneSettings,
  'kafkaSsl' | 'kafkaSaslMechanism' | 'kafkaSaslUsername' | 'kafkaSaslPassword'
>;

/** How to speak with the brokers and as whom. */
export function securityOf(settings: SaslSettings): Pick<KafkaBusOptions, 'ssl' | 'sasl'> {
  const {
    kafkaSaslMechanism: mechanism,
    kafkaSaslUsername: username,
    kafkaSaslPassword: password,
  } = settings;
  const ssl = settings.kafkaSsl ? { ssl: true } : {};
  if (mechanism === null || username === null || password === null) return ssl;
  // kafkajs tells the mechanisms apart by their literal.
  switch (mechanism) {
    case 'plain':
      return { ...ssl, sasl: { mechanism, username, password } };
    case 'scram-sha-256':
      return { ...ssl, sasl: { mechanism, username, password } };
    case 'scram-sha-512':
      return { ...ssl, sasl: { mechanism, username, password } };
  }
}

function openBus({ name, settings, log, metrics }: BackboneDeps): Promise<KafkaBus> {
  let bus: KafkaBus | undefined;
  const isRecorder = name === 'recorder';
  return openKafkaBus({
    brokers: settings.kafkaBrokers,
    clientId: `ampledger-${name}-${settings.instance}`,
    topic: settings.kafkaTopic,
    partitions: settings.partitions,
    replicationFactor: settings.replicationFactor,
    retentionMs: settings.kafkaRetention,
    ...securityOf(settings),
    eventBytesMax: PUBLISHED_BYTES_MAX,
    check: checkEvent,
    onPoison: async (poison) => {
      const { partition, offset, error } = poison;
      metrics.count(PROCESS_METRIC.deadLetters);
      log.error({ partition, offset, error }, 'a message that no process can read');
      // One keeps it: whoever owns the recording.
      if (isRecorder) await bus?.bury(poison);
    },
    onWarning: (fields, message) => log.warn(fields, message),
  }).then((opened) => {
    bus = opened;
    return opened;
  });
}

const DAY_S = 86_400;

function openStore({ settings, log }: BackboneDeps): Promise<KurrentStore> {
  const { eventStoreUrl: url, meterRetention = 'forever' } = settings;
  const maxAgeS = meterRetention === 'forever' ? null : Math.max(DAY_S, Math.floor(meterRetention / 1000));
  return openKurrentStore({
    url,
    // Only streams of meter values outside sessions: nothing that a state is rebuilt from for long.
    ...(maxAgeS === null
      ? {}
      : { retention: (stream: string) => (/^p\d+\.meter-/.test(stream) ? { maxAgeS } : null) }),
    onWarning: (message: string) => log.warn({}, message),
  });
}

function measured(bus: PartitionedBus, metrics: Metrics): PartitionedBus {
  const publish = async <T>(publishing: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      const published = await publishing();
      metrics.observe(PROCESS_METRIC.publishSeconds, (performance.now() - started) / 1000);
      return published;
    } catch (error) {
      metrics.count(PROCESS_METRIC.publishFailures, {
        code: error instanceof PortError ? error.code : 'UNKNOWN',
      });
      throw error;
    }
  };
  const buses = new Map<number, Bus>();
  return {
    topic: bus.topic,
    partitions: bus.partitions,
    partitionOf: (key) => bus.partitionOf(key),
    offsets: (partition) => bus.offsets(partition),
    close: () => bus.close(),
    publish: (events: readonly NewEvent[]) => publish(() => bus.publish(events)),
    partition(partition) {
      const known = buses.get(partition);
      if (known !== undefined) return known;
      const plain = bus.partition(partition);
      const made: Bus = {
        publish: (events) => publish(() => plain.publish(events)),
        subscribe: (options, handler) => plain.subscribe(options, handler),
      };
      buses.set(partition, made);
      return made;
    },
  };
}

/** Tries again while it cannot be reached, for a while. */
export async function insist<T>(what: string, log: Log, open: () => Promise<T>): Promise<T> {
  const until = systemClock.now() + OPEN_TRIES_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof PortError && error.canRetry) || systemClock.now() > until) throw error;
      log.warn({ err: { message: error.message } }, `${what} cannot be reached yet`);
      await sleep(systemClock, OPEN_PAUSE_MS);
    }
  }
}
