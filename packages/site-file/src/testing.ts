// For tests: a site from a few keys, read as a file is.

import type { ConnectorConfig, NodeConfig, SiteConfig } from '@ampledger/domain';
import { parseSiteFile } from './parse-site-file.js';
import { formatProblems } from './problem.js';

export const siteText = (keys: object): string =>
  JSON.stringify({ id: 's', timeZone: 'UTC', grid: { limit: '900 A' }, ...keys }, null, 2);

/** The site; throws an Error with its problems. */
export function siteOf(keys: object): SiteConfig {
  const text = siteText(keys);
  const result = parseSiteFile(text);
  if (!result.ok) throw new Error(formatProblems(result.error, text));
  return result.value;
}

/** `path: message | expected` of each problem. */
export function problemsOf(keys: object): readonly string[] {
  const result = parseSiteFile(siteText(keys));
  return result.ok ? [] : result.error.map((p) => `${p.path}: ${p.message} | ${p.expected}`);
}

/** A site with one station. */
export const withStation = (station: object, keys: object = {}): object => ({
  ...keys,
  grid: { limit: '900 A', stations: [{ id: 'S', ...station }] },
});

/** The connectors of that station. */
export const connectorsOfStation = (station: object, keys: object = {}): readonly ConnectorConfig[] =>
  siteOf(withStation(station, keys)).stations[0]?.connectors ?? [];

export function nodeOf(site: SiteConfig, id: string): NodeConfig {
  const node = site.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new Error(`there is no node ${id}`);
  return node;
}
