import { currentOn, type SiteConfig } from '@ampledger/domain';
import { addPhases, type Phase, ZERO } from '@ampledger/kernel';
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

describe('DC, unknown rotations, unbalance', () => {
  test('DC counts with what it takes from the grid', () => {
    const dc = { current: 'dc', max: '50 kW', fallback: '20 kW', efficiency: 0.8 };
    const grid = (limit: string) => ({ limit, stations: [{ ids: 'S1..S2', ...dc }] });
    expect(messages(site(grid('50 kW')))).toEqual([]);
    expect(messages(site(grid('49 kW')))).toEqual([
      expect.stringContaining('below `grid` sum to 50 kW, above the limit of 49 kW'),
    ]);
    expect(messages(site(grid('72 A')))).toEqual([expect.stringContaining('sum to 72.46 A on L1')]);
  });

  test('a rotation that nobody knows counts on every phase', () => {
    const known = { phases: 1, fallback: '6 A' };
    const grid = { limit: [0, '20 A', '6 A'], stations: [{ id: 'S1', ...known, rotation: 'unknown' }] };
    expect(messages(site(grid))).toEqual([
      expect.stringContaining('sum to 6 A on L1, above the limit of 0 A'),
    ]);
    expect(messages(site({ ...grid, limit: '6 A' }))).toEqual([]);
  });

  test('what is held differs by no more than the unbalance', () => {
    const stations = [
      { id: 'S1', rotation: 'L2', fallback: '16 A' },
      { id: 'S2', rotation: 'L1', fallback: '6 A' },
    ];
    expect(messages(site({ limit: '80 A', unbalance: '16 A', stations }))).toEqual([]);
    expect(messages(site({ limit: '80 A', unbalance: '15 A', stations }))).toEqual([
      'grid.unbalance: the `fallback` and `idle` limits below `grid` sum to 16 A more on L2 than on L3',
    ]);
  });
});

describe('behind a delta', () => {
  const delta = (grid: object): string => JSON.stringify({ id: 's', timeZone: 'UTC', wiring: 'delta', grid });
  const legs = [
    { id: 'S1', rotation: 'AB', fallback: '10 A' },
    { id: 'S2', rotation: 'CA', fallback: '10 A' },
  ];

  test('a limit is one of lines: two legs make √3 of one', () => {
    expect(messages(delta({ limit: '17.4 A', stations: legs }))).toEqual([]);
    expect(messages(delta({ limit: '17.3 A', stations: legs }))).toEqual([
      'grid.limit: silence is not safe: the `fallback` and `idle` limits below `grid` sum to 17.32 A in line A, above the limit of 17.3 A',
    ]);
  });

  test('at three phases a car may be on one leg: each counts in full, but not all at once', () => {
    const stations = [{ id: 'S1', fallback: '10 A' }];
    expect(messages(delta({ limit: '17.4 A', stations }))).toEqual([]);
    expect(messages(delta({ limit: '17.3 A', stations }))).toEqual([
      expect.stringContaining('sum to 17.32 A in line A, above the limit of 17.3 A'),
    ]);
    expect(messages(delta({ limit: '3.61 kW', stations }))).toEqual([]);
    expect(messages(delta({ limit: '3.59 kW', stations }))).toEqual([
      expect.stringContaining('sum to 3.6 kW, above the limit of 3.59 kW'),
    ]);
  });

  test('DC loads each leg with less than its current', () => {
    const stations = [{ id: 'S1', current: 'dc', max: '50 kW', fallback: '9.5 kW', efficiency: 0.95 }];
    expect(messages(delta({ limit: '27.8 A', stations }))).toEqual([]);
    expect(messages(delta({ limit: '27.7 A', stations }))).toEqual([
      expect.stringContaining('sum to 27.76 A in line A, above the limit of 27.7 A'),
    ]);
    expect(messages(delta({ limit: '10.01 kW', stations }))).toEqual([]);
  });

  test('the leg of a pod is named', () => {
    expect(messages(delta({ limit: '9 A', stations: legs.slice(1) }))).toEqual([
      expect.stringContaining('sum to 10 A on CA, above the limit of 9 A'),
    ]);
  });

  test('a transformer, on both sides, beside unmanaged load', () => {
    const grid = { limit: '100 kW', stations: legs, unmanaged: ['10 A', 0, 0] };
    const message = (transformer: object) => messages(delta({ ...grid, transformer }));
    // AB 20 A, CA 10 A: line A carries √700 = 26.46 A, and primary line B √2100 / 4 = 11.46 A.
    expect(message({ secondary: '26.5 A' })).toEqual([]);
    expect(message({ secondary: '26.4 A' })).toEqual([
      'grid.transformer: silence is not safe: the `fallback` and `idle` limits below `grid` sum to 17.32 A in line A, above the limit of 26.4 A less 10 A unmanaged',
    ]);
    expect(message({ primary: '11.4 A', ratio: 4 })).toEqual([
      expect.stringContaining('in line B of the primary side, above the limit of 11.4 A less 5 A unmanaged'),
    ]);
    expect(message({ primary: '11.5 A', ratio: 4 })).toEqual([]);
    expect(message({ primary: '2 A', ratio: 4 })).toEqual([
      expect.stringContaining(
        'unmanaged load of `grid` and below, 5 A in line B of the primary side, is above its limit',
      ),
    ]);
  });

  const amperes = fc.constantFrom('0 A', '6 A', '10 A');
  const station = fc.record({
    rotation: fc.constantFrom('AB', 'BC', 'CA', 'ABC'),
    // The one leg of a car at a station of three; null: it takes all of them.
    leg: fc.constantFrom<Phase | null>(0, 1, 2, null),
    fallback: amperes,
    idle: amperes,
  });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  test('law: no line of an accepted site is overloaded, whatever its cars take of what they may', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(station, { minLength: 1, maxLength: 6 }),
        fc.array(share, { minLength: 6, maxLength: 6 }),
        fc.tuple(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 4, max: 20 })),
        (stations, shares, [secondary, primary]) => {
          const transformer = { secondary: `${secondary} A`, primary: `${primary} A`, ratio: 4 };
          const named = stations.map(({ leg: _, ...s }, i) => ({ id: `S${i}`, ...s }));
          const result = parseSiteFile(delta({ limit: '100 kW', transformer, stations: named }));
          if (!result.ok) return;
          accepted++;
          let takenA = ZERO;
          for (const [i, { connectors }] of result.value.stations.entries()) {
            for (const { phases, fallbackA, idleA } of connectors) {
              const leg = stations[i]?.leg ?? null;
              const legs = phases.length === 1 || leg === null ? phases : [leg];
              const drawA = (Math.max(fallbackA, idleA) * Math.round((shares[i] ?? 0) * 4)) / 4;
              takenA = addPhases(takenA, currentOn('delta', legs, drawA));
            }
          }
          const lines = minus(takenA.map(phasor));
          for (const line of lines) expect(Math.hypot(...line)).toBeLessThanOrEqual(secondary + 1e-6);
          for (const line of minus(lines))
            expect(Math.hypot(...line) / 4).toBeLessThanOrEqual(primary + 1e-6);
        },
      ),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(80);
  });
});

type Phasor = readonly [number, number];
const phasor = (value: number, k: number): Phasor => {
  const angle = (-2 * Math.PI * k) / 3;
  return [value * Math.cos(angle), value * Math.sin(angle)];
};
/** Each less the one before it: legs to lines, and lines of the secondary side to those of the primary. */
const minus = (of: readonly Phasor[]): readonly Phasor[] =>
  of.map(([re, im], k) => {
    const [lessRe, lessIm] = of[(k + 2) % 3] ?? [0, 0];
    return [re - lessRe, im - lessIm];
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
