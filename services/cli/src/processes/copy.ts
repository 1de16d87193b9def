// The API's own copy of the log: it follows every partition of the bus and writes what it hears to an
// embedded log, from which all that reads the past is served. How far each partition is copied stands in
// a file beside it, which may be behind: an event that comes twice is recognised by its id.

import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedLog } from '@ampledger/embedded-log';
import { type Clock, CodedError, type Timer } from '@ampledger/kernel';
import {
  type Bus,
  type EventStore,
  type NewEvent,
  type PartitionedBus,
  type Published,
  placeOf,
  positionThrough,
  type RecordedEvent,
  type Subscription,
} from '@ampledger/ports';
import { openReading } from '@ampledger/recording';

export interface LogCopy {
  /** Publishes to the shared bus; resolves when the copy has it, with the copy's positions. */
  readonly bus: Bus;
  /** Events of the shared bus that the copy has not got yet, as of the last look. */
  lag(): Promise<number>;
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

export interface CopyDeps {
  readonly shared: PartitionedBus;
  readonly store: EventStore;
  readonly copy: EmbeddedLog;
  readonly directory: string;
  readonly clock: Clock;
  /** Told now and then while what is missing is read from the store. */
  readonly onProgress: (progress: { partition: number; offset: number; until: number }) => void;
}

const FILE = 'copied.json';
const CALL_EVENTS_MAX = 500;
const SAVE_EVERY_MS = 1_000;
/** What was published is there for all, even if the copy lags. */
const READ_BACK_MS = 8_000;

/** Rejects with UNAVAILABLE when the bus or the store is away; it may then be tried again. */
export async function startCopy(deps: CopyDeps): Promise<LogCopy> {
  const copying = new Copying(deps);
  try {
    await copying.start();
    return copying;
  } catch (error) {
    await copying.close();
    throw error;
  }
}

class Copying implements LogCopy {
  readonly #deps: CopyDeps;
  readonly #offsets: number[];
  readonly #subscriptions: Subscription[] = [];
  /** Those who published an event and wait for it to come back, by its stream and id. */
  readonly #waiting = new Map<string, Set<(position: number) => void>>();
  #saveTimer: Timer | null = null;
  #saving: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => undefined;
  readonly failed: Promise<never>;
  readonly bus: Bus;

  constructor(deps: CopyDeps) {
    this.#deps = deps;
    this.#offsets = readOffsets(deps);
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.bus = {
      publish: (events) => this.#publish(events),
      subscribe: (options, handler) => deps.copy.bus.subscribe(options, handler),
    };
  }

  /** Resolves when the copy has everything that was on the bus before. */
  async start(): Promise<void> {
    const partitions = this.#offsets.map((_, partition) => partition);
    for (const partition of partitions) await this.#fill(partition);
    for (const partition of partitions) this.#follow(partition);
    await Promise.race([Promise.all(this.#subscriptions.map(({ caughtUp }) => caughtUp)), this.failed]);
  }

  async lag(): Promise<number> {
    const lags = this.#offsets.map(async (offset, partition) => {
      const { next } = await this.#deps.shared.offsets(partition);
      return Math.max(0, next - 1 - offset);
    });
    return (await Promise.all(lags)).reduce((sum, lag) => sum + lag, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    this.#saveTimer?.cancel();
    await this.#saving;
    await this.#save();
  }

  /** What the bus has not kept is read from the event store. */
  async #fill(partition: number): Promise<void> {
    const { shared, store, onProgress } = this.#deps;
    const { first } = await shared.offsets(partition);
    if (this.#offset(partition) + 1 >= first) return;
    const { topic, partitions } = shared;
    const afterOffset = this.#offset(partition);
    const reading = await openReading({ store, topic, partition, partitions, afterOffset });
    for await (const page of reading.pages()) {
      await this.#take(partition, page);
      onProgress({ partition, offset: this.#offset(partition), until: first });
    }
    // The last that was recorded may have been nothing to hand over: a repetition, or no event at all.
    this.#passed(partition, reading.to);
    if (this.#offset(partition) + 1 >= first) return;
    throw new CodedError(
      'HISTORY_MISSING',
      `Partition ${partition} of ${topic} begins at offset ${first}, and the event store has it up to ${this.#offset(partition)} only: ` +
        'what is between was deleted from the bus before it was recorded. Start with an empty directory to copy what there is from now on.',
    );
  }

  #follow(partition: number): void {
    const { shared } = this.#deps;
    const after = positionThrough({ partition, offset: this.#offset(partition) }, shared.partitions);
    const onPassed = (position: number): void =>
      this.#passed(partition, placeOf(position, shared.partitions).offset);
    const subscription = shared
      .partition(partition)
      .subscribe({ after, onPassed }, (events) => this.#take(partition, events));
    subscription.failed.catch(this.#fail);
    this.#subscriptions.push(subscription);
  }

  async #take(partition: number, events: readonly RecordedEvent[]): Promise<void> {
    const { copy, shared } = this.#deps;
    for (let from = 0; from < events.length; from += CALL_EVENTS_MAX) {
      const chunk = events.slice(from, from + CALL_EVENTS_MAX);
      const published = await copy.bus.publish(chunk.map(plain));
      for (const [i, event] of chunk.entries()) {
        const position = published[i]?.position;
        if (position === undefined) continue;
        for (const tell of this.#waiting.get(nameOf(event)) ?? []) tell(position);
      }
    }
    const last = events.at(-1);
    if (last !== undefined) this.#passed(partition, placeOf(last.position, shared.partitions).offset);
  }

  #passed(partition: number, offset: number): void {
    if (offset <= this.#offset(partition)) return;
    this.#offsets[partition] = offset;
    this.#saveSoon();
  }

  async #publish(events: readonly NewEvent[]): Promise<readonly Published[]> {
    const expected = events.map((event) => this.#expect(nameOf(event)));
    try {
      const published = await this.#deps.shared.publish(events);
      return await Promise.all(
        published.map(async (one, i) => ({
          position: (await this.#copied(one, expected[i]?.position)) ?? (await this.#last()),
          duplicate: one.duplicate,
        })),
      );
    } finally {
      for (const { forget } of expected) forget();
    }
  }

  /** Its place in the copy; undefined when that is not known, or not in time. */
  async #copied(
    { position, duplicate }: Published,
    expected: Promise<number> | undefined,
  ): Promise<number | undefined> {
    const { clock, shared } = this.#deps;
    const { partition, offset } = placeOf(position, shared.partitions);
    if (duplicate && offset <= this.#offset(partition)) return undefined;
    let timer: Timer | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = clock.after(READ_BACK_MS, () => resolve(undefined));
    });
    return Promise.race([expected, late]).finally(() => timer?.cancel());
  }

  #last(): Promise<number> {
    return this.#deps.copy.store.lastPosition();
  }

  #expect(name: string): { readonly position: Promise<number>; forget(): void } {
    let tell: (position: number) => void = () => undefined;
    const position = new Promise<number>((resolve) => {
      tell = resolve;
    });
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(tell));
    return {
      position,
      forget: () => {
        waiting.delete(tell);
        if (waiting.size === 0) this.#waiting.delete(name);
      },
    };
  }

  #offset(partition: number): number {
    return this.#offsets[partition] ?? -1;
  }

  #saveSoon(): void {
    this.#saveTimer ??= this.#deps.clock.after(SAVE_EVERY_MS, () => {
      this.#saveTimer = null;
      // One after the other: they share their temporary file, and a disk may take longer than a second.
      this.#saving = this.#saving.then(() => this.#save()).catch(this.#fail);
    });
  }

  async #save(): Promise<void> {
    const { directory, shared } = this.#deps;
    const path = join(directory, FILE);
    const { topic, partitions } = shared;
    const text = JSON.stringify({ topic, partitions, offsets: this.#offsets });
    await writeFile(`${path}.tmp`, text, { flush: true });
    await rename(`${path}.tmp`, path);
  }
}

const nameOf = ({ stream, id }: NewEvent): string => `${stream}\n${id}`;

/** As it was published: its place here is the copy's own. */
function plain({ position: _position, revision: _revision, meta, ...event }: RecordedEvent): NewEvent {
  const { source: _source, ...kept } = meta;
  return { ...event, meta: kept };
}

function readOffsets({ directory, shared: { topic, partitions } }: CopyDeps): number[] {
  const none = Array.from({ length: partitions }, () => -1);
  let text: string;
  try {
    text = readFileSync(join(directory, FILE), 'utf8');
  } catch {
    return none;
  }
  const found = JSON.parse(text) as { topic: string; partitions: number; offsets: number[] };
  if (found.topic === topic && found.partitions === partitions)
    return none.map((n, i) => found.offsets[i] ?? n);
  throw new CodedError(
    'OTHER_TOPIC',
    `${directory} is a copy of ${found.topic} in ${found.partitions} partitions, not of ${topic} in ${partitions}. Give another directory.`,
  );
}
