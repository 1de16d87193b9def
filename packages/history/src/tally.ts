// Counts and checksums over the events of a history, as they pass. They depend on the events and their
// order alone: two files of one history have the same, in whichever format.

import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface SiteSummary {
  readonly site: string;
  readonly events: number;
  /** Ids of its first and last event. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 over the site's event texts, each with a line feed. */
  readonly sha256: string;
}

export interface HistorySummary {
  readonly events: number;
  /** SHA-256 over all event texts, each with a line feed. */
  readonly sha256: string;
  /** In the order of their first events. */
  readonly sites: readonly SiteSummary[];
}

interface SiteTally {
  events: number;
  readonly first: string;
  last: string;
  readonly hash: Hash;
}

const END = '}\n';

export class Tally {
  readonly #hash = createHash('sha256');
  readonly #sites = new Map<string, SiteTally>();
  #events = 0;
  #chain = 0;

  get events(): number {
    return this.#events;
  }

  /** CRC-32 over every text so far without its closing brace: shows where damage begins. */
  get chain(): string {
    return this.#chain.toString(16).padStart(8, '0');
  }

  /** What the chain would be after this text. */
  chainAfter(open: Buffer): string {
    return crc32(open, this.#chain).toString(16).padStart(8, '0');
  }

  /** Takes in an event: its JSON without the brace at its end. */
  add({ id, key }: { readonly id: string; readonly key: string }, open: Buffer): void {
    this.#events += 1;
    this.#chain = crc32(open, this.#chain);
    this.#hash.update(open).update(END);
    const site = this.#siteOf(key, id);
    site.events += 1;
    site.last = id;
    site.hash.update(open).update(END);
  }

  #siteOf(key: string, id: string): SiteTally {
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const made = { events: 0, first: id, last: id, hash: createHash('sha256') };
    this.#sites.set(key, made);
    return made;
  }

  summary(): HistorySummary {
    return {
      events: this.#events,
      sha256: this.#hash.copy().digest('hex'),
      sites: [...this.#sites].map(([site, { events, first, last, hash }]) => ({
        site,
        events,
        first,
        last,
        sha256: hash.copy().digest('hex'),
      })),
    };
  }
}
