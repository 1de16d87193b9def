// Reads one partition for all who subscribed to it. What the consumer fetched goes through the window index in
// order, offset by offset, and from there to the feeds; the slowest of them sets the pace. Whoever needs
// something from before the place in hand takes the whole partition back there: what the others had already is
// not handed to them again.

import { type BatchHandler, PortError, positionOf, type SubscribeOptions } from '@ampledger/ports';
import type { KafkaMessage } from 'kafkajs';
import { Delivery, type DeliveryDeps } from './delivery.js';
import { Feed } from './feed.js';
import type { Span } from './topic.js';
import { WindowIndex } from './window-index.js';

const INBOX_BYTES_MAX = 2 * 1_024 * 1_024;
const MESSAGES_A_TURN = 500;

export interface PartitionDeps extends DeliveryDeps {
  readonly windowOffsets: number;
  readonly span: () => Promise<Span>;
  /** Fetch from this offset on. */
  readonly seek: (partition: number, offset: number) => void;
  /** Whether it wants to be fetched has changed. */
  readonly changed: (partition: number) => void;
}

export interface Fetch {
  readonly messages: readonly KafkaMessage[];
  /** The first offset that it covers, and the last. */
  readonly from: number;
  readonly through: number;
  /** The end of the partition when it was fetched. */
  readonly end: number;
}

interface Begin {
  readonly from: number;
  /** How much before that has to be read for the index. */
  readonly windowOffsets: number;
}

interface Fetched {
  readonly messages: readonly KafkaMessage[];
  readonly bytes: number;
  readonly through: number;
}

export class PartitionReader {
  readonly #deps: PartitionDeps;
  readonly #index: WindowIndex;
  readonly #delivery: Delivery;
  readonly #feeds = new Set<Feed>();
  #inbox: Fetched[] = [];
  #inboxBytes = 0;
  #isFull = false;
  /** The next offset to fetch; undefined while nobody reads. */
  #fetchNext: number | undefined;
  /** Counts the times that it was taken back: what was under way before is dropped. */
  #turn = 0;
  #running: Promise<void> | undefined;
  #gapAt: number | undefined;

  constructor(deps: PartitionDeps) {
    this.#deps = deps;
    this.#index = new WindowIndex(deps.windowOffsets);
    this.#delivery = new Delivery(deps, this.#index, this.#feeds);
  }

  /** Where to fetch, or undefined when nothing is wanted now. */
  get fetchFrom(): number | undefined {
    return this.#fetchNext;
  }

  get wantsMore(): boolean {
    return this.#fetchNext !== undefined && !this.#isFull;
  }

  /** The first copy's offset of an event that was read already. */
  find(stream: string, id: string): number | undefined {
    return this.#fetchNext === undefined ? undefined : this.#index.find(stream, id);
  }

  subscribe(options: SubscribeOptions, handler: BatchHandler): Feed {
    const { partition, partitions } = this.#deps;
    const from = Math.max(0, Math.floor((options.after - partition - 1) / partitions) + 1);
    return this.#add(options, handler, { from, windowOffsets: this.#deps.windowOffsets });
  }

  /** Reads the window before the end, hands over nothing, and goes on doing so; caught up when it has. */
  async follow(): Promise<Feed> {
    const { first, next } = await this.#deps.span();
    const from = Math.max(first, next - this.#deps.windowOffsets);
    return this.#add({ after: 0, types: [] }, () => {}, { from, windowOffsets: 0 });
  }

  /** Takes what was fetched. False: it is not what comes next, and was dropped. */
  take({ messages, from, through, end }: Fetch): boolean {
    const next = this.#fetchNext;
    if (next === undefined) return true;
    if (end < next) void this.#explainCut(next);
    if (through < next) return true;
    if (from > next && this.#gapAt !== next) {
      void this.#explainGap(next, from);
      return false;
    }
    const bytes = messages.reduce(
      (sum, { key, value }) => sum + 200 + (key?.length ?? 0) + (value?.length ?? 0),
      0,
    );
    this.#gapAt = undefined;
    this.#inbox.push({ messages, bytes, through });
    this.#inboxBytes += bytes;
    this.#fetchNext = through + 1;
    this.#setFull(this.#inboxBytes >= INBOX_BYTES_MAX);
    this.#running ??= this.#run();
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    await this.#running;
  }

  #add(options: SubscribeOptions, handler: BatchHandler, { from, windowOffsets }: Begin): Feed {
    const { partition, partitions } = this.#deps;
    const feed: Feed = new Feed(options, handler, {
      from,
      positionOf: (offset) => (offset < 0 ? 0 : positionOf({ partition, offset }, partitions)),
      onEnd: (ended) => this.#remove(ended),
    });
    this.#feeds.add(feed);
    void this.#begin(feed, windowOffsets).catch((error: unknown) => feed.fail(error));
    return feed;
  }

  #remove(feed: Feed): void {
    this.#feeds.delete(feed);
    if (this.#feeds.size > 0) return;
    this.#forget(undefined);
    this.#deps.changed(this.#deps.partition);
  }

  async #begin(feed: Feed, windowOffsets: number): Promise<void> {
    const span = await this.#deps.span();
    if (feed.ended) return;
    this.#refuseOutside(feed.from, span);
    const from = Math.max(feed.from, span.first);
    const start = Math.max(span.first, from - windowOffsets);
    const isOnTheWay =
      this.#fetchNext !== undefined && this.#index.next <= from && this.#index.start <= start;
    if (!isOnTheWay) this.#goTo(start);
    feed.begin(from, span.next);
  }

  #refuseOutside(from: number, { first, next }: Span): void {
    const { topic, partition } = this.#deps;
    const place = `${topic}/${partition}`;
    if (from > 0 && from < first) {
      throw new PortError(
        'INVALID',
        `${place} begins at offset ${first}: ${from} and what follows is deleted`,
      );
    }
    if (from > next)
      throw new PortError('CORRUPT', `${place} ends at offset ${next}, before ${from}: it was cut off`);
  }

  #goTo(offset: number): void {
    this.#forget(offset);
    this.#index.reset(offset);
    this.#deps.seek(this.#deps.partition, offset);
    this.#deps.changed(this.#deps.partition);
  }

  #forget(next: number | undefined): void {
    this.#turn += 1;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#isFull = false;
    this.#gapAt = undefined;
    this.#fetchNext = next;
  }

  /** The fetch skipped something: asked for again, unless it is gone for good. */
  async #explainGap(next: number, from: number): Promise<void> {
    const { topic, partition, warn } = this.#deps;
    const turn = this.#turn;
    const span = await this.#deps.span().catch(() => undefined);
    if (turn !== this.#turn || this.#fetchNext !== next) return;
    if (span && span.first > next) {
      const message = `${topic}/${partition} begins at offset ${span.first}: what was to be read from ${next} on is deleted`;
      this.#failAll(new PortError('INVALID', message));
      return;
    }
    warn({ topic, partition, next, from }, 'A fetch skipped messages; asking for them again');
    // The second time it is what transactions of others leave behind: offsets without messages.
    this.#gapAt = next;
    this.#deps.seek(partition, next);
  }

  /** The log seems to end before what was read: a broker came back without what it had acknowledged. */
  async #explainCut(next: number): Promise<void> {
    const { topic, partition } = this.#deps;
    const turn = this.#turn;
    const span = await this.#deps.span().catch(() => undefined);
    if (!span || turn !== this.#turn || span.next >= next) return;
    const message = `${topic}/${partition} ends at offset ${span.next}, and was read up to ${next}: it was cut off`;
    this.#failAll(new PortError('CORRUPT', message));
  }

  #failAll(error: PortError): void {
    for (const feed of [...this.#feeds]) feed.fail(error);
  }

  async #run(): Promise<void> {
    await undefined;
    for (let fetched = this.#inbox.shift(); fetched; fetched = this.#inbox.shift()) {
      const turn = this.#turn;
      await this.#read(fetched, turn);
      if (turn !== this.#turn) continue;
      this.#inboxBytes -= fetched.bytes;
      if (this.#inboxBytes < INBOX_BYTES_MAX / 2) this.#setFull(false);
    }
    this.#running = undefined;
  }

  async #read({ messages, through }: Fetched, turn: number): Promise<void> {
    let count = 0;
    for (const message of messages) {
      const offset = Number(message.offset);
      if (offset < this.#index.next) continue;
      await this.#delivery.deliver(message, offset, () => turn === this.#turn);
      if (turn !== this.#turn) return;
      count += 1;
      if (count % MESSAGES_A_TURN > 0) continue;
      this.#passed(offset);
      await this.#roomEverywhere(turn);
      if (turn !== this.#turn) return;
    }
    if (this.#index.next <= through) this.#index.skip(through);
    this.#passed(through);
    await this.#roomEverywhere(turn);
  }

  #passed(offset: number): void {
    for (const feed of this.#feeds) feed.passed(offset);
  }

  async #roomEverywhere(turn: number): Promise<void> {
    for (const feed of this.#feeds) {
      for (let room = feed.room(); room && turn === this.#turn; room = feed.room()) await room;
    }
  }

  #setFull(isFull: boolean): void {
    if (this.#isFull === isFull) return;
    this.#isFull = isFull;
    this.#deps.changed(this.#deps.partition);
  }
}
