import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SiteConfig } from '@ampledger/domain';
import { describe, expect, test } from 'vitest';
import { parseSiteFile } from './parse-site-file.js';
import { formatProblems } from './problem.js';

const folder = fileURLToPath(new URL('../../../examples/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function read(name: string): SiteConfig {
  const text = readFileSync(folder + name, 'utf8');
  const result = parseSiteFile(text, { fileName: name });
  if (!result.ok) throw new Error(formatProblems(result.error, text));
  return result.value;
}

test.each(files)('%s is a site, named like its file', (name) => {
  expect(`${read(name).id}.yaml`).toBe(name);
});

describe('the examples are what they say', () => {
  test('garage: a dozen stations of one, two and three phases, some with two connectors, far above the main fuse', () => {
    const { stations, nodes } = read('garage.yaml');
    const connectors = stations.flatMap((station) => station.connectors);
    expect(stations).toHaveLength(12);
    expect(new Set(connectors.map((c) => c.phases.length))).toEqual(new Set([1, 2, 3]));
    expect(stations.filter((station) => station.connectors.length === 2)).toHaveLength(2);
    const onL1 = connectors.filter((c) => c.phases.includes(0)).reduce((sum, c) => sum + c.maxA, 0);
    expect(onL1).toBeGreaterThan(3 * (nodes[0]?.limitA?.[0] ?? Infinity));
  });

  test('depot: sixty stations behind two feeders', () => {
    const { stations, nodes } = read('depot.yaml');
    expect(stations).toHaveLength(60);
    expect(nodes.filter((node) => node.parent === nodes[0]?.id)).toHaveLength(2);
  });

  test('campus: three feeders, panels below them, a power limit at the top, metered load', () => {
    const { nodes } = read('campus.yaml');
    expect(nodes.filter((node) => node.parent === nodes[0]?.id)).toHaveLength(3);
    expect(nodes[0]?.limitW).toBe(600_000);
    expect(nodes.some((node) => node.unmanaged.kind === 'metered')).toBe(true);
  });
});
