// Where commands read from: a data directory at rest, or a running engine. Both speak as the API does.

import type { EventFilter, EventWire, SiteWire } from '@ampledger/api';
import { CliError, EXIT } from '../exit.js';
import { openApiSource } from './api-source.js';
import { openLogSource } from './log-source.js';

export type EventQuery = EventFilter & { readonly limit?: number };

export interface Source {
  siteIds(): Promise<readonly string[]>;
  /** The site at a moment; null is now, or where the log ends. undefined: there was none. */
  site(id: string, at: number | null): Promise<SiteWire | undefined>;
  events(query: EventQuery): AsyncIterable<EventWire>;
  /** Every event after a position as it happens, without end; undefined where nothing can happen. */
  readonly follow?: (query: EventQuery) => AsyncIterable<EventWire>;
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly data?: string;
  readonly url?: string;
  readonly token?: string;
}

export async function openSource({ data, url, token }: SourceOptions): Promise<Source> {
  if ((data === undefined) === (url === undefined)) {
    throw new CliError(
      EXIT.badInput,
      'Name either a data directory with --data, or a running engine with --url.',
    );
  }
  if (url !== undefined) return openApiSource(url, token ?? process.env.AMPLEDGER_TOKEN);
  return openLogSource(data ?? '');
}

const NAMED = 10;

/** What there is instead of a name that is unknown. */
export function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'There is none yet.';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `There is: ${names.slice(0, NAMED).join(', ')}${more}.`;
}

/** A misspelt id is told from one of which there is nothing to say. */
export async function refuseUnknownSite(source: Source, site: string | undefined): Promise<void> {
  if (site === undefined) return;
  const known = await source.siteIds();
  if (known.includes(site)) return;
  throw new CliError(EXIT.badInput, `There is no site "${site}". ${namesText(known)}`);
}

/** Opens, uses, and closes again whatever happens. */
export async function withSource<T>(options: SourceOptions, use: (source: Source) => Promise<T>): Promise<T> {
  const source = await openSource(options);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}
