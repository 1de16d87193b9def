// A clock that moves only when told to: the simulator's and the tests' time.
// Timers that fall on the same moment run in the order in which they were set.

import type { Clock, Timer } from './clock.js';

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(startAt: number) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Timer {
    const entry: Entry = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order++,
      task,
      cancelled: false,
    };
    this.#push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  /** When the next timer is due, or undefined when none is set. */
  nextAt(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /**
   * Runs every timer due until `until`, in order, and ends there. After each, everything
   * that became ready through promises runs before the next timer does.
   */
  async runUntil(until: number): Promise<void> {
    await settle();
    for (let at = this.nextAt(); at !== undefined && at <= until; at = this.nextAt()) {
      this.#now = Math.max(this.#now, at);
      this.#pop()?.task();
      await settle();
    }
    this.#now = Math.max(this.#now, until);
  }

  advance(byMs: number): Promise<void> {
    return this.runUntil(this.#now + byMs);
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as Entry;
      if (before(parent, entry)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (before(last, heap[child] as Entry)) break;
      heap[i] = heap[child] as Entry;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

/** Lets every promise that is ready run, however long the chain: setImmediate comes after all microtasks. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
