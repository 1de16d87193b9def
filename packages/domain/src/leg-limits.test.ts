// Envelopes behind a delta: whatever is drawn below what they leave the legs, no line carries more than they say.

import type { PerPhase, Phase } from '@ampledger/kernel';
import { nodeId } from '@ampledger/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENVELOPE_LEAD_MS, type EnvelopeData, nodeCapacity, type SiteConfig } from './index.js';
import { configured, given, type NodeSpec, SITE, siteOf, T0 } from './testing.js';

const LINES = [0, 1, 2] as const;
const TOLERANCE_A = 1e-9;

type Complex = readonly [re: number, im: number];

/** Amperes of line k: the difference of the phasors of leg k and the leg before, each in phase with its voltage. */
function linePhasorA(legsA: PerPhase, line: Phase): number {
  const leg = (k: number): Complex => {
    const phi = (-2 * Math.PI * k) / 3;
    const amperes = legsA[(k % 3) as Phase];
    return [amperes * Math.cos(phi), amperes * Math.sin(phi)];
  };
  const [on, before] = [leg(line), leg(line + 2)];
  return Math.hypot(on[0] - before[0], on[1] - before[1]);
}

const DELTA = { wiring: 'delta', voltageV: 208 } as const;
const site = (panel: Partial<NodeSpec>, legs: readonly (readonly Phase[])[]): SiteConfig =>
  siteOf({
    nodes: [
      { id: 'grid', limitA: 400 },
      { id: 'panel', parent: 'grid', ...panel },
      { id: 'wing', parent: 'panel' },
    ],
    stations: legs.map((phases, k) => ({
      id: `S${k}`,
      node: k === 0 ? 'wing' : 'panel',
      connectors: [{ phases }],
    })),
    site: DELTA,
  });

const envelope = (fields: Partial<EnvelopeData>): EnvelopeData => ({
  ...{ site: SITE, source: 'operator', node: nodeId('panel'), limitA: null, limitW: null, from: null },
  ...{ to: null, fallback: null, silenceS: null, heardAt: T0 },
  ...fields,
});

/** What is left to the legs of the panel. */
function legsUnder(config: SiteConfig, data: EnvelopeData, now = T0): PerPhase {
  const state = given([
    [0, configured(config)],
    [0, { type: 'EnvelopeSet', data }],
  ]);
  const node = config.nodes[1];
  if (node === undefined) throw new Error('no panel');
  const [ab, bc, ca] = nodeCapacity(state, node, now).perPhase;
  return [ab.limitA, bc.limitA, ca.limitA];
}

const limit = fc.double({ min: 0, max: 200, noNaN: true });
const limit3 = fc.tuple(limit, limit, limit);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const share3 = fc.tuple(share, share, share);
const wired = fc.constantFrom<readonly Phase[]>([0], [1], [2], [0, 1, 2]);

test('no line carries more than the envelope or the site file says, whatever is drawn below the limits', () => {
  const rated = fc.option(limit3, { nil: null });
  fc.assert(
    fc.property(limit3, rated, fc.array(wired, { maxLength: 3 }), share3, (lineA, ratedA, wires, part) => {
      const transformer = ratedA === null ? null : { secondaryA: ratedA, primaryA: null, ratio: 1 };
      const legsA = legsUnder(site({ transformer }, wires), envelope({ limitA: lineA }));
      const used = new Set(wires.flat());
      const drawn = LINES.map((leg) => (used.has(leg) ? legsA[leg] * part[leg] : 0));
      const drawnA: PerPhase = [drawn[0] ?? 0, drawn[1] ?? 0, drawn[2] ?? 0];
      // The lines of the site file are limits of their own: what they forbid is not drawn.
      fc.pre(ratedA === null || LINES.every((line) => linePhasorA(drawnA, line) <= ratedA[line]));
      for (const line of LINES)
        expect(linePhasorA(drawnA, line)).toBeLessThanOrEqual(lineA[line] + TOLERANCE_A);
    }),
    { numRuns: 2000 },
  );
});

test('even legs may load the lines in full', () => {
  const legsA = legsUnder(site({}, [[0], [1], [2]]), envelope({ limitA: [40, 40, 40] }));
  for (const line of LINES) expect(linePhasorA(legsA, line)).toBeCloseTo(40, 9);
});

test('where all load is on one leg, it is its lines', () => {
  expect(legsUnder(site({}, [[1], [1]]), envelope({ limitA: [20, 40, 30] }))).toEqual([20, 30, 20]);
  const third = 40 / Math.sqrt(3);
  const constant = { kind: 'constant', loadA: [1, 0, 0] } as const;
  expect(legsUnder(site({ unmanaged: constant }, [[1]]), envelope({ limitA: [40, 40, 40] }))).toEqual([
    third,
    third,
    third,
  ]);
  const metered = { kind: 'metered', maxA: [0, 5, 0], staleAfterS: 60 } as const;
  expect(legsUnder(site({ unmanaged: metered }, [[1]]), envelope({ limitA: [40, 40, 40] }))[1]).toBe(third);
});

test('an envelope that allows what the site file does takes nothing from the legs', () => {
  const transformer = { secondaryA: [60, 60, 60], primaryA: null, ratio: 1 } as const;
  const panel = { limitA: 60, transformer };
  expect(legsUnder(site(panel, [[0], [1]]), envelope({ limitA: [60, 80, 70] }))).toEqual([60, 60, 60]);
  expect(legsUnder(site(panel, [[0], [1]]), envelope({ limitA: [60, 59, 60] }))).toEqual([
    59 / Math.sqrt(3),
    59 / Math.sqrt(3),
    60,
  ]);
});

test('fallbacks are of lines too, and phases of a wye are what the envelope says', () => {
  const falls = envelope({
    limitA: [90, 90, 90],
    fallback: { limitA: [30, 30, 30], limitW: null },
    silenceS: 60,
  });
  const config = site({}, [[0], [1]]);
  expect(legsUnder(config, falls)[0]).toBeCloseTo(90 / Math.sqrt(3), 9);
  expect(legsUnder(config, falls, T0 + 61_000)[0]).toBeCloseTo(30 / Math.sqrt(3), 9);
  expect(legsUnder({ ...config, wiring: 'wye' }, falls, T0 + 61_000)).toEqual([30, 30, 30]);
  const later = envelope({ limitA: [30, 30, 30], from: T0 + 2 * ENVELOPE_LEAD_MS });
  expect(legsUnder(config, later)).toEqual([Infinity, Infinity, Infinity]);
});
