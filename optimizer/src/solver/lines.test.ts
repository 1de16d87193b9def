// The forms of the lines' currents against the phasors that they stand for.

import fc from 'fast-check';
import { abs, type Complex, complex, multiply, subtract } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { buildNetwork, carriedOf, certify, createScratch, fill, KIND, linkOf } from './index.js';
import { EVERYTHING, leavesUnder, randomNetwork, seeded } from './test-networks.js';

/** A leg's current: in phase with its voltage, the legs a third of a turn apart. */
const phasor = (amperes: number, leg: number): Complex =>
  multiply(amperes, complex({ r: 1, phi: (-2 * Math.PI * leg) / 3 })) as Complex;

const legA = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2000, noNaN: true }));
const legs = fc.tuple(legA, legA, legA);

type Legs = readonly [number, number, number];

/** What the wye winding k carries: leg k less the leg before it. */
const secondary = (totals: Legs, line: number): Complex =>
  subtract(phasor(totals[line] ?? 0, line), phasor(totals[(line + 2) % 3] ?? 0, line + 2)) as Complex;

/** A primary line joins two delta windings, which carry what their wye windings do: their difference. */
const primary = (totals: Legs, line: number): Complex =>
  subtract(secondary(totals, line), secondary(totals, (line + 2) % 3)) as Complex;

const length = (current: Complex): number => Number(abs(current));

describe('what a line carries', () => {
  it('is the length of its phasor on the secondary side', () => {
    fc.assert(
      fc.property(legs, fc.nat(2), (totals, line) => {
        const carries = carriedOf(totals, 0, KIND.lineA + line);
        expect(Math.abs(carries - length(secondary(totals, line)))).toBeLessThan(1e-8);
      }),
    );
  });

  it('is the longest of its phasors with and without each of two legs on the primary side', () => {
    fc.assert(
      fc.property(legs, fc.nat(2), (totals, line) => {
        const without = (leg: number): Legs =>
          totals.map((a, k) => (k === leg % 3 ? 0 : a)) as unknown as Legs;
        const corners = [totals, without(line), without(line + 1)].map((each) => length(primary(each, line)));
        const carries = carriedOf(totals, 0, KIND.primaryA + line);
        expect(Math.abs(carries - Math.max(...corners))).toBeLessThan(1e-8);
      }),
    );
  });

  it('costs nothing at balanced load', () => {
    for (let line = 0; line < 3; line++) {
      const carries = carriedOf([10, 10, 10], 0, KIND.primaryA + line);
      expect(carries).toBeCloseTo(length(primary([10, 10, 10], line)), 9);
      expect(carries).toBeCloseTo(30, 9);
    }
  });

  it('bounds every draw below the legs, and never falls when one rises', () => {
    const parts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(legs, parts, fc.nat(2), (totals, part, line) => {
        const draws = totals.map((a, k) => a * (part[k] ?? 0)) as unknown as Legs;
        const carries = carriedOf(totals, 0, KIND.primaryA + line) * (1 + 1e-12) + 1e-9;
        expect(length(primary(draws, line))).toBeLessThanOrEqual(carries);
        expect(carriedOf(draws, 0, KIND.primaryA + line)).toBeLessThanOrEqual(carries);
        expect(carriedOf(draws, 0, KIND.lineA + line)).toBeLessThanOrEqual(
          carriedOf(totals, 0, KIND.lineA + line) * (1 + 1e-12) + 1e-9,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('stays below the limits of a transformer whatever the cars draw of what they may', () => {
    let limited = 0;
    for (let seed = 0; seed < 300; seed++) {
      const random = seeded(seed);
      const arrays = randomNetwork(random, { ...EVERYTHING, minima: false });
      const network = buildNetwork(arrays);
      const scratch = createScratch(network);
      fill(network, scratch);
      expect(certify(network, scratch.limitA)).toEqual({ holds: true, overfull: 0 });
      for (let draw = 0; draw < 20; draw++) {
        const drawnA = scratch.limitA.map((limitA) =>
          random() < 0.3 ? 0 : random() < 0.5 ? limitA : limitA * random(),
        );
        for (let node = 0; node < network.nodes; node++) {
          const below = leavesUnder(arrays.parent, arrays.leaf, node);
          const totals = [0, 1, 2].map((phase) =>
            below.reduce((sum, i) => sum + (((network.phases[i] ?? 0) >> phase) & 1) * (drawnA[i] ?? 0), 0),
          ) as unknown as Legs;
          for (let line = 0; line < 3; line++) {
            const limit = network.limit[linkOf(node, KIND.primaryA + line)] ?? 0;
            if (limit < Number.POSITIVE_INFINITY) limited++;
            expect(length(primary(totals, line))).toBeLessThanOrEqual(limit * (1 + 1e-9));
          }
        }
      }
    }
    expect(limited).toBeGreaterThan(1000);
  });
});
