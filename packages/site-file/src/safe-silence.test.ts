import type { SiteConfig } from '@ampledger/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSiteFile } from './parse-site-file.js';

const site = (grid: object, defaults: object = {}): string =>
  JSON.stringify({ id: 's', timeZone: 'UTC', grid, defaults: { connector: defaults } });
const messages = (text: string): readonly string[] => {
  const result = parseSiteFile(text);
  return result.ok ? [] : result.error.map(({ path, message }) => `${path}: ${message}`);
};

describe('the sum of what is held in silence', () => {
  test('names the node, the phase, the sum and the limit', () => {
    const feeder = {
      id: 'feeder',
      limit: '16 A',
      stations: [{ ids: 'S1..S3', rotation: 'L2', fallback: '6 A' }],
    };
    expect(messages(site({ limit: '80 A', nodes: [feeder] }))).toEqual([
      'grid.nodes[0].limit: silence is not safe: the `fallback` and `idle` limits below `feeder` sum to 18 A on L2, above the limit of 16 A',
    ]);
  });

  test('just fits', () => {
    expect(messages(site({ limit: '18 A', stations: [{ ids: 'S1..S3', fallback: '6 A' }] }))).toEqual([]);
    expect(
      messages(site({ limit: '0.3 A', stations: [{ ids: 'S1..S3', min: '0.1 A', fallback: '0.1 A' }] })),
    ).toEqual([]);
  });

  test('unmanaged load of the node and of nodes below comes off, a metered one with its maximum', () => {
    const house = { id: 'house', unmanaged: '5 A' };
    const shop = { id: 'shop', unmanaged: { meter: true, max: ['4 A', 0, 0] } };
    const grid = {
      limit: '20 A',
      unmanaged: '1 A',
      nodes: [house, shop],
      stations: [{ ids: 'S1..S2', idle: '6 A' }],
    };
    expect(messages(site(grid))).toEqual([
      expect.stringContaining('sum to 12 A on L1, above the limit of 20 A less 10 A unmanaged'),
    ]);
  });

  test('a power limit counts all phases', () => {
    const grid = { limit: '8 kW', stations: [{ ids: 'S1..S2', fallback: '6 A' }] };
    expect(messages(site(grid))).toEqual([
      expect.stringContaining('sum to 8.28 kW, above the limit of 8 kW'),
    ]);
  });

  test("a station's own fuse is a limit", () => {
    const station = { id: 'S1', limit: '10 A', fallback: '6 A', connectors: [{ id: 1 }, { id: 2 }] };
    expect(messages(site({ limit: '80 A', stations: [station] }))).toEqual([
      expect.stringContaining(
        'grid.stations[0].limit: silence is not safe: the `fallback` and `idle` limits below `s1` sum to 12 A',
      ),
    ]);
  });

  test('one connector in its session and another one idle is a mix that must fit too', () => {
    const stations = [
      { id: 'S1', fallback: '10 A' },
      { id: 'S2', idle: '10 A' },
    ];
    expect(messages(site({ limit: '10 A', stations }))).toEqual([expect.stringContaining('sum to 20 A')]);
  });

  test('constant load above the limit is a mistake, a metered maximum above it is not', () => {
    expect(messages(site({ limit: '10 A', unmanaged: ['1 A', '11 A', 0] }))).toEqual([
      expect.stringContaining(
        'the unmanaged load of `grid` and below, 11 A on L2, is above its limit of 10 A',
      ),
    ]);
    const metered = { limit: '10 A', unmanaged: { meter: true, max: '40 A' } };
    expect(messages(site({ ...metered, stations: [{ id: 'S1' }] }))).toEqual([]);
    expect(messages(site({ ...metered, stations: [{ id: 'S1', idle: '6 A' }] }))).toEqual([
      expect.stringContaining('above the limit of 10 A less 40 A unmanaged'),
    ]);
  });
});

/** What flows through a node when each connector holds what `held` says: written without the product's sums. */
function flows(config: SiteConfig, node: string, held: (key: string) => number): readonly number[] {
  const under = new Set([node]);
  for (const { id, parent } of config.nodes) if (parent !== null && under.has(parent)) under.add(id);
  const flow = [0, 0, 0];
  for (const station of config.stations.filter((s) => under.has(s.node))) {
    for (const { evseId, phases } of station.connectors) {
      for (const phase of phases) flow[phase] = (flow[phase] ?? 0) + held(`${station.id}/${evseId}`);
    }
  }
  return flow;
}

test('no accepted site is over a limit in silence, whichever connectors have a session', () => {
  const offer = fc.constantFrom('0 A', '6 A', '8 A');
  const station = fc.record({
    rotation: fc.constantFrom('L1', 'L2', 'L3', 'L1L2', 'L3L1', 'L2L3L1'),
    fallback: offer,
    idle: offer,
  });
  const node = (depth: number): fc.Arbitrary<object> =>
    fc.record({
      limit: fc.constantFrom('10 A', '20 A', '40 A', '100 A', { current: '40 A', power: '12 kW' }),
      stations: fc.array(station, { maxLength: 3 }),
      nodes: depth === 0 ? fc.constant([]) : fc.array(node(depth - 1), { maxLength: 2 }),
    });
  let accepted = 0;
  fc.assert(
    fc.property(node(3), fc.integer(), (grid, mix) => {
      const result = parseSiteFile(site(numbered(grid)));
      if (!result.ok) return;
      accepted++;
      const config = result.value;
      const all = new Map<string, { readonly fallbackA: number; readonly idleA: number }>(
        config.stations.flatMap((s) => s.connectors.map((c) => [`${s.id}/${c.evseId}`, c] as const)),
      );
      const held = (key: string): number => {
        const connector = all.get(key);
        const inSession = ((mix >> ([...all.keys()].indexOf(key) % 31)) & 1) === 1;
        return (inSession ? connector?.fallbackA : connector?.idleA) ?? 0;
      };
      for (const { id, limitA, limitW } of config.nodes) {
        const flow = flows(config, id, held);
        flow.forEach((ampere, phase) => {
          expect(ampere).toBeLessThanOrEqual((limitA?.[phase] ?? Infinity) + 1e-6);
        });
        expect(flow.reduce((a, b) => a + b) * 230).toBeLessThanOrEqual((limitW ?? Infinity) + 1e-3);
      }
    }),
    { numRuns: 200 },
  );
  expect(accepted).toBeGreaterThan(50);
});

/** Gives every node and station of a generated tree an id of its own. */
function numbered(grid: object): object {
  let next = 0;
  const visit = (value: { stations?: object[]; nodes?: object[] }): object => ({
    ...value,
    id: `n${next++}`,
    stations: value.stations?.map((s) => ({ ...s, id: `S${next++}` })) ?? [],
    nodes: value.nodes?.map((n) => visit(n)) ?? [],
  });
  return visit(grid);
}
