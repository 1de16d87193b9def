// A history into a log: first the whole file is checked, then it is compared with what the log holds,
// then what is missing is published, in order and with the same ids. Stopped at any moment and begun
// again, it goes on where it was.

import { eventFor } from '@ampledger/domain';
import { type HistoryContent, type HistoryHeader, type HistoryPage, readHistory } from '@ampledger/history';
import type { SiteId } from '@ampledger/kernel';
import type { NewEvent } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import { CliError, EXIT } from '../exit.js';
import { VERSION } from '../version.js';
import { problemOf } from './event-problem.js';
import { type Presence, presenceIn } from './presence.js';
import type { HistoryTarget } from './target.js';

export interface ImportReport {
  /** In the file. */
  readonly events: number;
  readonly published: number;
  /** Were in the log before. */
  readonly present: number;
  readonly sha256: string;
  readonly sites: readonly ImportedSite[];
}

export interface ImportedSite {
  readonly site: string;
  readonly events: number;
  readonly published: number;
  readonly present: number;
  readonly sha256: string;
  /** Stations were connected where the history ends: an EngineStarted after it says that they no longer are. */
  readonly disconnected: boolean;
}

export interface ImportOptions {
  readonly path: string;
  /** Opened when the file has turned out sound. */
  readonly openTarget: () => Promise<HistoryTarget>;
  readonly onProgress?: (phase: 'check' | 'import', bytes: number, bytesTotal: number) => void;
}

export async function importHistory(options: ImportOptions): Promise<ImportReport> {
  const content = await checkFile(options);
  const target = await options.openTarget();
  try {
    const presence = await presenceIn(target, { path: options.path, summary: content.summary });
    const running = new Import(target, presence);
    await readHistory(options.path, {
      onPage: (page) => running.take(page),
      onProgress: ({ bytes, bytesTotal }) => options.onProgress?.('import', bytes, bytesTotal),
    });
    return await running.finish(content);
  } finally {
    await target.close();
  }
}

const checkFile = ({ path, onProgress }: ImportOptions): Promise<HistoryContent> =>
  readHistory(path, {
    onHeader: refusePart,
    onPage: refuseUnknown,
    onProgress: ({ bytes, bytesTotal }) => onProgress?.('check', bytes, bytesTotal),
  });

/** Without its beginning a history has no state, and its decisions count events that are not there. */
function refusePart({ selection }: HistoryHeader): void {
  if (selection.from === null) return;
  throw new CliError(
    EXIT.badInput,
    'The file holds a history without its beginning (it was exported with --from): there is nothing to rebuild a state from.',
  );
}

function refuseUnknown({ events, placeOf }: HistoryPage): void {
  for (const [index, event] of events.entries()) {
    const problem = problemOf(event);
    if (problem !== undefined) throw new CliError(EXIT.badInput, `At ${placeOf(index)}: ${problem}`);
  }
}

interface SiteCount {
  seen: number;
  published: number;
}

class Import {
  readonly #target: HistoryTarget;
  readonly #presence: Presence;
  readonly #fold: Fold = emptyFold();
  readonly #counts = new Map<string, SiteCount>();
  #position = 0;

  constructor(target: HistoryTarget, presence: Presence) {
    this.#target = target;
    this.#presence = presence;
  }

  async take({ events }: HistoryPage): Promise<void> {
    const missing = events.filter((event) => this.#isMissing(event));
    await this.#publish(missing);
    for (const event of events) {
      this.#position += 1;
      foldEvent(this.#fold, { ...event, position: this.#position, revision: 0 });
    }
  }

  async finish({ summary }: HistoryContent): Promise<ImportReport> {
    const sites: ImportedSite[] = [];
    for (const { site, events, sha256 } of summary.sites) {
      const published = this.#counts.get(site)?.published ?? 0;
      const disconnected = await this.#disconnect(site, events, sha256);
      sites.push({ site, events, published, present: events - published, sha256, disconnected });
    }
    const published = sites.reduce((sum, site) => sum + site.published, 0);
    const { events, sha256 } = summary;
    return { events, published, present: events - published, sha256, sites };
  }

  #isMissing({ key }: NewEvent): boolean {
    const count = this.#counts.get(key) ?? { seen: 0, published: 0 };
    this.#counts.set(key, count);
    count.seen += 1;
    return count.seen > (this.#presence.get(key) ?? 0);
  }

  async #publish(events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const published = await this.#target.publish(events);
    for (const [index, { key }] of events.entries()) {
      const count = this.#counts.get(key);
      if (count !== undefined && published[index]?.duplicate === false) count.published += 1;
    }
  }

  /** Not where the log goes on after the end of the file: its connections are its own. */
  async #disconnect(key: string, events: number, sha256: string): Promise<boolean> {
    const site = key as SiteId;
    const state = this.#fold.sites.get(site);
    if (state === undefined || (this.#presence.get(key) ?? 0) > events) return false;
    if (![...state.stations.values()].some(({ online }) => online)) return false;
    const event = eventFor({
      event: { type: 'EngineStarted', data: { site, engine: 'import', version: VERSION } },
      site,
      // The same in every log that the file is imported into.
      receivedAt: state.receivedAt,
      idParts: ['import', sha256],
    });
    await this.#target.publish([event]);
    return true;
  }
}
