import { addPhases, mapPhases, type PerPhase, type Phase, ZERO } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addToPath,
  capacityBesideA,
  currentOn,
  lineCurrentA,
  lineDrawnA,
  lineRoomA,
  lineShortage,
  linesOver,
  perAmpere,
  topologyOf,
  transformerLines,
} from './index.js';
import { key, siteOf } from './testing.js';

const LINES = [0, 1, 2] as const;
const ratio = 4;
const config = siteOf({
  nodes: [
    { id: 'grid' },
    {
      id: 'panel',
      parent: 'grid',
      limitA: 400,
      reserveA: 0,
      transformer: { secondaryA: [180, 200, 220], primaryA: [95, 100, 105], ratio },
    },
  ],
  stations: [
    { id: 'A', node: 'panel' },
    { id: 'B', node: 'panel', connectors: [{ phases: [0] }] },
    { id: 'C', node: 'grid' },
  ],
  site: { wiring: 'delta', voltageV: 208 },
});
const placedAt = (station: string) => {
  const placed = topologyOf(config).byKey.get(key(station));
  if (placed === undefined) throw new Error(`no ${station}`);
  return placed;
};
const leg = fc.double({ min: 0, max: 200, noNaN: true });
const legs3 = fc.tuple(leg, leg, leg);

type Complex = readonly [re: number, im: number];
const minus = (a: Complex, b: Complex): Complex => [a[0] - b[0], a[1] - b[1]];

/** Phasors of the legs' currents, each in phase with its own voltage. */
const phasorsOf =
  (legs: PerPhase) =>
  (leg: number): Complex => {
    const phi = (-2 * Math.PI * leg) / 3;
    const amperes = legs[(leg % 3) as Phase];
    return [amperes * Math.cos(phi), amperes * Math.sin(phi)];
  };

describe('against complex phasors', () => {
  it('a secondary line is the difference of its two legs', () => {
    fc.assert(
      fc.property(legs3, fc.constantFrom(...LINES), (legs, phase) => {
        const current = phasorsOf(legs);
        const exact = Math.hypot(...minus(current(phase), current(phase + 2)));
        expect(lineDrawnA({ side: 'secondary', phase, ratio: 1 }, legs)).toBeCloseTo(exact, 6);
      }),
    );
  });

  it('a primary line is what the windings of two secondary lines ask of it', () => {
    fc.assert(
      fc.property(legs3, fc.constantFrom(...LINES), (legs, phase) => {
        const current = phasorsOf(legs);
        const line = (k: number): Complex => minus(current(k), current(k + 2));
        // Winding k of the wye side carries secondary line k; a primary line feeds two windings of the delta side.
        // `ratio` is primary line to line over the legs' voltage, so √3 / ratio is the ratio of the turns.
        const exact = Math.hypot(...minus(line(phase), line(phase + 2))) / ratio;
        expect(lineDrawnA({ side: 'primary', phase, ratio }, legs)).toBeCloseTo(exact, 6);
      }),
    );
  });
});

describe('limits are limits, not draws', () => {
  it('no draw below the limits carries more than the line is reckoned at', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        legs3,
        fc.tuple(share, share, share),
        fc.constantFrom(...transformerLines(config)),
        (legs, [a, b, c], line) => {
          const drawn: PerPhase = [legs[0] * a, legs[1] * b, legs[2] * c];
          expect(lineDrawnA(line, drawn)).toBeLessThanOrEqual(lineCurrentA(line, legs) + 1e-6);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('costs nothing where the legs are even', () => {
    for (const line of transformerLines(config))
      expect(lineCurrentA(line, [50, 50, 50])).toBeCloseTo(lineDrawnA(line, [50, 50, 50]), 9);
  });
});

describe('a line below which photovoltaics feed in', () => {
  // Whole numbers: half of all doubles are next to nothing.
  const fedLeg = fc.oneof(fc.constant(0), fc.integer({ min: -150, max: 0 }));
  const feed3 = fc.tuple(fedLeg, fedLeg, fedLeg);
  // Some of them without any load: that is where feed-in on the others tells.
  const anyLeg = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 }));
  const someLegs = fc.tuple(anyLeg, anyLeg, anyLeg);
  const share = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
  const shares = fc.array(share, { minLength: 6, maxLength: 6 });
  const line = fc.constantFrom(...transformerLines(config));

  it('is reckoned at the most that may flow while clouds come and cars go', () => {
    fc.assert(
      fc.property(someLegs, feed3, shares, line, (legs, feed, t, of) => {
        const flows = mapPhases((p) => (t[p] ?? 0) * legs[p] + (t[p + 3] ?? 0) * feed[p]);
        expect(lineDrawnA(of, flows)).toBeLessThanOrEqual(lineCurrentA(of, legs, feed) + 1e-6);
      }),
      { numRuns: 2000 },
    );
  });

  it('may carry more than by its legs alone: feed-in on one leg adds to what another draws', () => {
    const primary = { side: 'primary', phase: 0, ratio } as const;
    expect(lineCurrentA(primary, [100, 0, 0])).toBeCloseTo(25, 9);
    // √(100² + 30² + 100 · 30) / 4.
    expect(lineCurrentA(primary, [100, 0, 0], [0, -30, 0])).toBeCloseTo(29.475, 3);
  });

  it('is kept by the forms for legs without feed-in, with what is taken off for it', () => {
    fc.assert(
      fc.property(someLegs, feed3, line, (legs, feed, of) => {
        const capacityA = capacityBesideA(of, feed);
        expect(capacityA).toBeLessThanOrEqual(of.capacityA);
        const most = lineCurrentA(of, legs);
        // As much of the legs as just fits.
        const fit = most === 0 ? 0 : capacityA / most;
        const kept = lineCurrentA(
          of,
          mapPhases((p) => fit * legs[p]),
          feed,
        );
        const alone = lineCurrentA(of, ZERO, feed);
        expect(kept).toBeLessThanOrEqual(Math.max(of.capacityA, alone) + 1e-6);
      }),
      { numRuns: 5000 },
    );
  });

  it('loses nothing where nothing is fed in', () => {
    for (const of of transformerLines(config)) expect(capacityBesideA(of, ZERO)).toBe(of.capacityA);
  });
});

describe('room on a line', () => {
  it('is exactly what fills it', () => {
    const sets: readonly (readonly Phase[])[] = [[0], [1], [2], [0, 1, 2]];
    fc.assert(
      fc.property(
        legs3,
        fc.constantFrom(...sets),
        fc.constantFrom(...transformerLines(config)),
        (legs, phases, line) => {
          const perA = perAmpere('delta', phases);
          const room = lineRoomA(line, legs, perA);
          const at = (amperes: number) =>
            lineCurrentA(line, addPhases(legs, currentOn('delta', phases, amperes)));
          if (room === Number.POSITIVE_INFINITY) expect(at(1e6)).toBeCloseTo(at(0), 6);
          else if (room === 0) expect(at(0)).toBeGreaterThanOrEqual(line.capacityA - 1e-9);
          else expect(at(room)).toBeCloseTo(line.capacityA, 6);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('leaves the reserve of each leg free', () => {
    const reserved = siteOf({
      nodes: [
        {
          id: 'grid',
          reserveA: 10,
          transformer: { secondaryA: [100, 100, 100], primaryA: [60, 60, 60], ratio },
        },
      ],
      stations: [],
      site: { wiring: 'delta' },
    });
    for (const line of transformerLines(reserved)) {
      const evenA = lineRoomA(line, [0, 0, 0], [1, 1, 1]);
      expect(lineCurrentA(line, [evenA + 10, evenA + 10, evenA + 10])).toBeCloseTo(line.limitA, 6);
    }
  });

  it('says which line a raise would fill, and only to those whose raise it is', () => {
    const rows = new Float64Array(topologyOf(config).linkCount);
    const noFeed = new Float64Array(rows.length);
    const load = (eachA: PerPhase) => ({ eachA, togetherA: Number.POSITIVE_INFINITY });
    addToPath(rows, placedAt('A'), load([100, 100, 100]), 208);
    const over = () => linesOver(config, { rows: [rows], feed: noFeed, within: 'limit' });
    expect(over()).toEqual([]);
    const more = (station: string, moreA: PerPhase) =>
      lineShortage(config, placedAt(station), { rows: [rows], feed: noFeed, moreA, within: 'capacity' });
    expect(more('A', currentOn('delta', [0, 1, 2], 5))).toBeNull();
    // Legs of 104.04 A make secondary lines of 180.2 A, and line A may carry 180.
    const short = more('A', currentOn('delta', [0, 1, 2], 7));
    expect(short?.line).toMatchObject({ side: 'secondary', phase: 0, node: 1 });
    expect(short?.missingA).toBeCloseTo(100 * Math.sqrt(3) + 7 - 180, 6);
    expect(more('C', [100, 100, 100])).toBeNull();
    addToPath(rows, placedAt('B'), load([60, 0, 0]), 208);
    expect(over().map(({ line }) => `${line.side} ${line.phase}`)).toEqual([
      'secondary 0',
      'secondary 1',
      // Leg AB counts twice in primary line B.
      'primary 1',
    ]);
  });
});
