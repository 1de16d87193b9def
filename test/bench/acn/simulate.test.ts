import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { caltechMarch, jplWeek } from './datasets.js';
import { addLoad, compileNetwork, createLoads, fits, overA, scaleToFit } from './network.js';
import type { Scheduler } from './scheduler.js';
import type { Session } from './sessions.js';
import { simulate } from './simulate.js';
import { tangentsOf } from './tangents.js';

const { topology } = caltechMarch();

const session = (
  id: string,
  evse: string,
  [arrival, departure]: readonly [number, number],
  kwh: number,
): Session => ({
  id,
  evse,
  arrival,
  departure,
  estimatedDeparture: departure,
  requestedKwh: kwh,
  carMaxKw: 6.6,
});

/** Gives everybody the same, and writes down whom it saw when. */
function flat(rateA: number): Scheduler & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    name: 'flat',
    seen,
    schedule(active, period) {
      seen.push(`${period}: ${active.map(({ id }) => id).join(' ')}`);
      return active.map(() => rateA);
    },
  };
}

describe('simulate', () => {
  it('calls while cars wait: departures first, then arrivals, in the order of the EVSEs', () => {
    const sessions = [
      session('b', 'CA-508', [3, 5], 9),
      session('a', 'CA-308', [2, 4], 9),
      session('c', 'CA-308', [4, 5], 9),
      session('d', 'CA-308', [9, 10], 9),
    ];
    const scheduler = flat(6);
    simulate({ sessions, topology, capKw: 150, scheduler, stations: 'ideal' });
    expect(scheduler.seen).toEqual(['2: a', '3: a b', '4: c b', '9: d']);
  });

  it('charges with the least of offer, car and what fills it, and stops asking about the full', () => {
    const sessions = [session('a', 'CA-308', [0, 9], 1)];
    const scheduler = flat(32);
    const outcome = simulate({ sessions, topology, capKw: 150, scheduler, stations: 'ideal' });
    expect(scheduler.seen).toEqual(['0: a', '1: a']);
    expect(outcome.peakA).toBeCloseTo(6600 / 208, 9);
    expect(outcome).toMatchObject({ energyPct: 100, demandsMetPct: 100, jain: 1, worstOverA: 0, calls: 2 });
  });

  it('sees what is over a limit, offered and drawn', () => {
    const sessions = ['CA-308', 'CA-508'].map((evse) => session(evse, evse, [0, 1], 9));
    const outcome = simulate({ sessions, topology, capKw: 10, scheduler: flat(32), stations: 'ideal' });
    // 10 kW are 27.8 A of a secondary line.
    expect(outcome.worstOverA).toBeCloseTo(64 - 10_000 / 3 / 120, 9);
    expect(outcome.worstDrawnOverA).toBeCloseTo((2 * 6600) / 208 - 10_000 / 3 / 120, 9);
  });

  it('refuses what a station cannot offer', () => {
    const sessions = [session('a', 'CA-308', [0, 1], 9)];
    const at = (rateA: number, stations: 'ideal' | 'real') => () =>
      simulate({ sessions, topology, capKw: 150, scheduler: flat(rateA), stations });
    expect(at(6.5, 'ideal')).not.toThrow();
    expect(at(6.5, 'real')).toThrow('CA-308 cannot offer 6.5 A');
    expect(at(33, 'ideal')).toThrow('cannot offer');
    expect(at(-1, 'ideal')).toThrow('cannot offer');
    expect(at(Number.NaN, 'ideal')).toThrow('cannot offer');
  });

  it('refuses two cars at one EVSE, and EVSEs that are not there', () => {
    const run = (sessions: readonly Session[]) => () =>
      simulate({ sessions, topology, capKw: 150, scheduler: flat(6), stations: 'ideal' });
    expect(run([session('a', 'CA-308', [0, 3], 9), session('b', 'CA-308', [2, 3], 9)])).toThrow('taken');
    expect(run([session('a', 'nowhere', [0, 3], 9)])).toThrow('no EVSE is called nowhere');
    expect(() => compileNetwork(topology, [10, 20], 'ideal')).toThrow('1 capacities are needed');
  });
});

describe.each([
  ['caltech', compileNetwork(topology, 30, 'ideal')],
  ['jpl', compileNetwork(jplWeek().topology, [20, 60], 'ideal')],
])('the network of %s', (_, network) => {
  const rates = fc.array(fc.double({ min: 0, max: 32, noNaN: true }), {
    minLength: network.evses.length,
    maxLength: network.evses.length,
  });
  const loadsOf = (ratesA: readonly number[]) => {
    const loads = createLoads(network);
    ratesA.forEach((rate, evse) => void addLoad(network, loads, evse, rate));
    return loads;
  };

  it('says that one more fits exactly when no row of it is over then', () => {
    fc.assert(
      fc.property(
        rates,
        fc.nat(network.evses.length - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, evse, f) => {
          const factor = f * scaleToFit(network, loadsOf(all));
          const scaled = all.map((rate, e) => (e === evse ? 0 : rate * factor));
          const before = loadsOf(scaled);
          fc.pre(overA(network, before) <= 0);
          const after = loadsOf(scaled.map((rate, e) => (e === evse ? 32 : rate)));
          expect(fits(network, before, evse, 32)).toBe(overA(network, after) <= 1e-7);
        },
      ),
    );
  });

  it('has tangents that hold wherever the circles do, and that let 0.1 % more through at most', () => {
    const tangents = tangentsOf(network);
    fc.assert(
      fc.property(rates, (all) => {
        const groups = new Float64Array(network.groups);
        all.forEach((rate, evse) => {
          const group = network.groupOf[evse] ?? 0;
          groups[group] = (groups[group] ?? 0) + rate;
        });
        const along = tangents.map(
          (t) =>
            t.groups.reduce((sum, group, i) => sum + (groups[group] ?? 0) * (t.along[i] ?? 0), 0) / t.limitA,
        );
        const circles = 1 / Math.min(1, scaleToFit(network, loadsOf(all)));
        const polygon = Math.max(1, ...along);
        expect(polygon).toBeLessThanOrEqual(circles * (1 + 1e-9));
        expect(circles).toBeLessThanOrEqual(polygon * (1 + 1e-3));
      }),
    );
  });
});
