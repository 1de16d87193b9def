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

  test('workplace-208: legs of a delta behind a transformer that carries about half of what they could draw', () => {
    const { wiring, voltageV, nodes, stations } = read('workplace-208.yaml');
    expect({ wiring, voltageV }).toEqual({ wiring: 'delta', voltageV: 208 });
    const [root, ...below] = nodes;
    expect(root?.transformer?.secondaryA?.[0]).toBeCloseTo(416.4, 1);
    expect(root?.transformer?.primaryA?.[0]).toBeCloseTo(180.4, 1);
    expect(below.map((node) => node.transformer === null)).toEqual([false, false, true, false]);
    const connectors = stations.flatMap((station) => station.connectors);
    const ac = connectors.filter((c) => c.current === 'ac');
    const watts = ac.reduce((sum, c) => sum + c.maxA * c.phases.length * voltageV, 0);
    expect(watts).toBeGreaterThan(1.8 * (root?.limitW ?? Infinity));
    for (const leg of [0, 1, 2])
      expect(ac.filter((c) => c.phases[0] === leg).length).toBeGreaterThanOrEqual(10);
    expect(connectors.find((c) => c.current === 'dc')?.phases).toHaveLength(3);
  });

  test('fast-charging: cabinets that share their modules, combined posts, wiring that nobody knows', () => {
    const { nodes, stations, policy, plan } = read('fast-charging.yaml');
    const cabinet = nodes.find((node) => node.id === 'hpc1');
    expect((cabinet?.limitW ?? 0) * 0.95).toBeCloseTo(300_000, 3);
    const shared = stations.find((station) => station.node === 'hpc1')?.connectors ?? [];
    expect(shared).toHaveLength(2);
    for (const { stepA, maxA } of shared) expect(maxA / stepA).toBeCloseTo(10, 6);
    expect(stations.find(({ id }) => id === 'DC2')?.connectors.map((c) => c.current)).toEqual(['dc', 'ac']);
    expect(stations.find(({ id }) => id === 'AC1')?.connectors[0]?.rotationKnown).toBe(false);
    expect({ policy, node: plan?.battery?.node, demandPerKw: plan?.demandPerKw }).toEqual({
      policy: 'throughput',
      node: 'east',
      demandPerKw: 11.5,
    });
  });

  test('home-fleet: a tariff over midnight, a departure, a car that gives back', () => {
    const { nodes, stations, needs, plan } = read('home-fleet.yaml');
    expect(nodes[0]).toMatchObject({ unbalanceA: 20, exportW: 10_000 });
    expect(needs).toMatchObject({ energyWh: 20_000, departMinute: 450 });
    expect(plan?.tariff.slice(0, 2).map(({ fromMinute, toMinute }) => [fromMinute, toMinute])).toEqual([
      [1320, 1440],
      [0, 360],
    ]);
    expect(plan?.randomDelayS).toBe(600);
    expect(stations.map((station) => (station.connectors[0]?.dischargeA ?? 0) > 14)).toEqual([
      false,
      true,
      false,
    ]);
  });
});
