// Reads a history from a file into a log.

import { fileError } from '../history/file-error.js';
import { type ImportReport, importHistory } from '../history/import-history.js';
import { type HistoryTargetOptions, openTarget } from '../history/target.js';
import { print, printJson, table } from '../output.js';
import { createProgressBar } from '../progress-bar.js';

export interface ImportCommandOptions extends HistoryTargetOptions {
  readonly json?: true;
}

export async function importFile(path: string, options: ImportCommandOptions): Promise<void> {
  const bar = createProgressBar(process.stderr);
  try {
    const report = await importHistory({
      path,
      openTarget: () => openTarget(options),
      onProgress: (phase, bytes, bytesTotal) => bar.show(phase, bytes, bytesTotal),
    });
    bar.clear();
    if (options.json) await printJson({ file: path, ...report });
    else await print(reportText(report));
  } catch (error) {
    throw fileError(path, error);
  } finally {
    bar.clear();
  }
}

function reportText({ events, published, present, sha256, sites }: ImportReport): string {
  const rows = sites.map((site) => [
    site.site,
    String(site.events),
    String(site.published),
    String(site.present),
    site.sha256,
  ]);
  const ended = sites.filter(({ disconnected }) => disconnected).map(({ site }) => site);
  const lines = [
    table(['SITE', 'EVENTS>', 'NEW>', 'PRESENT>', 'SHA-256'], rows),
    `${events} events, SHA-256 ${sha256}: ${published} are new, ${present} were there already.`,
    ...(ended.length === 0
      ? []
      : [`Stations were connected at the end: recorded as gone (${ended.join(', ')}).`]),
  ];
  return `${lines.join('\n')}\n`;
}
