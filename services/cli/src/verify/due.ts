// What was decided on which state, so that one fold passes each of these states on its way. A decision
// names its state by how many of the site's events it knew; that count begins anew when a site was
// removed and is made again.

import { upcast } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import type { EventStore, RecordedEvent } from '@ampledger/ports';

export interface OnBasis {
  /** Number of the site's events known; below 0 where the log does not tell. */
  readonly basis: number;
}

export class Due<T extends OnBasis> {
  /** By site, for each of its lives: in the order of their basis, taken from the front. */
  readonly #lives = new Map<SiteId, { lists: T[][]; life: number; next: number }>();

  add(site: SiteId, one: T): void {
    this.#of(site).lists.at(-1)?.push(one);
  }

  /** The site is made anew after this. */
  endLife(site: SiteId): void {
    this.#of(site).lists.push([]);
  }

  sort(): void {
    for (const { lists } of this.#lives.values()) {
      for (const list of lists) list.sort((a, b) => a.basis - b.basis);
    }
  }

  /** Those made on the site's state of `seq` events, or earlier and not taken yet. */
  take(site: SiteId, seq: number): readonly T[] {
    const entry = this.#lives.get(site);
    if (entry === undefined) return [];
    const list = entry.lists[entry.life] ?? [];
    const from = entry.next;
    for (;;) {
      const one = list[entry.next];
      if (one === undefined || one.basis > seq) break;
      entry.next += 1;
    }
    return from === entry.next ? [] : list.slice(from, entry.next);
  }

  removed(site: SiteId): void {
    const entry = this.#lives.get(site);
    if (entry === undefined) return;
    entry.life += 1;
    entry.next = 0;
  }

  #of(site: SiteId): { lists: T[][]; life: number; next: number } {
    const known = this.#lives.get(site);
    if (known !== undefined) return known;
    const made = { lists: [[]], life: 0, next: 0 };
    this.#lives.set(site, made);
    return made;
  }
}

/** All decisions of one type in the log; `read` gives undefined for one of no interest. */
export async function readDue<T extends OnBasis>(
  store: EventStore,
  type: string,
  read: (event: RecordedEvent, data: object) => T | undefined,
): Promise<Due<T>> {
  const due = new Due<T>();
  for await (const page of store.readAll({ types: [type, 'SiteRemoved'] })) {
    for (const event of page) {
      const site = event.key as SiteId;
      if (event.type === 'SiteRemoved') {
        due.endLife(site);
        continue;
      }
      const current = upcast(event);
      const one = current.kind === 'current' ? read(event, current.data) : undefined;
      if (one !== undefined) due.add(site, one);
    }
  }
  due.sort();
  return due;
}
