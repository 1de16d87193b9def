// Gives events their place and puts them on disk in groups: while one group is being written,
// the next one gathers. What is answered is on disk. Positions and revisions are given at once,
// so that concurrent callers see each other; an answer waits for everything it rests on.

import { err, ok, type Result } from '@ampledger/kernel';
import type {
  Appended,
  ExpectedRevision,
  NewEvent,
  Published,
  RecordedEvent,
  WrongExpectedRevision,
} from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import { portError } from './database.js';
import type { IndexWriter, Mark } from './index-writer.js';
import { QUEUE_BYTES_MAX, QUEUE_EVENTS_MAX, weighCall } from './limits.js';
import { type Call, paginate } from './paginate.js';
import type { StreamIndex } from './stream-index.js';
import type { Change, Transactions } from './transactions.js';

const GROUP_EVENTS_MAX = 4_096;
const PUT_PAGE = 'INSERT INTO pages VALUES (?, ?, ?, ?, ?)';

/** Figures since the log was opened, for metrics. */
export interface LogStats {
  readonly lastPosition: number;
  readonly commits: number;
  readonly events: number;
  readonly commitMsTotal: number;
  readonly queuedEvents: number;
  readonly queuedBytes: number;
}

interface Waiter {
  /** The position that has to be on disk first. */
  readonly needs: number;
  resolve(): void;
  reject(error: PortError): void;
}

export interface LogWriterOptions {
  readonly index: StreamIndex;
  readonly indexWriter: IndexWriter;
  readonly transactions: Transactions;
  /** Where the log ends. */
  readonly end: Mark;
  readonly monotonicMs: () => number;
  readonly onDurable: (events: readonly RecordedEvent[]) => void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #index: StreamIndex;
  #durable: Mark;
  /** Position of the newest event that has a place, on disk or not. */
  #assigned: number;
  #queue: Call[] = [];
  #queuedEvents = 0;
  #queuedBytes = 0;
  readonly #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #refusal: PortError | undefined;
  readonly #totals = { commits: 0, events: 0, commitMsTotal: 0 };

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#index = options.index;
    this.#durable = options.end;
    this.#assigned = options.end.position;
  }

  get lastPosition(): number {
    return this.#durable.position;
  }

  stats(): LogStats {
    const { lastPosition } = this;
    return {
      lastPosition,
      ...this.#totals,
      queuedEvents: this.#queuedEvents,
      queuedBytes: this.#queuedBytes,
    };
  }

  publish(events: readonly NewEvent[]): Promise<readonly Published[]> {
    return new Promise((resolve, reject) => {
      const published = this.#enqueue(events, this.#admit(events));
      let needs = 0;
      for (const { position } of published) needs = Math.max(needs, position);
      this.#whenOnDisk({ needs, resolve: () => resolve(published), reject });
    });
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Result<Appended, WrongExpectedRevision>> {
    if (events.length === 0) throw new PortError('INVALID', 'An append needs at least one event');
    const stray = events.find((event) => event.stream !== stream);
    if (stray)
      throw new PortError('INVALID', `Event ${stray.id} is of stream ${stray.stream}, not ${stream}`);
    const repeated = this.#repeated(stream, events);
    if (repeated) {
      await this.#onDisk(repeated.position);
      return ok({ nextExpectedRevision: repeated.revision, position: repeated.position });
    }
    const actualRevision = this.#index.head(stream);
    if (expected !== 'any' && actualRevision !== (expected === 'none' ? -1 : expected)) {
      await this.#onDisk(this.#assigned);
      return err({ code: 'WRONG_EXPECTED_REVISION', actualRevision });
    }
    const published = this.#enqueue(events, this.#admit(events));
    const position = Math.max(...published.map((place) => place.position));
    const nextExpectedRevision = this.#index.head(stream);
    await this.#onDisk(position);
    return ok({ nextExpectedRevision, position });
  }

  /** No more writes from here on; what is under way still gets its answer. */
  refuse(error: PortError): void {
    this.#refusal ??= error;
  }

  /** Puts everything on disk that was accepted, and the index too. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
    this.#options.indexWriter.begin(this.#durable, 'now');
    while (this.#options.indexWriter.isBusy) await this.#commit([]);
  }

  /** The last place of a call that is in the stream already, whole and in this order. */
  #repeated(stream: string, events: readonly NewEvent[]): { revision: number; position: number } | undefined {
    this.#assertOpen();
    let last: { revision: number; position: number } | undefined;
    for (const event of events) {
      const known = this.#index.find(stream, event.id);
      if (!known || known.revision <= (last?.revision ?? -1)) return undefined;
      last = known;
    }
    return last;
  }

  #assertOpen(): void {
    if (this.#refusal) throw this.#refusal;
  }

  /** About how many bytes the call takes, if it is let in. */
  #admit(events: readonly NewEvent[]): number {
    this.#assertOpen();
    const bytes = weighCall(events);
    if (
      this.#queuedEvents + events.length > QUEUE_EVENTS_MAX ||
      (this.#queuedBytes > 0 && this.#queuedBytes + bytes > QUEUE_BYTES_MAX)
    ) {
      throw new PortError('FULL', `${this.#queuedEvents} events are waiting to be written`);
    }
    return bytes;
  }

  #enqueue(events: readonly NewEvent[], bytes: number): Published[] {
    const added: RecordedEvent[] = [];
    const published = events.map((event): Published => {
      const known = this.#index.find(event.stream, event.id);
      if (known) return { position: known.position, duplicate: true };
      const { id, key, stream, type, version, data, meta } = event;
      const revision = this.#index.head(stream) + 1;
      const position = ++this.#assigned;
      const recorded = { id, key, stream, type, version, data, meta, position, revision };
      this.#index.add(recorded);
      added.push(recorded);
      return { position, duplicate: false };
    });
    if (added.length > 0) this.#schedule({ events: added, bytes });
    return published;
  }

  #schedule(call: Call): void {
    this.#queue.push(call);
    this.#queuedEvents += call.events.length;
    this.#queuedBytes += call.bytes;
    this.#running ??= this.#run();
  }

  #onDisk(needs: number): Promise<void> {
    return new Promise((resolve, reject) => this.#whenOnDisk({ needs, resolve, reject }));
  }

  #whenOnDisk(waiter: Waiter): void {
    if (waiter.needs <= this.#durable.position) waiter.resolve();
    else this.#waiters.push(waiter);
  }

  async #run(): Promise<void> {
    // Everything that this turn of the event loop brings goes into one group.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await this.#commitAll();
      while (this.#options.indexWriter.isBusy && this.#queue.length === 0) await this.#commit([]);
    } catch (error) {
      this.#giveUp(portError('writing', error));
    } finally {
      this.#running = this.#queue.length > 0 ? this.#run() : undefined;
    }
  }

  /** Those who wait for a group are told while the next one is being written already. */
  async #commitAll(): Promise<void> {
    let written: readonly RecordedEvent[] = [];
    while (this.#queue.length > 0) {
      const writing = this.#commit(this.#takeGroup());
      this.#announce(written);
      written = await writing;
    }
    this.#announce(written);
  }

  #takeGroup(): readonly Call[] {
    let count = 0;
    let events = 0;
    for (const call of this.#queue) {
      if (count > 0 && events + call.events.length > GROUP_EVENTS_MAX) break;
      count += 1;
      events += call.events.length;
    }
    return this.#queue.slice(0, count);
  }

  /** Resolves to the events of the group when they are on disk; nobody has been told yet. */
  async #commit(calls: readonly Call[]): Promise<readonly RecordedEvent[]> {
    const events = calls.flatMap((call) => call.events);
    const pages = paginate(calls, this.#durable);
    const along = this.#options.indexWriter.next();
    const changes: Change[] = [...along.changes];
    if (pages.length > 0) {
      const rows = pages.map((page) => [page.first, page.count, page.prev, page.crc, page.payload]);
      changes.push({ sql: PUT_PAGE, rows });
    }
    const startedMs = this.#options.monotonicMs();
    const end = pages.at(-1);
    await this.#options.transactions.run('log', changes);
    this.#totals.commits += 1;
    this.#totals.events += events.length;
    this.#totals.commitMsTotal += this.#options.monotonicMs() - startedMs;
    along.onDurable();
    if (end) this.#advance(calls, { position: end.first + end.count - 1, crc: end.crc }, events.length);
    return events;
  }

  #advance(calls: readonly Call[], durable: Mark, events: number): void {
    this.#durable = durable;
    this.#queue = this.#queue.slice(calls.length);
    this.#queuedEvents -= events;
    for (const call of calls) this.#queuedBytes -= call.bytes;
    this.#options.indexWriter.begin(durable, 'when-due');
  }

  #announce(events: readonly RecordedEvent[]): void {
    if (events.length === 0) return;
    this.#options.onDurable(events);
    const { position } = this.#durable;
    let ready = 0;
    while (ready < this.#waiters.length && (this.#waiters[ready] as Waiter).needs <= position) ready += 1;
    for (const waiter of this.#waiters.splice(0, ready)) waiter.resolve();
  }

  /** The transaction was rolled back: nothing of what waits has happened, and all of it is told so. */
  #giveUp(error: PortError): void {
    if (error.code !== 'FULL') this.refuse(error);
    for (const call of this.#queue.toReversed()) {
      for (const event of call.events.toReversed()) this.#index.undo(event);
    }
    this.#queue = [];
    this.#queuedEvents = 0;
    this.#queuedBytes = 0;
    this.#assigned = this.#durable.position;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
