import { stationId } from '@ampledger/kernel';
import { expect, it } from 'vitest';
import { type ConnectorConfig, drawOf, type EventData, topologyOf } from './index.js';
import { key, siteOf } from './testing.js';

const reading = (data: Partial<EventData<'MeterSampled'>>): EventData<'MeterSampled'> => ({
  station: stationId('A'),
  evseId: 1,
  session: null,
  currentA: null,
  powerW: null,
  energyWh: null,
  socPct: null,
  remarks: [],
  ...data,
});

function draw(connector: Partial<ConnectorConfig>, data: Partial<EventData<'MeterSampled'>>, wiring = 'wye') {
  const config = siteOf({
    nodes: [{ id: 'grid' }],
    stations: [{ id: 'A', node: 'grid', connectors: [connector] }],
    site: wiring === 'delta' ? { wiring, voltageV: 208 } : {},
  });
  const placed = topologyOf(config).byKey.get(key('A'));
  if (placed === undefined) throw new Error('no A');
  return drawOf(reading(data), placed, config);
}

it('of a DC connector is the grid’s side of its power, even on three phases', () => {
  const dc = { current: 'dc', efficiency: 0.92, maxA: 240 } as const;
  const found = draw(dc, { powerW: 92_000 });
  for (const amperes of found?.drawA ?? []) expect(amperes).toBeCloseTo(100_000 / (3 * 230), 9);
  expect(found?.exact).toBe(true);
  // What it reports in amperes is the car's: 230 A at 400 V.
  expect(draw(dc, { powerW: 92_000, currentA: [230, null, null] })).toEqual(found);
  expect(draw(dc, { currentA: [230, null, null] })).toBeNull();
});

it('of a DC connector behind a delta takes the same power', () => {
  const found = draw({ current: 'dc', efficiency: 0.92, maxA: 400 }, { powerW: 92_000 }, 'delta');
  const watts = (found?.drawA ?? []).reduce((sum, amperes) => sum + amperes * 208, 0);
  expect(watts).toBeCloseTo(100_000, 6);
});

it('of a connector on one leg is what either of its lines shows', () => {
  expect(draw({ phases: [1] }, { currentA: [20, 20, null] }, 'delta')?.drawA).toEqual([0, 20, 0]);
  expect(draw({ phases: [1] }, { currentA: [20, null, null] }, 'delta')?.drawA).toEqual([0, 20, 0]);
});

it('from power is even and not exact', () => {
  expect(draw({}, { powerW: 6_900 })).toEqual({
    drawA: [10, 10, 10],
    exact: false,
    byPhase: false,
    phasesShown: 0,
  });
});

it('from power at one phase that nobody knows is all of it, on each', () => {
  const one = { rotationKnown: false, wiredPhases: 1 } as const;
  expect(draw(one, { powerW: 2_300 })).toEqual({
    drawA: [10, 10, 10],
    exact: true,
    byPhase: false,
    phasesShown: 0,
  });
  const three = { rotationKnown: false, wiredPhases: 3 } as const;
  expect(draw(three, { powerW: 6_900 })).toEqual({
    drawA: [10, 10, 10],
    exact: false,
    byPhase: false,
    phasesShown: 0,
  });
  expect(draw(three, { powerW: 2_080 * Math.sqrt(3) }, 'delta')?.drawA[1]).toBeCloseTo(10, 9);
});

it('of a current without a phase says nothing of single phases', () => {
  const assumed = { currentA: [10, 10, 10] as const, remarks: ['phase-assumed'] };
  expect(draw({}, assumed)).toEqual({ drawA: [10, 10, 10], exact: true, byPhase: false, phasesShown: 0 });
});

it.each([
  // Either the grid's L2, or the second of the station's own two.
  [[1, 2], [0, 16, 0], [0, 16, 16], false],
  [[2, 0], [16, 0, null], [16, 0, 16], false],
  [[1, 0], [16, 0, 0], [16, 16, 0], false],
  // The grid's L3, which is none of its own two; and the other way.
  [[1, 2], [0, 0, 16], [0, 0, 16], true],
  [[1, 2], [16, 0, null], [0, 16, 0], true],
  [[1, 2], [16, 8, 0], [0, 16, 8], true],
  // The same in both.
  [[0, 1], [16, 0.1, 0], [16, 0.1, 0], true],
  // Noise where nothing is connected says nothing, and hides nothing.
  [[1, 2], [0, 16, 0.3], [0, 16, 16], false],
  [[1], [16, 0.3, 0], [0, 16, 0], true],
] as const)('on the phases %j, a meter that shows %j', (phases, currentA, drawA, byPhase) => {
  expect(draw({ phases }, { currentA })).toMatchObject({ drawA, byPhase, exact: true });
});

it('says on how many phases a current flows, whichever they are', () => {
  const unknown = { rotationKnown: false } as const;
  expect(draw(unknown, { currentA: [0, 16, 0] })).toMatchObject({ drawA: [16, 16, 16], phasesShown: 1 });
  expect(draw(unknown, { currentA: [16, 16, 16] })).toMatchObject({ drawA: [16, 16, 16], phasesShown: 3 });
  expect(draw({ phases: [1, 2] }, { currentA: [0, 16, 0] })?.phasesShown).toBe(1);
  expect(draw(unknown, { currentA: [16, 16, 0] }, 'delta')).toMatchObject({
    drawA: [16, 16, 16],
    phasesShown: 1,
  });
});
