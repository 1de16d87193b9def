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
import { readRecorded } from '@ampledger/recording';

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

export async function startCopy(deps: CopyDeps): Promise<LogCopy> {
  const copying = new Copying(deps);
  await copying.start();
  return copying;
}

class Copying implements LogCopy {
  readonly #deps: CopyDeps;
  readonly #offsets: number[];
  readonly #subscriptions: Subscription[] = [];
  readonly #waiting = new Map<string, (position: number) => void>();
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
    for await (const page of readRecorded({ store, topic, partition, partitions, afterOffset })) {
      await this.#take(partition, page);
      onProgress({ partition, offset: this.#offset(partition), until: first });
    }
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
    const subscription = shared
      .partition(partition)
      .subscribe({ after }, (events) => this.#take(partition, events));
    subscription.failed.catch(this.#fail);
    this.#subscriptions.push(subscription);
  }

  async #take(partition: number, events: readonly RecordedEvent[]): Promise<void> {
    const { copy, shared } = this.#deps;
    for (let from = 0; from < events.length; from += CALL_EVENTS_MAX) {
      const chunk = events.slice(from, from + CALL_EVENTS_MAX);
      const published = await copy.bus.publish(chunk.map(plain));
      for (const [i, { id }] of chunk.entries()) {
        const position = published[i]?.position;
        if (position !== undefined) this.#waiting.get(id)?.(position);
      }
    }
    const last = events.at(-1);
    if (last === undefined) return;
    this.#offsets[partition] = placeOf(last.position, shared.partitions).offset;
    this.#saveSoon();
  }

  async #publish(events: readonly NewEvent[]): Promise<readonly Published[]> {
    const copied = events.map(({ id }) => this.#copied(id));
    try {
      const published = await this.#deps.shared.publish(events);
      return await Promise.all(
        published.map(async ({ duplicate }, i) => ({
          // A repetition was copied long ago, wherever: by now everything is.
          position: duplicate ? await this.#last() : ((await copied[i]?.position) ?? (await this.#last())),
          duplicate,
        })),
      );
    } finally {
      for (const { forget } of copied) forget();
    }
  }

  #last(): Promise<number> {
    return this.#deps.copy.store.lastPosition();
  }

  /** The event's place in the copy, or undefined when it does not get there in time. */
  #copied(id: string): { readonly position: Promise<number | undefined>; forget(): void } {
    let timer: Timer | undefined;
    const position = new Promise<number | undefined>((resolve) => {
      timer = this.#deps.clock.after(READ_BACK_MS, () => resolve(undefined));
      this.#waiting.set(id, resolve);
    });
    return {
      position,
      forget: () => {
        timer?.cancel();
        this.#waiting.delete(id);
      },
    };
  }

  #offset(partition: number): number {
    return this.#offsets[partition] ?? -1;
  }

  #saveSoon(): void {
    this.#saveTimer ??= this.#deps.clock.after(SAVE_EVERY_MS, () => {
      this.#saveTimer = null;
      this.#saving = this.#save().catch(this.#fail);
    });
  }

  async #save(): Promise<void> {
    const { directory, shared } = this.#deps;
    const path = join(directory, FILE);
    const { topic, partitions } = shared;
    await writeFile(`${path}.tmp`, JSON.stringify({ topic, partitions, offsets: this.#offsets }));
    await rename(`${path}.tmp`, path);
  }
}

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
