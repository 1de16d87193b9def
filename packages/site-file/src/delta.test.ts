import { lineCurrentA, transformerLines } from '@ampledger/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectorsOfStation, nodeOf, problemsOf, siteOf, withStation } from './testing.js';

const DELTA = { wiring: 'delta' };
const root = (grid: object, keys: object = DELTA) => nodeOf(siteOf({ ...keys, grid }), 'grid');

describe('a site with delta wiring', () => {
  test('has 208 V between lines, unless it says otherwise', () => {
    expect(siteOf(DELTA)).toMatchObject({ wiring: 'delta', voltageV: 208 });
    expect(siteOf({ ...DELTA, voltage: '240 V' }).voltageV).toBe(240);
    expect(siteOf({ wiring: 'wye' })).toMatchObject({ wiring: 'wye', voltageV: 230 });
  });

  test.each([
    [{ rotation: 'AB' }, [0]],
    [{ rotation: 'BC' }, [1]],
    [{ rotation: 'CA' }, [2]],
    [{}, [0, 1, 2]],
    [{ rotation: 'ABC' }, [0, 1, 2]],
    [{ rotation: 'BCA' }, [1, 2, 0]],
    [{ rotation: 'CAB' }, [2, 0, 1]],
    // The station's L1-L2, L2-L3, L3-L1 are A-C, C-B, B-A.
    [{ rotation: 'ACB' }, [2, 1, 0]],
    [{ rotation: 'BAC' }, [0, 2, 1]],
    [{ rotation: 'CBA' }, [1, 0, 2]],
    [{ phases: 1 }, [0]],
    [{ phases: 1, rotation: 'CA' }, [2]],
    [{ rotation: 'BCA', connectors: [{ id: 1, phases: 1 }] }, [1]],
  ])('%j', (station, legs) => {
    expect(connectorsOfStation(station, DELTA)[0]?.phases).toEqual(legs);
  });

  test.each([
    [{ rotation: 'L1' }, DELTA, 'rotation: rotation `L1` in a site with `wiring: delta` | lines: `AB`'],
    [{ rotation: 'AB' }, {}, 'rotation: rotation `AB` in a site with `wiring: wye` | phases: `L1`'],
    [
      { phases: 2 },
      DELTA,
      'phases: `phases: 2` in a site with `wiring: delta` | 1 phase, between two lines, or 3',
    ],
    [{ phases: 3, rotation: 'AB' }, DELTA, 'rotation: rotation `AB` does not match 3 phases'],
    [{ phases: 1, rotation: 'ABC' }, DELTA, 'rotation: rotation `ABC` does not match 1 phase'],
  ])('%j in %j is refused', (station, keys, expected) => {
    expect(problemsOf(withStation(station, keys))).toEqual([
      expect.stringContaining(`grid.stations[0].${expected}`),
    ]);
  });

  test('no wiring but these', () => {
    expect(problemsOf({ wiring: 'star' })).toEqual(['wiring: `star` does not fit here | `wye` or `delta`']);
  });
});

describe('a transformer', () => {
  test('by its currents and ratio', () => {
    const transformer = { secondary: '416 A', primary: ['180 A', '170 A', '160 A'], ratio: 4 };
    expect(root({ limit: '150 kVA', transformer })).toMatchObject({
      limitW: 150_000,
      transformer: { secondaryA: [416, 416, 416], primaryA: [180, 170, 160], ratio: 4 },
    });
    expect(root({ limit: '1 kW', transformer: { secondary: '416 A' } }).transformer).toEqual({
      secondaryA: [416, 416, 416],
      primaryA: null,
      ratio: 1,
    });
    expect(
      root({ limit: '1 kW', transformer: { primary: '180 A', ratio: 4 } }).transformer?.secondaryA,
    ).toBeNull();
  });

  test('by its plate: both sides carry the rated power', () => {
    const plate = { power: '150 kVA', primary: '480 V', secondary: '208 V' };
    const { transformer } = root({ limit: '150 kVA', transformer: plate });
    expect(transformer?.secondaryA?.[0]).toBeCloseTo(416.36, 2);
    expect(transformer?.primaryA?.[0]).toBeCloseTo(180.42, 2);
    expect(transformer?.ratio).toBeCloseTo(3.997, 3);
    // Balanced at rated current, both sides are just full.
    const site = siteOf({ ...DELTA, grid: { limit: '150 kVA', transformer: plate } });
    const legA = (transformer?.secondaryA?.[0] ?? 0) / Math.sqrt(3);
    for (const line of transformerLines(site)) {
      expect(lineCurrentA(line, [legA, legA, legA])).toBeCloseTo(line.limitA, 6);
    }
  });

  const plate = { power: '150 kVA', primary: '480 V', secondary: '208 V' };
  test.each([
    [
      { secondary: '416 A' },
      {},
      ': `transformer` in a site with `wiring: wye` | `wiring: delta` at the site',
    ],
    [{}, DELTA, ': says neither `primary` nor `secondary`'],
    [{ ratio: 4 }, DELTA, ': says neither `primary` nor `secondary`'],
    [{ primary: '180 A' }, DELTA, '.ratio: `ratio` is missing'],
    [{ primary: '180 A', ratio: 0 }, DELTA, '.ratio: 0 does not fit here | a ratio, a number above 0'],
    [{ primary: '480 V', ratio: 4 }, DELTA, '.primary: `primary` is a voltage without a `power`'],
    [{ secondary: '5 kW' }, DELTA, '.secondary: `5 kW` is no current or voltage in range'],
    [{ ...plate, primary: '180 A' }, DELTA, '.primary: `primary` is a current beside `power`'],
    [
      { power: '150 kVA', primary: '480 V' },
      DELTA,
      '.secondary: `secondary` is missing | the voltage between lines',
    ],
    [{ ...plate, ratio: 4 }, DELTA, '.ratio: `ratio` beside `power` | no `ratio`'],
    [{ ...plate, secondary: '120 V' }, DELTA, '.secondary: `secondary` is at 120 V and the site at 208 V'],
    [{ ...plate, power: '150 A' }, DELTA, '.power: `150 A` is a current | a power, such as'],
    [{ secundary: '5 A' }, DELTA, '.secundary: unknown key `secundary`; did you mean `secondary`?'],
  ])('%j in %j is refused', (transformer, keys, expected) => {
    expect(problemsOf({ ...keys, grid: { limit: '100 kW', transformer } })).toEqual([
      expect.stringContaining(`grid.transformer${expected}`),
    ]);
  });
});

describe('what a fuse carries behind a delta is what its lines carry', () => {
  const stations = [
    { ids: 'S1..S2', rotation: 'AB' },
    { id: 'S3', rotation: 'BC' },
  ];

  test('a limit in amperes is one of lines', () => {
    expect(root({ limit: '100 A', stations })).toMatchObject({
      limitA: [100, 100, 100],
      transformer: { secondaryA: [100, 100, 100], primaryA: null },
    });
  });

  test('with all load on one leg the lines are the leg', () => {
    const site = siteOf({
      ...DELTA,
      grid: {
        limit: '100 A',
        stations,
        nodes: [{ id: 'pod', limit: ['80 A', '70 A', '60 A'], stations: [{ id: 'V', rotation: 'BC' }] }],
      },
    });
    // BC is between the lines B and C.
    expect(nodeOf(site, 'pod')).toMatchObject({ limitA: [70, 60, 60], transformer: null });
    const lit = { limit: '80 A', unmanaged: ['1 A', 0, 0], stations: [{ id: 'V', rotation: 'BC' }] };
    expect(root(lit).transformer?.secondaryA).toEqual([80, 80, 80]);
    expect(root({ ...lit, unmanaged: [0, '1 A', 0] }).transformer).toBeNull();
    // A meter may show any leg, whatever the file says of its most.
    const metered = { ...lit, unmanaged: { meter: true, max: [0, '1 A', 0] } };
    expect(root(metered).transformer?.secondaryA).toEqual([80, 80, 80]);
  });

  test('beside a transformer the lesser holds', () => {
    const transformer = { secondary: ['90 A', '110 A', '100 A'], primary: '40 A', ratio: 4 };
    expect(root({ limit: '100 A', transformer, stations }).transformer).toEqual({
      secondaryA: [90, 100, 100],
      primaryA: [40, 40, 40],
      ratio: 4,
    });
  });

  test('where the wiring is wye, a limit is one of phases', () => {
    const wye = [{ id: 'S1' }];
    expect(root({ limit: '100 A', stations: wye }, {})).toMatchObject({
      limitA: [100, 100, 100],
      transformer: null,
    });
  });

  const amperes = fc.double({ min: 0, max: 100, noNaN: true });
  test('law: currents of legs are allowed exactly when the phasors of the lines are', () => {
    const three = (of: readonly number[]) => of.map((value) => `${value.toFixed(3)} A`);
    fc.assert(
      fc.property(fc.tuple(amperes, amperes, amperes), fc.tuple(amperes, amperes, amperes), (limit, legs) => {
        const keys = { ...DELTA, grid: { limit: three(limit), stations: [{ id: 'S' }] } };
        const site = siteOf(keys);
        const lineLimits = limit.map((value) => Number(value.toFixed(3)));
        const lines = linesOf(legs);
        // Too near to tell.
        fc.pre(lines.every((line, k) => Math.abs(line - (lineLimits[k] ?? 0)) > 1e-6));
        const fits = lines.every((line, k) => line < (lineLimits[k] ?? 0));
        const { limitA } = nodeOf(site, 'grid');
        const allowed =
          legs.every((leg, k) => leg <= (limitA?.[k] ?? 0) + 1e-9) &&
          transformerLines(site).every((line) => lineCurrentA(line, legs) <= line.limitA);
        expect(allowed).toBe(fits);
      }),
      { numRuns: 300 },
    );
  });
});

/** Lines A, B, C as sums of phasors: A = AB - CA, and so on, with the legs a third of a turn apart. */
function linesOf(legs: readonly number[]): readonly number[] {
  const phasor = (k: number): readonly [number, number] => {
    const angle = (-2 * Math.PI * k) / 3;
    return [(legs[k] ?? 0) * Math.cos(angle), (legs[k] ?? 0) * Math.sin(angle)];
  };
  return [0, 1, 2].map((k) => {
    const [to, from] = [phasor(k), phasor((k + 2) % 3)];
    return Math.hypot(to[0] - from[0], to[1] - from[1]);
  });
}

describe('unbalance and export', () => {
  test('are limits of a node', () => {
    expect(root({ limit: '80 A', unbalance: '20 A', export: '10 kW' }, {})).toMatchObject({
      unbalanceA: 20,
      exportA: null,
      exportW: 10_000,
    });
    expect(root({ limit: '80 A', export: '16 A' }, {})).toMatchObject({
      exportA: [16, 16, 16],
      exportW: null,
    });
    const both = { current: ['16 A', '10 A', 0], power: '5 kW' };
    expect(root({ limit: '80 A', export: both }, {})).toMatchObject({ exportA: [16, 10, 0], exportW: 5000 });
    expect(root({ limit: '80 A', export: 0 }, {}).exportA).toEqual([0, 0, 0]);
  });

  test('behind a delta no line carries back more than is written', () => {
    const stations = [{ id: 'S', rotation: 'AB' }];
    expect(root({ limit: '80 A', export: '16 A', stations }).exportA).toEqual([16, 16, 16]);
    const { exportA } = root({ limit: '80 A', export: '16 A', stations: [{ id: 'S' }] });
    expect(Math.max(...linesOf(exportA ?? []))).toBeCloseTo(16, 8);
  });

  test.each([
    [{ unbalance: '4.6 kW' }, 'unbalance: `4.6 kW` is a power | a current, such as'],
    [{ unbalance: 20 }, 'unbalance: 20 has no unit'],
    [{ export: '5 V' }, 'export: `5 V` is no current or power in range'],
    [{ export: {} }, 'export: says neither `current` nor `power`'],
  ])('%j is refused', (keys, expected) => {
    expect(problemsOf({ grid: { limit: '80 A', ...keys } })).toEqual([
      expect.stringContaining(`grid.${expected}`),
    ]);
  });
});
