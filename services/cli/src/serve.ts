// Runs an engine for the sites of some files until it is told to end.

import { join } from 'node:path';
import { assertMayListen } from '@ampledger/api';
import { watchSignals } from '@ampledger/process';
import { type Engine, startEngine } from './engine.js';
import { CliError, EXIT, type ExitCode, endOf } from './exit.js';
import { type Log, stderrLog } from './log.js';
import { holdsLog } from './open-log.js';
import { runUntilEnd } from './run-engine.js';
import { DATA_ROOT, type ServeOptions } from './serve-options.js';
import { loadSiteFiles, sitesOrExit } from './site-files.js';
import { tokensOrExit } from './tokens-file.js';

export async function serve(options: ServeOptions): Promise<ExitCode> {
  const log = stderrLog();
  const signals = watchSignals(log);
  const files = options.site ?? [];
  const engine = await startFromFiles(options, files, log);
  signals.onHangup(() => void reload(engine, files, log));
  log.info({ sites: engine.siteIds, stations: engine.ocppUrl, api: engine.apiUrl }, 'Serving');
  return runUntilEnd({ engine, log, signals });
}

export async function startFromFiles(
  options: ServeOptions,
  files: readonly string[],
  log: Log,
): Promise<Engine> {
  const tokens = tokensOrExit(options.tokens);
  assertMayListen(options.host, tokens);
  const sites = sitesOrExit(files);
  const first = sites[0];
  const directory = options.data ?? (first && join(DATA_ROOT, first.id));
  if (directory === undefined)
    throw new CliError(EXIT.badInput, 'Name a site file with --site, or a log with --data.');
  // An empty log would be left behind, and found there by who looks for the right one.
  if (first === undefined) refuseWithoutLog(directory);
  const { host, ocppHost, ocppPort, port } = options;
  const address = { host, ocppPort, apiPort: port, ...(ocppHost === undefined ? {} : { ocppHost }) };
  const engine = await startEngine({ directory, sites, tokens, log, ...address });
  if (engine.siteIds.length > 0) return engine;
  await engine.close();
  throw new CliError(EXIT.badInput, `The log in ${directory} knows no site: name a site file with --site.`);
}

function refuseWithoutLog(directory: string): void {
  if (holdsLog(directory)) return;
  throw new CliError(EXIT.badInput, `${directory} holds no log: name a site file with --site.`);
}

/** A bad file changes nothing. */
export async function reload(engine: Engine, files: readonly string[], log: Log): Promise<void> {
  const sites = loadSiteFiles(files);
  if (!sites.ok) {
    log.error({}, 'The site files have problems; nothing was changed');
    process.stderr.write(`${sites.error}\n`);
    return;
  }
  try {
    const changed = await engine.configure(sites.value);
    if (changed.length === 0) log.info({}, 'The site files say nothing new');
    else log.info({ sites: changed }, 'Reconfigured');
  } catch (error) {
    log.error({}, `The site files were not taken over: ${endOf(error).message}`);
  }
}
