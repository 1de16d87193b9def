// One kafkajs consumer that reads for all subscriptions of the process: the only member of a group of its own,
// so that no rebalance of others interrupts it. It keeps no offsets; where to read is told after every join.
// It is made anew, in a new group, when it crashes and when it stalls; what an old one still hands over after
// that is ignored (tulios/kafkajs#1593).

import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '@ampledger/kernel';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { messageOf, within } from './deferred.js';
import type { Settings } from './options.js';
import type { Fetch } from './partition-reader.js';
import type { Span } from './topic.js';

const SESSION_MS = 30_000;
const WAIT_MS = 100;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 2_000;
const LEAVE_MS_MAX = 5_000;
const FETCH_BYTES_MAX = 10 * 1_024 * 1_024;
const PARTITION_BYTES_MAX = 1_024 * 1_024;

export interface ReaderDeps {
  readonly kafka: Kafka;
  readonly settings: Settings;
  /** Where the partition wants to be read from; undefined: not at all. */
  readonly fetchFrom: (partition: number) => number | undefined;
  readonly wantsMore: (partition: number) => boolean;
  readonly take: (partition: number, fetch: Fetch) => boolean;
  readonly spans: () => Promise<ReadonlyMap<number, Span>>;
}

/** One consumer's life. */
interface Life {
  readonly consumer: Consumer;
  readonly startedAt: number;
  hasJoined: boolean;
  /** Of any partition. */
  fetchedAt: number;
}

export class Reader {
  readonly #deps: ReaderDeps;
  readonly #clock: Clock;
  readonly #progress = new Map<number, { offset: number; at: number; end: number }>();
  #life: Life | undefined;
  #restarts = 0;
  #pauseMs = PAUSE_MS;
  #isWanted = false;
  #isClosed = false;
  #isComparing = false;
  #timer: Timer | undefined;
  #watch: Timer | undefined;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
    this.#clock = deps.settings.clock;
  }

  get restarts(): number {
    return this.#restarts;
  }

  seek(partition: number, offset: number): void {
    this.#start();
    const { topic } = this.#deps.settings;
    this.#tell((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
  }

  /** Whether a partition wants to be fetched has changed. */
  changed(partition: number): void {
    const one = [{ topic: this.#deps.settings.topic, partitions: [partition] }];
    this.#tell((consumer) => (this.#deps.wantsMore(partition) ? consumer.resume(one) : consumer.pause(one)));
  }

  /** How long ago the broker was last heard about a partition that is read. */
  fetchAgeMs(partition: number): number {
    const now = this.#clock.now();
    const heardAt = this.#life?.fetchedAt ?? 0;
    const progress = this.#progress.get(partition);
    return now - (progress && isBehind(progress) ? Math.min(progress.at, heardAt) : heardAt);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#watch?.cancel();
    const life = this.#life;
    this.#life = undefined;
    if (life) await this.#end(life);
  }

  /** A consumer that is ending refuses; whoever follows it is told everything when it has joined. */
  #tell(what: (consumer: Consumer) => void): void {
    if (!this.#life?.hasJoined) return;
    try {
      what(this.#life.consumer);
    } catch (error) {
      this.#deps.settings.warn({ error: messageOf(error) }, 'The consumer takes no orders now');
    }
  }

  #start(): void {
    if (this.#isWanted || this.#isClosed) return;
    this.#isWanted = true;
    this.#begin();
    this.#watchOn();
  }

  #begin(): void {
    const { kafka, settings } = this.#deps;
    const consumer = kafka.consumer({
      groupId: `${settings.clientId}.reader.${randomUUID()}`,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: SESSION_MS / 10,
      maxWaitTimeInMs: WAIT_MS,
      maxBytes: FETCH_BYTES_MAX,
      maxBytesPerPartition: PARTITION_BYTES_MAX,
      allowAutoTopicCreation: false,
      // Whoever supervises it decides, not kafkajs.
      retry: { retries: 3, restartOnFailure: async () => false },
    });
    const now = this.#clock.now();
    const life: Life = { consumer, startedAt: now, hasJoined: false, fetchedAt: now };
    this.#life = life;
    consumer.on(consumer.events.GROUP_JOIN, () => this.#joined(life));
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Fetch') life.fetchedAt = this.#clock.now();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#replace(life, messageOf(payload.error)));
    void this.#launch(life).catch((error: unknown) => this.#replace(life, messageOf(error)));
  }

  async #launch(life: Life): Promise<void> {
    const { consumer } = life;
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#deps.settings.topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => this.#takeBatch(life, payload),
    });
  }

  /** A join forgets every place: all partitions begin where they want to, the others rest. */
  #joined(life: Life): void {
    if (life !== this.#life) return;
    life.hasJoined = true;
    this.#pauseMs = PAUSE_MS;
    const { topic, partitions } = this.#deps.settings;
    for (let partition = 0; partition < partitions; partition++) {
      const offset = this.#deps.fetchFrom(partition);
      if (offset !== undefined) life.consumer.seek({ topic, partition, offset: String(offset) });
      this.changed(partition);
    }
  }

  #takeBatch(life: Life, { batch, resolveOffset, isRunning, isStale }: EachBatchPayload): void {
    if (life !== this.#life || !isRunning() || isStale()) return;
    const { partition, messages } = batch;
    const from = Number(batch.firstOffset() ?? messages[0]?.offset);
    const through = Number(batch.lastOffset());
    const end = Number(batch.highWatermark);
    if (this.#deps.take(partition, { messages, from, through, end })) resolveOffset(batch.lastOffset());
  }

  #replace(life: Life, reason: string): void {
    if (life !== this.#life || this.#isClosed) return;
    this.#life = undefined;
    this.#restarts += 1;
    this.#deps.settings.warn({ reason, pauseMs: this.#pauseMs }, 'The consumer is made anew');
    void this.#end(life);
    this.#timer = this.#clock.after(this.#pauseMs, () => this.#begin());
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
  }

  async #end({ consumer }: Life): Promise<void> {
    const gone = consumer.disconnect();
    await within(gone, { clock: this.#clock, ms: LEAVE_MS_MAX, what: 'Kafka' }).catch(() => {});
  }

  #watchOn(): void {
    this.#watch = this.#clock.after(this.#deps.settings.stallMs / 3, () => {
      if (this.#isClosed) return;
      this.#look();
      this.#watchOn();
    });
  }

  /** A consumer can stall for ever without a word: nothing fetched at all, or not what is there to fetch. */
  #look(): void {
    const life = this.#life;
    const { stallMs, partitions } = this.#deps.settings;
    const active = Array.from({ length: partitions }, (_, p) => p).filter(this.#deps.wantsMore);
    for (const partition of this.#progress.keys()) {
      if (!active.includes(partition)) this.#progress.delete(partition);
    }
    if (!life) return;
    if (active.length === 0) life.fetchedAt = this.#clock.now();
    else if (this.#clock.now() - life.fetchedAt > stallMs) this.#replace(life, 'nothing was fetched');
    else if (!this.#isComparing) void this.#compare(life, active);
  }

  /** With where the partitions end by now. */
  async #compare(life: Life, active: readonly number[]): Promise<void> {
    this.#isComparing = true;
    const spans = await this.#deps.spans().catch(() => undefined);
    this.#isComparing = false;
    if (!spans || life !== this.#life) return;
    const now = this.#clock.now();
    for (const partition of active) {
      const offset = this.#deps.fetchFrom(partition) ?? 0;
      const end = spans.get(partition)?.next ?? 0;
      const known = this.#progress.get(partition);
      const isStuck = known !== undefined && known.offset === offset && isBehind(known);
      const at = isStuck ? known.at : now;
      this.#progress.set(partition, { offset, at, end });
      if (!isStuck || now - at <= this.#deps.settings.stallMs) continue;
      this.#progress.clear();
      this.#replace(life, `partition ${partition} is not fetched`);
      return;
    }
  }
}

const isBehind = ({ offset, end }: { readonly offset: number; readonly end: number }): boolean =>
  end > offset;
