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
  expect(draw({}, { powerW: 6_900 })).toEqual({ drawA: [10, 10, 10], exact: false, byPhase: false });
});

it('from power at one phase that nobody knows is all of it, on each', () => {
  const one = { rotationKnown: false, wiredPhases: 1 } as const;
  expect(draw(one, { powerW: 2_300 })).toEqual({ drawA: [10, 10, 10], exact: true, byPhase: false });
  const three = { rotationKnown: false, wiredPhases: 3 } as const;
  expect(draw(three, { powerW: 6_900 })).toEqual({ drawA: [10, 10, 10], exact: false, byPhase: false });
});

it('of a current without a phase says nothing of single phases', () => {
  const assumed = { currentA: [10, 10, 10] as const, remarks: ['phase-assumed'] };
  expect(draw({}, assumed)).toEqual({ drawA: [10, 10, 10], exact: true, byPhase: false });
});
