// Reads site files as the engine would, and prints what it makes of them.

import { connectorsOf, type NodeConfig, type SiteConfig } from '@ampledger/domain';
import { amperes, print, printJson, round } from '../output.js';
import { sitesOrExit } from '../site-files.js';

export async function check(files: readonly string[], json: boolean): Promise<void> {
  const sites = sitesOrExit(files);
  if (json) await printJson(sites.length === 1 ? sites[0] : sites);
  else await print(sites.map(siteText).join('\n'));
}

function siteText(site: SiteConfig): string {
  const connectors = connectorsOf(site);
  const head = `${site.name ?? site.id} (${site.id}), ${site.timeZone}, ${round(site.voltageV)} V: ${site.stations.length} stations, ${connectors.length} connectors`;
  const root = site.nodes[0];
  return `${[head, ...(root === undefined ? [] : nodeLines(site, root, 1))].join('\n')}\n`;
}

function nodeLines(site: SiteConfig, node: NodeConfig, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const stations = site.stations
    .filter((station) => station.node === node.id)
    .map((station) => `${indent}  ${stationText(station)}`);
  const children = site.nodes.filter((child) => child.parent === node.id);
  return [
    `${indent}${node.id}: ${nodeText(node)}`,
    ...stations,
    ...children.flatMap((child) => nodeLines(site, child, depth + 1)),
  ];
}

function nodeText({ limitA, limitW, reserveA, unmanaged }: NodeConfig): string {
  const parts = [
    ...(limitA === null ? [] : [`${amperes(limitA)} A`]),
    ...(limitW === null ? [] : [`${round(limitW / 1000)} kW`]),
    ...(reserveA > 0 ? [`reserve ${round(reserveA)} A`] : []),
    ...(unmanaged.kind === 'constant' ? [`unmanaged ${amperes(unmanaged.loadA)} A`] : []),
    ...(unmanaged.kind === 'metered' ? [`metered load, at most ${amperes(unmanaged.maxA)} A`] : []),
  ];
  return parts.length === 0 ? 'no limit of its own' : parts.join(', ');
}

function stationText({ id, connectors, passwordHash }: SiteConfig['stations'][number]): string {
  const each = connectors.map(({ evseId, phases, minA, maxA, priority, weight }) => {
    const names = phases.map((phase) => `L${phase + 1}`).join('');
    const rank = `${priority > 0 ? `, priority ${priority}` : ''}${weight === 1 ? '' : `, weight ${round(weight)}`}`;
    return `${evseId}: ${names} ${round(minA)}-${round(maxA)} A${rank}`;
  });
  return `${id}  ${each.join('; ')}${passwordHash === null ? '' : ' (password)'}`;
}
