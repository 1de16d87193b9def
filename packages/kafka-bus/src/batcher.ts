// Gathers what is published at the same time into one request: kafkajs waits for nothing. One batch is in
// flight; while it is, the next one gathers; with none in flight the first event leaves at once. What a call
// publishes to a partition leaves in one batch, and so is stored whole or not at all.

import type { Clock } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
import { type Deferred, deferred } from './deferred.js';
import type { AnyMessage } from './message.js';

export type Batch = ReadonlyMap<number, readonly AnyMessage[]>;
/** Sends until it succeeds or the time is over. Gives the offset of each partition's first message. */
export type Send = (batch: Batch, deadlineAt: number) => Promise<ReadonlyMap<number, number>>;

export interface BatcherLimits {
  readonly deadlineMs: number;
  /** Of one partition in one batch, unless one call alone is more. */
  readonly partitionBytesMax: number;
  /** Of one batch. */
  readonly requestBytesMax: number;
  readonly queueEventsMax: number;
  readonly queueBytesMax: number;
}

/** What one call publishes to one partition. */
export interface Part {
  readonly partition: number;
  readonly messages: readonly AnyMessage[];
  readonly bytes: number;
}

/** What one call publishes; each partition once. Mostly one message to one partition: kept cheap for that. */
export type Load = readonly Part[];

interface Waiting {
  readonly load: Load;
  readonly count: number;
  readonly total: number;
  readonly deadlineAt: number;
  readonly result: Deferred<readonly number[]>;
}

export class Batcher {
  readonly #send: Send;
  readonly #clock: Clock;
  readonly #limits: BatcherLimits;
  readonly #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #queuedEvents = 0;
  #queuedBytes = 0;
  #batches = 0;

  constructor(deps: { readonly send: Send; readonly clock: Clock; readonly limits: BatcherLimits }) {
    this.#send = deps.send;
    this.#clock = deps.clock;
    this.#limits = deps.limits;
  }

  get queuedEvents(): number {
    return this.#queuedEvents;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get batches(): number {
    return this.#batches;
  }

  /** For each part the offset of its first message. Throws FULL at once. */
  push(load: Load): Promise<readonly number[]> {
    let count = 0;
    let total = 0;
    for (const part of load) {
      count += part.messages.length;
      total += part.bytes;
    }
    const deadlineAt = this.#clock.now() + this.#limits.deadlineMs;
    const waiting: Waiting = { load, count, total, deadlineAt, result: deferred() };
    const { queueEventsMax, queueBytesMax } = this.#limits;
    const events = this.#queuedEvents + waiting.count;
    const bytes = this.#queuedBytes + waiting.total;
    // A call that alone is more than the bound is let in when nothing waits; what one may hold is bounded elsewhere.
    if (this.#queuedEvents > 0 && (events > queueEventsMax || bytes > queueBytesMax)) {
      throw new PortError('FULL', `${this.#queuedEvents} events wait to be sent to Kafka`);
    }
    this.#queuedEvents = events;
    this.#queuedBytes = bytes;
    this.#queue.push(waiting);
    this.#running ??= this.#run();
    return waiting.result.promise;
  }

  /** Resolves when all that was accepted is answered. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is published in the same turn goes along.
    await undefined;
    while (this.#queue.length > 0) {
      const taken = this.#take();
      if (taken.length > 0) await this.#flush(taken);
    }
    this.#running = undefined;
  }

  /** From the head of the queue what fits; what is too late is rejected on the way. */
  #take(): readonly Waiting[] {
    const taken: Waiting[] = [];
    const bytes = new Map<number, number>();
    let total = 0;
    let looked = 0;
    for (const waiting of this.#queue) {
      const isLate = waiting.deadlineAt <= this.#clock.now();
      if (isLate) this.#leave(waiting).reject(TOO_LATE());
      if (!isLate && taken.length > 0 && !this.#fits(waiting, bytes, total)) break;
      looked += 1;
      if (isLate) continue;
      taken.push(waiting);
      total += waiting.total;
      for (const part of waiting.load) {
        bytes.set(part.partition, (bytes.get(part.partition) ?? 0) + part.bytes);
      }
    }
    this.#queue.splice(0, looked);
    return taken;
  }

  #fits(waiting: Waiting, bytes: ReadonlyMap<number, number>, total: number): boolean {
    if (total + waiting.total > this.#limits.requestBytesMax) return false;
    for (const part of waiting.load) {
      if ((bytes.get(part.partition) ?? 0) + part.bytes > this.#limits.partitionBytesMax) return false;
    }
    return true;
  }

  async #flush(taken: readonly Waiting[]): Promise<void> {
    const batch = new Map<number, AnyMessage[]>();
    const starts = taken.map(({ load }) => load.map((part) => add(batch, part)));
    let deadlineAt = Number.POSITIVE_INFINITY;
    for (const waiting of taken) deadlineAt = Math.min(deadlineAt, waiting.deadlineAt);
    try {
      const bases = await this.#send(batch, deadlineAt);
      this.#batches += 1;
      taken.forEach((waiting, i) => {
        const offsets = waiting.load.map(
          ({ partition }, j) => (bases.get(partition) ?? 0) + (starts[i]?.[j] ?? 0),
        );
        this.#leave(waiting).resolve(offsets);
      });
    } catch (error) {
      for (const waiting of taken) this.#leave(waiting).reject(error);
    }
  }

  #leave(waiting: Waiting): Waiting['result'] {
    this.#queuedEvents -= waiting.count;
    this.#queuedBytes -= waiting.total;
    return waiting.result;
  }
}

/** Returns where in the partition's batch it begins. */
function add(batch: Map<number, AnyMessage[]>, { partition, messages }: Part): number {
  let all = batch.get(partition);
  if (all === undefined) {
    all = [];
    batch.set(partition, all);
  }
  const start = all.length;
  for (const message of messages) all.push(message);
  return start;
}

const TOO_LATE = (): PortError => new PortError('UNAVAILABLE', 'Kafka did not take the events in time');
