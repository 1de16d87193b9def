// How much of a history a log holds already. A site's events must be the same in both, from the first on,
// as far as both go: anything else would be two histories of one site.

import { createHash, type Hash } from 'node:crypto';
import { type HistorySummary, readHistory } from '@ampledger/history';
import { CliError, EXIT } from '../exit.js';
import type { HistoryTarget } from './target.js';

/** Site → how many of its events the log holds; none for a site that it does not know. */
export type Presence = ReadonlyMap<string, number>;

/** Counts each site's events, and sums up the ids of the first of them. */
class Beginnings {
  readonly counts = new Map<string, number>();
  readonly #sums = new Map<string, Hash>();
  readonly #lengthOf: (site: string) => number;

  constructor(lengthOf: (site: string) => number) {
    this.#lengthOf = lengthOf;
  }

  add({ key, id }: { readonly key: string; readonly id: string }): void {
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    if (count >= this.#lengthOf(key)) return;
    const sum = this.#sums.get(key) ?? createHash('sha256');
    this.#sums.set(key, sum.update(JSON.stringify(id)));
  }

  sum(site: string): string | undefined {
    return this.#sums.get(site)?.copy().digest('hex');
  }
}

/** Throws a CliError for a site that has gone another way in the log. The file is one that was read whole before. */
export async function presenceIn(
  target: HistoryTarget,
  { path, summary }: { readonly path: string; readonly summary: HistorySummary },
): Promise<Presence> {
  const inFile = new Map(summary.sites.map(({ site, events }) => [site, events]));
  const there = new Beginnings((site) => inFile.get(site) ?? 0);
  for await (const page of target.existing()) for (const event of page) there.add(event);
  const known = summary.sites.map(({ site }) => site).filter((site) => there.counts.has(site));
  if (known.length === 0) return new Map();
  const here = new Beginnings((site) => there.counts.get(site) ?? 0);
  await readHistory(path, {
    onPage: ({ events }) => {
      for (const event of events) here.add(event);
    },
  });
  const other = known.filter((site) => there.sum(site) !== here.sum(site));
  if (other.length > 0) throw new CliError(EXIT.badInput, otherHistory(other));
  return new Map(known.map((site) => [site, there.counts.get(site) ?? 0]));
}

function otherHistory(sites: readonly string[]): string {
  const named = sites.slice(0, 10).map((site) => `"${site}"`);
  return `The log has another history of ${named.join(', ')}: nothing was imported. Import into another data directory.`;
}
