// What the recorder needs and what it offers.

import type { Clock } from '@ampledger/kernel';
import type {
  EventStore,
  Ownership,
  OwnershipListener,
  PartitionedBus,
  RecordedEvent,
  SnapshotStore,
} from '@ampledger/ports';

/** Compatible with pino. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type Labels = Readonly<Record<string, string>>;

/** Names, kinds and labels stand in metrics.ts. */
export interface Metrics {
  count(name: string, labels?: Labels): void;
  /** A counter goes up by so many. */
  add(name: string, by: number, labels?: Labels): void;
  observe(name: string, value: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
}

export interface RecorderOptions {
  /** Who we are, for those who read the markers. */
  readonly instance: string;
  /** A batch is written when it has so many events, at most OFFSETS_AHEAD_MAX, */
  readonly batchEvents: number;
  /** or weighs so much, */
  readonly batchBytes: number;
  /** or its first event has waited so long. */
  readonly batchMs: number;
  /** Appends of one partition that are on their way at once, to as many streams. */
  readonly appendsInFlight: number;
  /** Streams of one partition whose end is remembered. */
  readonly streamsKept: number;
  /** Snapshots are taken after so many events of a partition, */
  readonly snapshotEvery: number;
  /** or this long after the last, when there were any. */
  readonly snapshotMs: number;
  /** Between tries while the store cannot be reached: the first pause, doubled up to the longest. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** After somebody else took over a partition that the group says is ours: when to take it back. */
  readonly retakeMs: number;
  /** Events of one batch that the store may refuse; with more the fault is the store's. */
  readonly refusedPerBatchMax: number;
  /** How often the lag is looked at. */
  readonly gaugeMs: number;
  /** A partition that is this far behind is not ready. */
  readonly lagReadyMaxS: number;
  readonly closeTimeoutMs: number;
}

export interface RecorderDeps {
  readonly bus: Pick<PartitionedBus, 'topic' | 'partitions' | 'partition' | 'offsets'>;
  /** Enters the group of recorders. */
  readonly join: (listener: OwnershipListener) => Promise<Ownership>;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** Awaited before anything after the event counts as recorded: where what the store refuses is kept. */
  readonly onPoison?: (event: RecordedEvent, reason: string) => Promise<void>;
  readonly options: Partial<RecorderOptions> & Pick<RecorderOptions, 'instance'>;
}

/** `restoring`: taking over. `recording`. `waiting`: the store cannot be reached. `superseded`: somebody else has it. */
export type PartitionPhase = 'restoring' | 'recording' | 'waiting' | 'superseded';

export interface PartitionStatus {
  readonly partition: number;
  readonly phase: PartitionPhase;
  /** Everything up to this offset is in the store; -1: nothing, or not known yet. */
  readonly recordedTo: number;
  readonly lagEvents: number;
  /** How long the oldest event that is in hand has been waiting since its receipt. */
  readonly lagS: number;
  /** What the store said, while `waiting`. */
  readonly trouble: string | null;
}

export interface Recorder {
  /** Rejects when a partition fails for good: the process should end and restart. */
  readonly failed: Promise<never>;
  partitions(): readonly PartitionStatus[];
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] };
  /** Records what is in hand, commits, and leaves the group; gives up after `closeTimeoutMs`. */
  close(): Promise<void>;
}

export const DEFAULTS: Omit<RecorderOptions, 'instance'> = {
  batchEvents: 2_000,
  batchBytes: 16 * 1024 * 1024,
  batchMs: 250,
  appendsInFlight: 64,
  streamsKept: 20_000,
  snapshotEvery: 20_000,
  snapshotMs: 600_000,
  retryFirstMs: 100,
  retryMaxMs: 5_000,
  retakeMs: 5_000,
  refusedPerBatchMax: 16,
  gaugeMs: 5_000,
  lagReadyMaxS: 60,
  closeTimeoutMs: 10_000,
};
