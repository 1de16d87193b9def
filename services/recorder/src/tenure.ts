// One partition, from the moment we take it over until we are told to stop or somebody else takes it.
// Recording a batch: its events, side by side; then the marker; only then the offset, the fold, the snapshots.

import { setMaxListeners } from 'node:events';
import type { CodedError } from '@ampledger/kernel';
import { type Ownership, positionThrough } from '@ampledger/ports';
import { type Fold, foldEvent } from '@ampledger/projection';
import { offsetsLost, type RecordedPartition, recordedStream, restorePartition } from '@ampledger/recording';
import type { Metrics, PartitionPhase, PartitionStatus, RecorderDeps, RecorderOptions } from './contract.js';
import { createEffort, type Effort, inParallel, TenureEnd } from './effort.js';
import { type Batch, type Entry, Intake } from './intake.js';
import { type MarkerLine, takeOver } from './marker-line.js';
import { METRIC } from './metrics.js';
import { buryRefused, storeRefusesTooMuch } from './poison.js';
import { createSnapshotKeeper, type SnapshotKeeper } from './snapshot-keeper.js';
import { type AppendedStream, StreamAppender } from './stream-appender.js';

export interface TenureDeps extends Omit<RecorderDeps, 'options' | 'join' | 'metrics'> {
  readonly partition: number;
  readonly options: RecorderOptions;
  readonly metrics: Metrics;
  readonly ownership: () => Pick<Ownership, 'commit'>;
}

export interface Tenure {
  /** How it ended; rejects when it failed for good. */
  readonly ended: Promise<'stopped' | 'superseded'>;
  status(): Omit<PartitionStatus, 'lagEvents'>;
  snapshotTakenAt(): number | undefined;
  /** Ends after what is being written; `give-out`: and what has been gathered. Tries nothing again. */
  stop(rest: 'give-out' | 'drop'): void;
}

/** What a tenure has once it has taken over. */
interface Recording {
  readonly fold: Fold;
  readonly intake: Intake;
  readonly markers: MarkerLine;
  readonly appender: StreamAppender;
  readonly keeper: SnapshotKeeper;
}

export function beginTenure(deps: TenureDeps): Tenure {
  return new RunningTenure(deps);
}

class RunningTenure implements Tenure {
  readonly #deps: TenureDeps;
  readonly #of: RecordedPartition;
  readonly #stop = new AbortController();
  readonly #effort: Effort;
  readonly ended: Promise<'stopped' | 'superseded'>;
  #recording: Recording | undefined;
  readonly #begunAt: number;
  #done = -1;
  #phase: Exclude<PartitionPhase, 'waiting'> = 'restoring';
  #trouble: CodedError | undefined;
  #batch: Batch | undefined;
  #committing: Promise<void> | undefined;

  constructor(deps: TenureDeps) {
    this.#deps = deps;
    this.#begunAt = deps.clock.now();
    const { topic, partitions } = deps.bus;
    this.#of = { topic, partitions, partition: deps.partition };
    const { retryFirstMs, retryMaxMs } = deps.options;
    // As many as there are appends in flight wait for it at once.
    setMaxListeners(0, this.#stop.signal);
    const pauses = { firstMs: retryFirstMs, maxMs: retryMaxMs };
    const onTrouble = (error: CodedError | undefined): void => this.#onTrouble(error);
    this.#effort = createEffort({ clock: deps.clock, stop: this.#stop.signal, ...pauses, onTrouble });
    this.ended = this.#run();
  }

  status(): Omit<PartitionStatus, 'lagEvents'> {
    // Until it has taken over it has nothing in hand, and is behind by as long as that takes.
    const oldestAt =
      this.#recording === undefined
        ? this.#begunAt
        : (this.#batch?.entries[0]?.event.meta.receivedAt ?? this.#recording.intake.oldestAt);
    return {
      partition: this.#deps.partition,
      phase: this.#trouble === undefined ? this.#phase : 'waiting',
      recordedTo: this.#done,
      lagS: oldestAt === undefined ? 0 : Math.max(0, this.#deps.clock.now() - oldestAt) / 1000,
      trouble: this.#trouble?.message ?? null,
    };
  }

  snapshotTakenAt(): number | undefined {
    return this.#recording?.keeper.takenAt();
  }

  stop(rest: 'give-out' | 'drop'): void {
    this.#stop.abort();
    this.#recording?.intake.end(rest);
  }

  async #run(): Promise<'stopped' | 'superseded'> {
    try {
      await this.#takeOver();
      await this.#record();
      return 'stopped';
    } catch (error) {
      if (!(error instanceof TenureEnd)) throw error;
      if (error.code === 'STOPPED') return 'stopped';
      this.#phase = 'superseded';
      return 'superseded';
    }
  }

  async #takeOver(): Promise<void> {
    const { store, snapshots, clock, options, metrics, log } = this.#deps;
    const of = this.#of;
    const effort = this.#effort;
    const markers = await takeOver({ store, effort, clock, of }, options.instance);
    metrics.count(METRIC.takeovers);
    // What a recorder after us writes is no business of ours: we go on from where we took over.
    const { takenAt } = markers;
    const onPage = (): void => {
      if (this.#stop.signal.aborted) throw new TenureEnd('STOPPED');
    };
    const restored = await effort(() =>
      restorePartition({ store, snapshots, ...of, toOffset: takenAt, onPage }),
    );
    const { partitions } = of;
    this.#recording = {
      fold: restored.fold,
      intake: new Intake({ clock, partitions, done: takenAt, options }),
      markers,
      appender: new StreamAppender({ store, effort, of, streamsKept: options.streamsKept }),
      keeper: createSnapshotKeeper({
        ...{ snapshots, clock, of, options },
        start: { takenAt, storePosition: restored.storePosition, positions: restored.snapshotPositions },
        onFailed: (error) => this.#onSnapshotFailed(error),
      }),
    };
    this.#done = takenAt;
    const { eventsRead, snapshotsUsed } = restored;
    log.info({ partition: of.partition, takenAt, eventsRead, snapshotsUsed }, 'partition taken over');
    await this.#countLost();
  }

  async #countLost(): Promise<void> {
    const { bus, partition, metrics, log } = this.#deps;
    const lost = await this.#effort(() => offsetsLost(bus, partition, this.#done + 1));
    if (lost === 0) return;
    metrics.add(METRIC.lost, lost);
    log.error(
      { partition, recordedTo: this.#done, lost },
      'the bus forgot events before they were recorded: it must keep them longer',
    );
  }

  async #record(): Promise<void> {
    const recording = this.#recording;
    if (recording === undefined) return;
    const { intake } = recording;
    if (this.#stop.signal.aborted) return;
    const { bus, partition } = this.#deps;
    const after = positionThrough({ partition, offset: this.#done }, bus.partitions);
    const onPassed = (position: number): void => intake.passed(position);
    const subscription = bus.partition(partition).subscribe({ after, onPassed }, (e) => intake.give(e));
    subscription.failed.catch(() => undefined);
    this.#phase = 'recording';
    try {
      await Promise.race([this.#recordBatches(recording), subscription.failed]);
    } finally {
      intake.end('drop');
      await subscription.close();
      await recording.keeper.settled();
      while (this.#committing !== undefined) await this.#committing;
    }
  }

  async #recordBatches(recording: Recording): Promise<void> {
    for (let batch = await recording.intake.take(); batch; batch = await recording.intake.take()) {
      this.#batch = batch;
      await this.#recordBatch(recording, batch);
      this.#batch = undefined;
    }
  }

  async #recordBatch(recording: Recording, batch: Batch): Promise<void> {
    const { clock, metrics, partition } = this.#deps;
    const startedAt = clock.now();
    const appended = await this.#append(recording.appender, batch.entries);
    const refused = appended.flatMap((stream) => stream.refused);
    await buryRefused(this.#deps, this.#effort, refused);
    const skipped = refused.map(({ entry }) => entry.offset).sort((a, b) => a - b);
    const markerPosition = await recording.markers.append(batch.to, skipped);
    this.#done = batch.to;
    metrics.observe(METRIC.appendSeconds, (clock.now() - startedAt) / 1000);
    this.#commit();
    const left = new Set([...skipped, ...appended.flatMap(({ repeated }) => repeated.map((e) => e.offset))]);
    const recorded = batch.entries.filter(({ offset }) => !left.has(offset));
    for (const { event } of recorded) foldEvent(recording.fold, event);
    const place = { partition, offset: batch.to };
    recording.fold.position = positionThrough(place, this.#of.partitions);
    const progress = { events: recorded.length, to: batch.to, markerPosition };
    recording.keeper.recorded(recording.fold, progress);
    this.#count(recorded.length, appended);
  }

  /** All streams of the batch; never two appends to one of them at once. */
  async #append(appender: StreamAppender, entries: readonly Entry[]): Promise<readonly AppendedStream[]> {
    const { options, partition } = this.#deps;
    const appended: AppendedStream[] = [];
    let refused = 0;
    // After a failure nobody goes on trying: the others' efforts would keep it from being seen.
    const how = { limit: options.appendsInFlight, onFailure: () => this.#stop.abort() };
    await inParallel(byStream(entries, partition), how, async ([stream, part]) => {
      const one = await appender.append(stream, part, this.#done);
      appended.push(one);
      refused += one.refused.length;
      if (refused > options.refusedPerBatchMax) throw storeRefusesTooMuch(refused, one.refused);
    });
    return appended;
  }

  #count(recorded: number, appended: readonly AppendedStream[]): void {
    const { metrics } = this.#deps;
    let present = 0;
    let repeated = 0;
    for (const stream of appended) {
      present += stream.present;
      repeated += stream.repeated.length;
    }
    metrics.add(METRIC.recorded, recorded - present);
    if (present > 0) metrics.add(METRIC.duplicates, present, { reason: 'present' });
    if (repeated > 0) metrics.add(METRIC.duplicates, repeated, { reason: 'repeated' });
    metrics.observe(METRIC.batchEvents, recorded);
  }

  /** For those who watch the group's lag; nothing depends on it, so it is not waited for. */
  #commit(): void {
    const { ownership, partition, log } = this.#deps;
    const offset = this.#done;
    if (offset < 0 || this.#committing !== undefined) return;
    this.#committing = ownership()
      .commit({ partition, offset })
      .catch((error: unknown) => log.warn({ err: error, partition }, 'the offset could not be committed'))
      .then(() => {
        this.#committing = undefined;
        if (this.#done > offset) this.#commit();
      });
  }

  #onTrouble(error: CodedError | undefined): void {
    const { metrics, log, partition } = this.#deps;
    if (error !== undefined) metrics.count(METRIC.retries, { code: error.code });
    if (error !== undefined && this.#trouble === undefined) {
      log.warn({ err: error, partition }, 'the event store does not answer; trying again');
    }
    if (error === undefined && this.#trouble !== undefined) {
      log.info({ partition }, 'the event store answers again');
    }
    this.#trouble = error;
  }

  #onSnapshotFailed(error: unknown): void {
    const { metrics, log, partition } = this.#deps;
    metrics.count(METRIC.snapshotFailures);
    log.warn({ err: error, partition }, 'snapshots could not be kept; the next start takes longer');
  }
}

/** Each stream's part of a batch, in the order of the bus, under the name that it is recorded by. */
function byStream(entries: readonly Entry[], partition: number): readonly (readonly [string, Entry[]])[] {
  const streams = new Map<string, Entry[]>();
  for (const entry of entries) {
    const known = streams.get(entry.event.stream);
    if (known) known.push(entry);
    else streams.set(entry.event.stream, [entry]);
  }
  return [...streams].map(([stream, part]) => [recordedStream(partition, stream), part]);
}
