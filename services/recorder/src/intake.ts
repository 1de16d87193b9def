// What came from the bus and is not written yet. Bounded: the bus waits while there is enough for a batch.

import type { Clock, Timer } from '@ampledger/kernel';
import { placeOf, type RecordedEvent } from '@ampledger/ports';
import { OFFSETS_AHEAD_MAX, weightOf } from '@ampledger/recording';
import type { RecorderOptions } from './contract.js';

export interface Entry {
  readonly event: RecordedEvent;
  readonly offset: number;
  readonly bytes: number;
}

export interface Batch {
  /** None: the bus has nothing there. */
  readonly entries: readonly Entry[];
  /** When these are recorded, everything up to here is. */
  readonly to: number;
}

type IntakeOptions = Pick<RecorderOptions, 'batchEvents' | 'batchBytes' | 'batchMs'>;

export class Intake {
  readonly #clock: Clock;
  readonly #partitions: number;
  readonly #options: IntakeOptions;
  #entries: Entry[] = [];
  #bytes = 0;
  /** The bus has nothing more up to this offset than what it has handed over. */
  #passed = -1;
  #done: number;
  #due = false;
  #ended = false;
  #timer: Timer | undefined;
  #wakeTaker: () => void = () => {};
  #wakeGivers: (() => void)[] = [];

  constructor(deps: {
    readonly clock: Clock;
    readonly partitions: number;
    /** The first batch begins after this offset. */
    readonly done: number;
    readonly options: IntakeOptions;
  }) {
    this.#clock = deps.clock;
    this.#partitions = deps.partitions;
    this.#done = deps.done;
    this.#options = deps.options;
  }

  /** When the oldest event in hand was received. */
  get oldestAt(): number | undefined {
    return this.#entries[0]?.event.meta.receivedAt;
  }

  /** Takes events in the order of the bus; resolves when there is room for more. */
  async give(events: readonly RecordedEvent[]): Promise<void> {
    if (this.#ended) return;
    for (const event of events) {
      const entry = { event, offset: this.#offsetOf(event.position), bytes: weightOf(event) };
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
    }
    this.#something();
    while (this.#isFull() && !this.#ended) {
      await new Promise<void>((resolve) => this.#wakeGivers.push(resolve));
    }
  }

  /** The bus has nothing more up to this position. */
  passed(position: number): void {
    const offset = this.#offsetOf(position);
    if (this.#ended || offset <= this.#passed) return;
    this.#passed = offset;
    this.#something();
  }

  /** The next batch when it is full or due; undefined when there will be none. */
  async take(): Promise<Batch | undefined> {
    while (!this.#ended && !(this.#hasSomething() && (this.#due || this.#isFull()))) {
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    return this.#hasSomething() ? this.#cut() : undefined;
  }

  /** Takes nothing more. What is in hand is given out at once, or dropped: the bus has it. */
  end(rest: 'give-out' | 'drop'): void {
    this.#ended = true;
    this.#timer?.cancel();
    if (rest === 'drop') {
      this.#entries = [];
      this.#bytes = 0;
      this.#passed = -1;
    }
    this.#wakeTaker();
    this.#wake();
  }

  /** Everything of a batch is at most OFFSETS_AHEAD_MAX beyond what is done before it. */
  #cut(): Batch {
    const all = this.#entries;
    const { batchEvents, batchBytes } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const { offset, bytes: more } of all) {
      const fits = offset <= this.#done + OFFSETS_AHEAD_MAX && (count === 0 || bytes + more <= batchBytes);
      if (!fits || count >= batchEvents) break;
      count++;
      bytes += more;
    }
    const entries = all.slice(0, count);
    const next = all[count];
    this.#entries = all.slice(count);
    this.#bytes -= bytes;
    this.#done = next ? next.offset - 1 : Math.max(entries.at(-1)?.offset ?? -1, this.#passed);
    // What remains has waited long enough.
    this.#due = next !== undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wake();
    return { entries, to: this.#done };
  }

  #something(): void {
    if (this.#isFull()) this.#wakeTaker();
    if (this.#timer !== undefined || this.#due || !this.#hasSomething()) return;
    this.#timer = this.#clock.after(this.#options.batchMs, () => {
      this.#due = true;
      this.#wakeTaker();
    });
  }

  #hasSomething(): boolean {
    return this.#entries.length > 0 || this.#passed > this.#done;
  }

  #isFull(): boolean {
    const { batchEvents, batchBytes } = this.#options;
    return this.#entries.length >= batchEvents || this.#bytes >= batchBytes;
  }

  #wake(): void {
    const givers = this.#wakeGivers;
    this.#wakeGivers = [];
    for (const wake of givers) wake();
  }

  #offsetOf(position: number): number {
    return placeOf(position, this.#partitions).offset;
  }
}
