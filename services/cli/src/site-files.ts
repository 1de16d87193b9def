// Site files from disk, and what sites may not have in common.

import { readFileSync } from 'node:fs';
import type { SiteConfig } from '@ampledger/domain';
import { err, ok, type Result, type SiteId, type StationId } from '@ampledger/kernel';
import { formatProblems, parseSiteFile } from '@ampledger/site-file';
import { CliError, EXIT } from './exit.js';
import { systemWords } from './system-error.js';

/** The sites of these files, or everything that is wrong with them, as text. */
export function loadSiteFiles(paths: readonly string[]): Result<readonly SiteConfig[], string> {
  const sites: SiteConfig[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    const text = readText(path);
    if (!text.ok) {
      problems.push(text.error);
      continue;
    }
    const parsed = parseSiteFile(text.value, { fileName: path });
    if (parsed.ok) sites.push(parsed.value);
    else problems.push(formatProblems(parsed.error, text.value));
  }
  if (problems.length === 0) problems.push(...conflicts(sites));
  return problems.length === 0 ? ok(sites) : err(problems.join('\n\n'));
}

/** As `loadSiteFiles`; problems end the command. */
export function sitesOrExit(paths: readonly string[]): readonly SiteConfig[] {
  const sites = loadSiteFiles(paths);
  if (!sites.ok) throw new CliError(EXIT.badInput, sites.error);
  return sites.value;
}

function readText(path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return err(`${path} cannot be read: ${systemWords(error)}.`);
  }
}

/** A site or a station that stands in two files. */
function conflicts(sites: readonly SiteConfig[]): readonly string[] {
  const problems: string[] = [];
  const siteIds = new Set<SiteId>();
  const owners = new Map<StationId, SiteId>();
  for (const site of sites) {
    if (siteIds.has(site.id)) {
      problems.push(`The site "${site.id}" stands in two of the files.`);
      continue;
    }
    siteIds.add(site.id);
    for (const { id } of site.stations) {
      const owner = owners.get(id);
      if (owner !== undefined)
        problems.push(`The station "${id}" is in the sites "${owner}" and "${site.id}".`);
      owners.set(id, site.id);
    }
  }
  return problems;
}
