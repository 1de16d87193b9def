// Membership in a group that shares out the partitions: a consumer that fetches nothing. What a member owns is
// lost at the first sign: a join that gives it to somebody else, a crash, or no heartbeat answered for as long
// as the coordinator waits before it gives the partitions away. Between the join that takes a partition away
// and the member hearing of it another may have begun already: that is what claims and epochs are for.

import type { Clock, Timer } from '@ampledger/kernel';
import { type Ownership, type OwnershipListener, type Place, PortError } from '@ampledger/ports';
import type { Consumer, Kafka } from 'kafkajs';
import { deferred, messageOf, within } from './deferred.js';
import type { JoinOptions, Settings } from './options.js';
import { failureOf } from './sender.js';
import { stickyAssigner } from './sticky-assigner.js';

const PAUSE_MS = 500;
const PAUSE_MS_MAX = 2_000;
const LEAVE_MS_MAX = 5_000;
const COMMIT_MS_MAX = 5_000;
const LOST_MS = 300_000;

export interface JoinDeps {
  readonly kafka: Kafka;
  readonly settings: Settings;
  readonly options: JoinOptions;
  readonly listener: OwnershipListener;
}

/** Resolves at the first join. */
export async function joinGroup(deps: JoinDeps): Promise<Ownership> {
  const membership = new Membership(deps);
  try {
    await membership.joined;
  } catch (error) {
    await membership.close();
    throw error;
  }
  return membership;
}

interface Life {
  readonly consumer: Consumer;
  readonly launched: Promise<void>;
  readonly startedAt: number;
}

class Membership implements Ownership {
  readonly failed: Promise<never>;
  readonly joined: Promise<void>;
  readonly #deps: JoinDeps;
  readonly #clock: Clock;
  readonly #sessionMs: number;
  readonly #heartbeatMs: number;
  readonly #failed = deferred<never>();
  readonly #joined = deferred<void>();
  readonly #owned = new Set<number>();
  #life: Life | undefined;
  #heardAt: number;
  #pauseMs = PAUSE_MS;
  #timer: Timer | undefined;
  #watch: Timer | undefined;
  #isClosed = false;

  constructor(deps: JoinDeps) {
    this.#deps = deps;
    this.#clock = deps.settings.clock;
    this.#sessionMs = deps.settings.sessionTimeoutMs ?? 10_000;
    this.#heartbeatMs = deps.settings.heartbeatMs ?? 1_000;
    this.failed = this.#failed.promise;
    this.joined = Promise.race([this.#joined.promise, this.failed]);
    this.#heardAt = this.#clock.now();
    this.#begin();
    this.#watchOn();
  }

  owned(): ReadonlySet<number> {
    return new Set(this.#owned);
  }

  async commit({ partition, offset }: Place): Promise<void> {
    const life = this.#life;
    if (!life || !this.#owned.has(partition)) {
      throw new PortError('UNAVAILABLE', `Partition ${partition} is not this member's now`);
    }
    const { topic } = this.#deps.settings;
    const committed = life.consumer.commitOffsets([{ topic, partition, offset: String(offset + 1) }]);
    try {
      await within(committed, { clock: this.#clock, ms: COMMIT_MS_MAX, what: 'Kafka' });
    } catch (error) {
      throw failureOf(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#watch?.cancel();
    this.#revokeAll();
    const life = this.#life;
    this.#life = undefined;
    if (life) await this.#end(life);
  }

  #begin(): void {
    const { kafka, settings, options } = this.#deps;
    const consumer = kafka.consumer({
      groupId: options.group,
      partitionAssigners: [stickyAssigner(settings.partitions, settings.topic, () => [...this.#owned])],
      sessionTimeout: this.#sessionMs,
      // A join waits so long for members that are gone.
      rebalanceTimeout: this.#sessionMs,
      heartbeatInterval: this.#heartbeatMs,
      // All partitions being paused, this is how often it looks whether a heartbeat is due.
      maxWaitTimeInMs: Math.max(10, Math.floor(this.#heartbeatMs / 4)),
      allowAutoTopicCreation: false,
      retry: { retries: 3, restartOnFailure: async () => false },
    });
    const launched = this.#launch(consumer);
    const life: Life = { consumer, launched, startedAt: this.#clock.now() };
    this.#life = life;
    const isMine = (): boolean => life === this.#life;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (!isMine()) return;
      consumer.pause([{ topic: settings.topic }]);
      this.#assign(payload.memberAssignment[settings.topic] ?? []);
    });
    consumer.on(consumer.events.HEARTBEAT, () => isMine() && this.#heard());
    consumer.on(consumer.events.REBALANCING, () => isMine() && this.#heard());
    consumer.on(consumer.events.STOP, () => isMine() && this.#revokeAll());
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#replace(life, payload.error));
    void launched.catch((error: unknown) => this.#replace(life, error));
  }

  async #launch(consumer: Consumer): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [this.#deps.settings.topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => {} });
  }

  #assign(partitions: readonly number[]): void {
    this.#heard();
    this.#pauseMs = PAUSE_MS;
    const mine = new Set(partitions);
    for (const partition of [...this.#owned]) if (!mine.has(partition)) this.#revoke(partition);
    for (const partition of [...mine].sort((a, b) => a - b)) {
      this.#owned.add(partition);
      this.#deps.listener.assigned(partition);
    }
    this.#joined.resolve();
  }

  #heard(): void {
    this.#heardAt = this.#clock.now();
  }

  #revoke(partition: number): void {
    this.#owned.delete(partition);
    this.#deps.listener.revoked(partition);
  }

  #revokeAll(): void {
    for (const partition of [...this.#owned]) this.#revoke(partition);
  }

  #replace(life: Life, error: unknown): void {
    if (life !== this.#life || this.#isClosed) return;
    this.#life = undefined;
    this.#revokeAll();
    const { warn } = this.#deps.settings;
    warn({ group: this.#deps.options.group, reason: messageOf(error) }, 'Membership is begun anew');
    void this.#end(life);
    if (isRefused(error)) return this.#fail(error);
    this.#timer = this.#clock.after(this.#pauseMs, () => this.#begin());
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
  }

  #fail(error: unknown): void {
    this.#revokeAll();
    this.#failed.reject(failureOf(error));
  }

  /** A consumer that is stopped while it joins would go on for ever; so its start is waited for. */
  async #end({ consumer, launched }: Life): Promise<void> {
    const gone = launched.catch(() => {}).then(() => consumer.disconnect());
    await within(gone, { clock: this.#clock, ms: LEAVE_MS_MAX, what: 'Kafka' }).catch(() => {});
  }

  #watchOn(): void {
    this.#watch = this.#clock.after(this.#heartbeatMs / 2, () => {
      if (this.#isClosed) return;
      this.#look();
      this.#watchOn();
    });
  }

  /**
   * The heartbeat that was answered last was sent an interval ago at most: the coordinator counts from there.
   * A connection that says nothing is not waited for; a new member comes in sooner.
   */
  #look(): void {
    const now = this.#clock.now();
    const silentMs = now - this.#heardAt + this.#heartbeatMs;
    if (silentMs >= this.#sessionMs) this.#revokeAll();
    const life = this.#life;
    const isNew = life !== undefined && now - life.startedAt < this.#sessionMs;
    if (life && !isNew && silentMs >= this.#sessionMs) this.#replace(life, 'no heartbeat was answered');
    const lostMs = this.#deps.settings.membershipLostMs ?? LOST_MS;
    if (silentMs < lostMs) return;
    this.#isClosed = true;
    const message = `No membership in group ${this.#deps.options.group} for ${lostMs} ms`;
    this.#fail(new PortError('UNAVAILABLE', message));
  }
}

function isRefused(error: unknown): boolean {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  return type === 'GROUP_AUTHORIZATION_FAILED' || type === 'INCONSISTENT_GROUP_PROTOCOL';
}
