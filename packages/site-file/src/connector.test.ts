import { describe, expect, test } from 'vitest';
import { connectorsOfStation, nodeOf, problemsOf, siteOf, withStation } from './testing.js';

const only = (station: object, keys: object = {}) => connectorsOfStation(station, keys)[0];
const DC = { current: 'dc', max: '150 kW' };

describe('DC connectors', () => {
  test('powers are what the car gets; amperes are those of the grid, on three phases', () => {
    const connector = only({ ...DC, min: '10 kW', fallback: '20 kW', idle: '15 kW' });
    expect(connector).toMatchObject({ current: 'dc', efficiency: 0.94, phases: [0, 1, 2] });
    const gridA = (watts: number) => watts / 0.94 / 3 / 230;
    expect(connector?.maxA).toBeCloseTo(gridA(150_000), 8);
    expect(connector?.minA).toBeCloseTo(gridA(10_000), 8);
    expect(connector?.fallbackA).toBeCloseTo(gridA(20_000), 8);
    expect(connector?.idleA).toBeCloseTo(gridA(15_000), 8);
  });

  test('the least is 5 kW, the efficiency may be written', () => {
    expect(only({ ...DC, efficiency: 1 })).toMatchObject({ efficiency: 1, minA: 7.24637681159 });
  });

  test('behind a delta, √3 times the voltage between lines', () => {
    const connector = only({ ...DC, efficiency: 1 }, { wiring: 'delta' });
    expect((connector?.maxA ?? 0) * 208 * Math.sqrt(3)).toBeCloseTo(150_000, 4);
  });

  test('what is lost on the way does not reach the grid when it discharges', () => {
    const connector = only({ ...DC, efficiency: 0.9, discharge: '150 kW' });
    expect(connector?.dischargeA).toBeCloseTo((connector?.maxA ?? 0) * 0.81, 8);
  });

  test('settings of AC connectors that stand further outside do not count, and the other way', () => {
    const station = {
      max: '16 A',
      min: '8 A',
      connectors: [{ id: 1 }, { id: 2, ...DC, efficiency: 1, min: '23 kW' }],
    };
    const [ac, dc] = connectorsOfStation(station, { defaults: { connector: { efficiency: 0.9 } } });
    expect(ac).toMatchObject({ current: 'ac', minA: 8, maxA: 16, efficiency: 1 });
    expect(dc).toMatchObject({ current: 'dc', minA: 33.3333333333, maxA: 217.391304348, efficiency: 1 });
    const defaults = { connector: { current: 'dc', max: '50 kW', step: '1 kW', phases: 3 } };
    expect(only({ current: 'ac' }, { defaults })).toMatchObject({ maxA: 32, stepA: 0 });
    expect(only({ current: 'dc', max: '9 kW' }, { defaults: { connector: { phases: 1 } } })?.phases).toEqual([
      0, 1, 2,
    ]);
  });

  test.each([
    [{ current: 'dc' }, 'S.max: `max` is missing | the power of the DC connector, such as `max: 150 kW`'],
    [{ ...DC, max: '32 A' }, 'S.max: `max` of a DC connector is 32 A | a power, such as `50 kW`'],
    [{ ...DC, min: '6 A' }, 'S.min: `min` of a DC connector is 6 A'],
    [{ ...DC, fallback: '6 A' }, 'S.fallback: `fallback` of a DC connector is 6 A'],
    [{ ...DC, idle: '6 A' }, 'S.idle: `idle` of a DC connector is 6 A'],
    [{ ...DC, step: '1 A' }, 'S.step: `step` of a DC connector is 1 A'],
    [{ ...DC, steps: ['10 kW', '20 A'] }, 'S.steps: `steps` of a DC connector is 20 A'],
    [{ ...DC, discharge: '16 A' }, 'S.discharge: `discharge` of a DC connector is 16 A'],
    [{ ...DC, min: '200 kW' }, 'S.min: `min` (200 kW) is above `max` (150 kW)'],
    [{ ...DC, max: '3 kW' }, 'S.max: `min` (5 kW) is above `max` (3 kW)'],
    [
      { ...DC, fallback: '3 kW' },
      'S.fallback: fallback 3 kW is more than zero and less than `min` | 0 kW, or from 5 kW to 150 kW',
    ],
    [
      { ...DC, phases: 1 },
      'S.phases: a DC connector with `phases: 1` | no `phases`: DC loads all three evenly',
    ],
    [
      { ...DC, efficiency: 0.4 },
      'S.efficiency: 0.4 does not fit here | an efficiency, a number from 0.5 to 1',
    ],
    [{ current: 'hvdc' }, 'S.current: `hvdc` does not fit here | `ac` or `dc`'],
    [{ max: '11 kW' }, 'S.max: `max` of an AC connector is 11 kW | a current, such as `16 A`'],
    [{ max: '3 V' }, 'S.max: `3 V` is a voltage | a current, such as `32 A`, or a power, such as `150 kW`'],
    [{ max: 32 }, 'S.max: 32 has no unit'],
    [
      { efficiency: 0.9 },
      'S.efficiency: `efficiency` of an AC connector | `current: dc`, or no `efficiency`',
    ],
  ])('%j is refused', (station, expected) => {
    expect(problemsOf(withStation(station))).toEqual([
      expect.stringContaining(expected.replace(/^S/, 'grid.stations[0]')),
    ]);
  });
});

describe('steps', () => {
  test('whole multiples, or a list', () => {
    expect(only({ step: '1 A' })).toMatchObject({ stepA: 1, stepsA: null });
    expect(only({ steps: ['8 A', '16 A', '32 A'] })).toMatchObject({ stepA: 0, stepsA: [8, 16, 32] });
    const list = only({ ...DC, efficiency: 1, steps: ['69 kW', '138 kW'] })?.stepsA;
    expect(list).toEqual([100, 200]);
  });

  test('the one further inside holds', () => {
    const connectors = [{ id: 1, step: '2 A' }, { id: 2 }];
    const found = connectorsOfStation({ steps: ['8 A', '16 A'], connectors });
    expect(found).toMatchObject([
      { stepA: 2, stepsA: null },
      { stepA: 0, stepsA: [8, 16] },
    ]);
    expect(only({ steps: ['8 A'] }, { defaults: { connector: { step: '1 A' } } })).toMatchObject({
      stepA: 0,
      stepsA: [8],
    });
  });

  test('what is held in silence is on a step', () => {
    expect(only({ step: '0.1 A', fallback: '6.3 A' })).toMatchObject({ fallbackA: 6.3 });
    expect(only({ steps: ['8 A', '16 A'], idle: '16 A' })).toMatchObject({ idleA: 16 });
  });

  test.each([
    [{ steps: [] }, 'S.steps: a list does not fit here | a list of 1 to 100 currents or powers'],
    [{ steps: ['8 A', '8 A'] }, 'S.steps[1]: 8 A comes after 8 A | ascending steps'],
    [{ steps: ['16 A', '8 A'] }, 'S.steps[1]: 8 A comes after 16 A | ascending steps'],
    [{ steps: ['4 A', '16 A'] }, 'S.steps[0]: 4 A is less than `min` | at least 6 A'],
    [{ steps: ['16 A', '40 A'] }, 'S.steps[1]: 40 A is more than `max` | at most 32 A'],
    [{ steps: ['0 A', '16 A'] }, 'S.steps[0]: `0 A` is out of range | more than zero'],
    [{ step: '1 A', steps: ['8 A'] }, 'S.steps: `step` and `steps` exclude each other | one of the two'],
    [{ step: '40 A' }, 'S.step: no multiple of 40 A is from 6 A to 32 A'],
    [{ step: '5 A', min: '6 A', max: '9 A' }, 'S.step: no multiple of 5 A is from 6 A to 9 A'],
    [
      { step: '4 A', fallback: '6 A' },
      'S.fallback: fallback 6 A cannot be set: it is between two steps | a multiple of 4 A',
    ],
    [
      { steps: ['8 A', '16 A'], idle: '10 A' },
      'S.idle: idle 10 A cannot be set: it is between two steps | one of 8 A, 16 A',
    ],
  ])('%j is refused', (station, expected) => {
    expect(problemsOf(withStation(station))).toEqual([
      expect.stringContaining(expected.replace(/^S/, 'grid.stations[0]')),
    ]);
  });
});

describe('discharge', () => {
  test('a current, or a power of the phases that the connector has', () => {
    expect(only({ discharge: '16 A' })?.dischargeA).toBe(16);
    expect(only({ discharge: '6.9 kW' })?.dischargeA).toBe(10);
    expect(only({ discharge: '2.3 kW', rotation: 'L2' })?.dischargeA).toBe(10);
    expect(only({ discharge: '2.3 kW', phases: 1, rotation: 'unknown' })?.dischargeA).toBe(10);
    expect(only({ discharge: '2.08 kW', rotation: 'BC' }, { wiring: 'delta' })?.dischargeA).toBe(10);
  });
});

describe('a rotation that is not written', () => {
  test.each([
    [{}, {}, { phases: [0, 1, 2], rotationKnown: false, wiredPhases: 3 }],
    [{ phases: 2 }, {}, { phases: [0, 1], rotationKnown: false, wiredPhases: 2 }],
    [{ phases: 1 }, {}, { phases: [0], rotationKnown: true, wiredPhases: 1 }],
    [{ connectors: [{ id: 1, phases: 1 }] }, {}, { phases: [0], rotationKnown: true, wiredPhases: 1 }],
    [{}, { wiring: 'delta' }, { phases: [0, 1, 2], rotationKnown: false, wiredPhases: 3 }],
    [{ phases: 1 }, { wiring: 'delta' }, { phases: [0], rotationKnown: true, wiredPhases: 1 }],
    [DC, {}, { phases: [0, 1, 2], rotationKnown: true, wiredPhases: 3 }],
    // Written, wherever it is.
    [{ rotation: 'L1L2L3' }, {}, { phases: [0, 1, 2], rotationKnown: true, wiredPhases: 3 }],
    [{}, { defaults: { connector: { rotation: 'L1L2L3' } } }, { phases: [0, 1, 2], rotationKnown: true }],
    [{ rotation: 'ABC' }, { wiring: 'delta' }, { phases: [0, 1, 2], rotationKnown: true, wiredPhases: 3 }],
  ])('%j in %j: what order two or three phases have is not known', (station, keys, expected) => {
    expect(only(station, keys)).toMatchObject(expected);
  });
});

describe('a rotation that nobody knows', () => {
  test.each([1, 3])('with %i phases, counts on every phase', (phases) => {
    expect(only({ phases, rotation: 'unknown' })).toMatchObject({
      phases: [0, 1, 2],
      rotationKnown: false,
      wiredPhases: phases,
    });
  });

  test('a connector of such a station has one phase, and it is not known which', () => {
    const connectors = [{ id: 1 }, { id: 2, phases: 1 }, { id: 3, rotation: 'L2' }];
    expect(connectorsOfStation({ rotation: 'unknown', connectors })).toMatchObject([
      { phases: [0, 1, 2], rotationKnown: false, wiredPhases: 3 },
      { phases: [0, 1, 2], rotationKnown: false, wiredPhases: 1 },
      { phases: [1], rotationKnown: true, wiredPhases: 1 },
    ]);
  });

  test.each([
    [
      { phases: 2, rotation: 'unknown' },
      {},
      'rotation `unknown` with `phases: 2` in a site with `wiring: wye` | `phases: 1` or `phases: 3`',
    ],
    [
      { phases: 1, rotation: 'unknown' },
      { wiring: 'delta' },
      'rotation `unknown` with `phases: 1` in a site with `wiring: delta` | `AB`, `BC` or `CA`',
    ],
  ])('%j in %j is refused', (station, keys, expected) => {
    expect(problemsOf(withStation(station, keys))).toEqual([
      expect.stringContaining(`grid.stations[0].rotation: ${expected}`),
    ]);
  });
});

describe('a cabinet of modules', () => {
  const cabinet = { ...DC, limit: '300 kW', module: '30 kW', max: '300 kW', efficiency: 0.96 };
  const both = { connectors: [{ id: 1 }, { id: 2 }] };

  test('is a node with the power that it takes for what it gives, and steps of a module', () => {
    const site = siteOf(withStation({ ...cabinet, ...both }));
    expect(nodeOf(site, 's')).toMatchObject({ limitW: 312_500, limitA: null });
    for (const { stepA, maxA } of site.stations[0]?.connectors ?? []) {
      expect(stepA * 3 * 230 * 0.96).toBeCloseTo(30_000, 5);
      expect(maxA / stepA).toBeCloseTo(10, 8);
    }
  });

  test('a step of its own comes before the module', () => {
    const connectors = [{ id: 1, step: '15 kW' }, { id: 2 }];
    const [own, other] = connectorsOfStation({ ...cabinet, connectors });
    expect((own?.stepA ?? 0) * 2).toBeCloseTo(other?.stepA ?? 0, 8);
  });

  test('where efficiencies differ, the least of the power of the grid counts; beside AC it is that of the grid', () => {
    const mixed = [{ id: 1, efficiency: 0.9 }, { id: 2 }];
    expect(nodeOf(siteOf(withStation({ ...cabinet, connectors: mixed })), 's').limitW).toBe(312_500);
    const { module: _, ...plain } = cabinet;
    const ac = [{ id: 1 }, { id: 2, current: 'ac', max: '32 A' }];
    expect(nodeOf(siteOf(withStation({ ...plain, connectors: ac })), 's').limitW).toBe(300_000);
  });

  test('its fuse is the grid’s', () => {
    const limit = { current: '500 A', power: '300 kW' };
    expect(nodeOf(siteOf(withStation({ ...cabinet, limit })), 's')).toMatchObject({
      limitA: [500, 500, 500],
      limitW: 312_500,
    });
  });

  test.each([
    [{ ...cabinet, step: '10 kW' }, 'module: `module` beside `step` or `steps` | one of them'],
    [
      { module: '30 kW', connectors: [{ id: 1 }, { id: 2, ...DC }] },
      'module: `module` at a station that has AC connectors | `current: dc` for all its connectors',
    ],
    [{ ...cabinet, module: '400 kW' }, 'module: no multiple of 400 kW is from 5 kW to 300 kW'],
    [{ ...cabinet, module: '30 A' }, 'module: `30 A` is a current | a power, such as `55 kW`'],
  ])('%j is refused', (station, expected) => {
    expect(problemsOf(withStation(station))).toEqual([
      expect.stringContaining(`grid.stations[0].${expected}`),
    ]);
  });
});
