// What a Kafka bus is opened with, and what it tells about itself.

import type { Clock } from '@ampledger/kernel';
import type { Ownership, OwnershipListener, PartitionedBus } from '@ampledger/ports';
import type { KafkaConfig } from 'kafkajs';

export interface KafkaBusOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topic: string;
  /** Created with these when it does not exist; an existing topic with another count is refused as INVALID. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Default 7 days. Only for a topic that is created. */
  readonly retentionMs?: number;
  /** A larger event is refused as INVALID; default what the topic takes. */
  readonly eventBytesMax?: number;
  /** How far apart two messages of one id are still known for repetitions; the same for every process. Default 16384. */
  readonly windowOffsets?: number;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /**
   * Reads the window of a partition before the first publish to it, so that `publish` answers a repeated id
   * also after a restart, and follows the partition from then on. Without it such a repetition is answered as
   * new, stored, and delivered to nobody: correct as well, and for a process that publishes to all partitions
   * much cheaper. Default false.
   */
  readonly remember?: boolean;
  /** An accepted publish is answered within this. Default 8 s. */
  readonly deadlineMs?: number;
  /** Events and bytes that wait to be sent; FULL beyond. Default 50,000 and 64 MiB. */
  readonly queueEventsMax?: number;
  readonly queueBytesMax?: number;
  /** Nothing fetched for so long: the consumer is made anew. Default 15 s. */
  readonly stallMs?: number;
  /** Of members (`join`): gone for so long, and others take over. Default 10 s, told every second. */
  readonly sessionTimeoutMs?: number;
  readonly heartbeatMs?: number;
  /** Without membership for so long, `Ownership.failed` rejects. Default 5 minutes. */
  readonly membershipLostMs?: number;
  /** Why an event may not be handed over; null when it may. Throwing ends the subscription (an event of a later release). */
  readonly check?: (event: CheckedEvent) => string | null;
  /** Awaited, in order, before anything after the message is handed over. */
  readonly onPoison?: (poison: Poison) => Promise<void>;
  readonly onWarning?: (fields: object, message: string) => void;
}

export interface CheckedEvent {
  readonly type: string;
  readonly version: number;
  readonly data: object;
}

/** A message that is no event. */
export interface Poison {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  readonly value: Buffer | null;
  /** Why. */
  readonly error: string;
}

export interface KafkaBus extends PartitionedBus {
  join(options: JoinOptions, listener: OwnershipListener): Promise<Ownership>;
  /** How many processes are in the group now, as Kafka sees it. */
  members(group: string): Promise<number>;
  /**
   * To the topic of dead letters (`<topic>.dead-letters`, one partition, created as needed): key, value and
   * headers as they were, and headers error, topic, partition, offset. The same message may be there twice.
   */
  bury(poison: Poison): Promise<void>;
  stats(): KafkaBusStats;
}

export interface JoinOptions {
  readonly group: string;
  /** Name of this process among the members, for those who look at the group. */
  readonly instance: string;
}

export interface KafkaBusStats {
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  readonly batchesSent: number;
  /** Producers and consumers made anew after a fault. */
  readonly producerRestarts: number;
  readonly consumerRestarts: number;
  /** For each partition that is read: how long ago the broker was last heard about it. */
  readonly fetchAgeMs: ReadonlyMap<number, number>;
}

export interface Settings extends KafkaBusOptions {
  readonly clock: Clock;
  readonly windowOffsets: number;
  readonly deadlineMs: number;
  readonly stallMs: number;
  readonly warn: (fields: object, message: string) => void;
}

export function settingsOf(options: KafkaBusOptions, clock: Clock): Settings {
  return {
    ...options,
    clock,
    windowOffsets: options.windowOffsets ?? 16_384,
    deadlineMs: options.deadlineMs ?? 8_000,
    stallMs: options.stallMs ?? 15_000,
    warn: options.onWarning ?? (() => {}),
  };
}
