import { describe, expect, it } from 'vitest';
import { offlineBound, partsOf } from './bound.js';
import { CALTECH_CAPS, JPL_CAPS, keyOf, readBounds } from './bounds.js';
import { caltechMarch, jplWeek } from './datasets.js';
import { createMpc } from './mpc.js';
import { CONTENDERS } from './schedulers.js';
import type { Session } from './sessions.js';
import { simulate } from './simulate.js';
import type { Topology } from './topology.js';

const march = caltechMarch();
const week = jplWeek();

describe('the offline bound', () => {
  it('is kept for the data that stand beside it, at the figures known', () => {
    const { energyPct } = readBounds();
    const shown = (caps: readonly number[], dataset = march) => energyPct[keyOf(dataset, caps)]?.toFixed(2);
    expect(CALTECH_CAPS.map((caps) => shown(caps))).toEqual(['52.03', '78.46', '92.93', '98.69', '99.83']);
    expect(JPL_CAPS.map((caps) => shown(caps, week))).toEqual(['88.33', '63.01']);
  });

  it('comes out as kept when solved again', async () => {
    const { energyPct } = await offlineBound(week.sessions, week.topology, [12, 40]);
    expect(energyPct).toBeCloseTo(readBounds().energyPct[keyOf(week, [12, 40])] ?? 0, 4);
  });

  it('is what one car after another can have', async () => {
    // 6.6 kW are 0.55 kWh a period: the first car needs two of its three, the second has one of the two it needs.
    const sessions = [sessionOf('a', 0, 3, 1.1), sessionOf('b', 3, 4, 1.1)];
    const { energyPct, parts } = await offlineBound(sessions, oneLine, 3.84);
    expect(parts).toBe(2);
    expect(energyPct).toBeCloseTo(75, 3);
  });

  it('keeps together what overlaps', () => {
    const parts = partsOf([sessionOf('a', 0, 5, 1), sessionOf('b', 5, 6, 1), sessionOf('c', 4, 8, 1)]);
    expect(parts.map((part) => part.map(({ id }) => id))).toEqual([['a', 'c', 'b']]);
  });

  it('is above all schedulers, which stay within all limits', async () => {
    const sessions = march.sessions.filter(({ arrival }) => arrival < 3 * PERIODS_A_DAY);
    const bound = await offlineBound(sessions, march.topology, [10]);
    for (const { create } of Object.values(CONTENDERS)) {
      const scheduler = await create();
      const outcome = simulate({ ...march, sessions, capKw: [10], scheduler, stations: 'ideal' });
      scheduler.close?.();
      expect(outcome.energyPct).toBeGreaterThan(30);
      expect(outcome.energyPct).toBeLessThan(bound.energyPct);
      expect(outcome.worstOverA).toBeLessThan(1e-6);
      expect(outcome.worstDrawnOverA).toBeLessThan(1e-6);
    }
  });
});

const PERIODS_A_DAY = 288;

describe('looking ahead', () => {
  it('lets the car that can wait wait', async () => {
    // `late` has three periods and `soon` one, and each needs one: the plan must give the first to `soon`.
    const sessions = [sessionOf('late', 0, 3, 0.55), sessionOf('soon', 0, 1, 0.55)];
    const scheduler = await createMpc();
    const outcome = simulate({ sessions, topology: oneLine, capKw: 3.84, scheduler, stations: 'ideal' });
    expect(outcome.energyPct).toBeCloseTo(100, 3);
  });
});

/** EVSEs that share one line of 32 A. */
const IDS = ['a', 'b', 'late', 'soon'];
const oneLine: Topology = {
  site: 'small',
  voltageV: 208,
  evses: IDS.map((id) => ({ id, phaseDeg: 30, minA: 6, maxA: 32, stepsA: [0, 6, 32] })),
  rows: [{ name: 'Secondary A', limitA: 32, coefficients: new Map(IDS.map((id) => [id, 1])) }],
  transformers: [{ name: 'Transformer', ratedKw: 3.84, rows: [0] }],
};

function sessionOf(id: string, arrival: number, departure: number, requestedKwh: number): Session {
  return { id, evse: id, arrival, departure, estimatedDeparture: departure, requestedKwh, carMaxKw: 6.6 };
}
