// One message at a time: into the index, past the check, and to the feeds that want it. What is no event is put
// away before anything after it is handed over.

import { positionOf } from '@ampledger/ports';
import type { KafkaMessage } from 'kafkajs';
import { messageOf } from './deferred.js';
import type { Feed } from './feed.js';
import { contentOf, type Label, labelOf } from './message.js';
import type { CheckedEvent, Poison } from './options.js';
import type { WindowIndex } from './window-index.js';

export interface DeliveryDeps {
  readonly partition: number;
  readonly partitions: number;
  readonly topic: string;
  readonly check: ((event: CheckedEvent) => string | null) | undefined;
  readonly onPoison: ((poison: Poison) => Promise<void>) | undefined;
  readonly warn: (fields: object, message: string) => void;
}

export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #index: WindowIndex;
  readonly #feeds: ReadonlySet<Feed>;

  constructor(deps: DeliveryDeps, index: WindowIndex, feeds: ReadonlySet<Feed>) {
    this.#deps = deps;
    this.#index = index;
    this.#feeds = feeds;
  }

  /** Most messages need no promise: only one that cannot be read is waited for. */
  deliver(message: KafkaMessage, offset: number, isCurrent: () => boolean): Promise<void> | undefined {
    const label = labelOf(message);
    if ('error' in label) {
      this.#index.skip(offset);
      const feeds = this.#wanting(offset);
      return feeds.length > 0 ? this.#poisoned(message, label.error, feeds, isCurrent) : undefined;
    }
    const revision = this.#index.add(offset, label.ok.stream, label.ok.id);
    if (revision < 0) return undefined;
    const feeds = this.#wanting(offset, label.ok.type);
    if (feeds.length === 0) return undefined;
    const problem = this.#offer(message, label.ok, { offset, revision, feeds });
    return problem === undefined ? undefined : this.#poisoned(message, problem, feeds, isCurrent);
  }

  #wanting(offset: number, type?: string): readonly Feed[] {
    const wanting: Feed[] = [];
    for (const feed of this.#feeds) {
      if (feed.wantsOffset(offset) && feed.wantsType(type)) wanting.push(feed);
    }
    return wanting;
  }

  /** Offers the event; or says why it is none. */
  #offer(
    message: KafkaMessage,
    label: Label,
    { offset, revision, feeds }: { offset: number; revision: number; feeds: readonly Feed[] },
  ): string | undefined {
    const { partition, partitions, check } = this.#deps;
    const content = contentOf(message);
    if ('error' in content) return content.error;
    const { key, data, meta } = content.ok;
    try {
      const refusal = check?.({ type: label.type, version: label.version, data }) ?? null;
      if (refusal !== null) return refusal;
    } catch (error) {
      for (const feed of feeds) feed.fail(error);
      return undefined;
    }
    const position = positionOf({ partition, offset }, partitions);
    const event = { ...label, key, data, meta, position, revision };
    const bytes = message.value?.length ?? 0;
    for (const feed of feeds) feed.offer(event, offset, bytes);
    return undefined;
  }

  async #poisoned(
    message: KafkaMessage,
    error: string,
    feeds: readonly Feed[],
    isCurrent: () => boolean,
  ): Promise<void> {
    const { topic, partition, warn, onPoison } = this.#deps;
    const { key, value, headers = {} } = message;
    const offset = Number(message.offset);
    warn({ topic, partition, offset, error }, 'A message that is no event');
    try {
      await onPoison?.({ partition, offset, key, headers, value, error });
    } catch (failure) {
      warn({ topic, partition, offset, error: messageOf(failure) }, 'It could not be put away');
      if (isCurrent()) for (const feed of feeds) feed.fail(failure);
    }
  }
}
