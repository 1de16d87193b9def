// A site as the engine understood its file, for people: the numbers that it will reckon with, tree first.

import { connectorsOf, type NodeConfig, type SiteConfig } from '@ampledger/domain';
import { round } from '../output.js';
import { nodeText } from './node-text.js';
import { needsText, planLines, policyText } from './rules-text.js';
import { stationLines } from './station-text.js';

export function siteText(site: SiteConfig): string {
  const root = site.nodes[0];
  const lines = [
    headOf(site),
    ...(root === undefined ? [] : nodeLines(site, root, 1)),
    `  Policy: ${policyText(site.policy)}`,
    `  Cars that say nothing: ${needsText(site.needs)}`,
    ...planLines(site.plan).map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

function headOf(site: SiteConfig): string {
  const volts = `${round(site.voltageV)} V${site.wiring === 'delta' ? ' between lines (delta)' : ''}`;
  const counts = `${site.stations.length} stations, ${connectorsOf(site).length} connectors`;
  return `${site.name ?? site.id} (${site.id}), ${site.timeZone}, ${volts}: ${counts}`;
}

function nodeLines(site: SiteConfig, node: NodeConfig, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  const stations = site.stations.filter((station) => station.node === node.id);
  const children = site.nodes.filter((child) => child.parent === node.id);
  return [
    `${indent}${node.id}: ${nodeText(node, site.wiring)}`,
    ...stationLines(stations, site).map((line) => `${indent}  ${line}`),
    ...children.flatMap((child) => nodeLines(site, child, depth + 1)),
  ];
}
