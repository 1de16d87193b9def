// Writes a log's history to a file.

import { existsSync } from 'node:fs';
import {
  formatOfName,
  type HistoryEvent,
  type HistoryFormat,
  headerOf,
  historyOf,
  type Selection,
  type WrittenHistory,
  writeHistory,
} from '@ampledger/history';
import { systemClock } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import { CliError, EXIT } from '../exit.js';
import { fileError } from '../history/file-error.js';
import { type HistorySource, type HistorySourceOptions, openSource } from '../history/source.js';
import { print, printJson, table } from '../output.js';
import { createProgressBar, type ProgressBar } from '../progress-bar.js';
import { refuseBackwards } from '../time-span.js';
import { VERSION } from '../version.js';

export interface ExportOptions extends HistorySourceOptions {
  readonly out: string;
  readonly site?: string;
  readonly from?: number;
  readonly to?: number;
  readonly format?: HistoryFormat;
  readonly force?: true;
  readonly json?: true;
}

export async function exportHistory(options: ExportOptions): Promise<void> {
  const format = formatOf(options);
  refuseBackwards(options);
  refuseExisting(options);
  const source = await openSource(options);
  const bar = createProgressBar(process.stderr);
  try {
    const written = await write(source, { ...options, format }, bar);
    bar.clear();
    if (options.json) await printJson({ file: options.out, format, ...written });
    else await print(reportText(options.out, written));
  } catch (error) {
    throw fileError(options.out, error);
  } finally {
    bar.clear();
    await source.close();
  }
}

function formatOf({ out, format }: ExportOptions): HistoryFormat {
  const asked = format ?? formatOfName(out);
  if (asked !== undefined) return asked;
  throw new CliError(
    EXIT.badInput,
    `${out} names no format: let it end in .ndjson, .ndjson.gz or .parquet, or give --format.`,
  );
}

function refuseExisting({ out, force }: ExportOptions): void {
  if (force || !existsSync(out)) return;
  throw new CliError(EXIT.badInput, `${out} exists already. Replace it with --force, or give another name.`);
}

async function write(
  source: HistorySource,
  options: ExportOptions & { readonly format: HistoryFormat },
  bar: ProgressBar,
): Promise<WrittenHistory> {
  const { out, format, site = null, from = null, to = null, force = false } = options;
  const selection: Selection = { site, from, to };
  const lastPosition = await source.lastPosition();
  const read = watched(source.pages(), (position) => bar.show('export', position, lastPosition));
  return writeHistory({
    path: out,
    format,
    header: headerOf({ madeAt: systemClock.now(), madeBy: `ampledger ${VERSION}`, selection }),
    pages: somethingOf(historyOf(read, selection), selection),
    overwrite: force,
  });
}

async function* watched(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  onPosition: (position: number) => void,
): AsyncGenerator<readonly RecordedEvent[]> {
  for await (const page of pages) {
    yield page;
    onPosition(page.at(-1)?.position ?? 0);
  }
}

/** A file without events is what nobody wants. */
async function* somethingOf(
  pages: AsyncIterable<readonly HistoryEvent[]>,
  { site }: Selection,
): AsyncGenerator<readonly HistoryEvent[]> {
  let events = 0;
  for await (const page of pages) {
    events += page.length;
    yield page;
  }
  if (events > 0) return;
  const of = site === null ? '' : ` of the site "${site}"`;
  throw new CliError(EXIT.badInput, `The log holds no events${of} in that time: there is nothing to export.`);
}

function reportText(path: string, { summary, bytes }: WrittenHistory): string {
  const rows = summary.sites.map(({ site, events, sha256 }) => [site, String(events), sha256]);
  const sites = summary.sites.length === 1 ? 'one site' : `${summary.sites.length} sites`;
  return [
    table(['SITE', 'EVENTS>', 'SHA-256'], rows),
    `${summary.events} events of ${sites} in ${path} (${bytes} bytes), SHA-256 ${summary.sha256}\n`,
  ].join('\n');
}
