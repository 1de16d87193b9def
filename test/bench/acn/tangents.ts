// Linear rows in place of the circles: a phasor stays within its limit when its part along every direction
// does. Tangents stand around the circle, so that they allow up to 1 / cos(2.5°) = 1.00095 of it; who needs
// the circle itself scales the answer (`scaleToFit`).

import type { Network } from './network.js';

/** One tangent: the sum over groups of `along[g]` times the group's current is at most `limitA`. */
export interface Tangent {
  readonly row: number;
  readonly limitA: number;
  readonly groups: Int32Array;
  readonly along: Float64Array;
}

const STEP_DEG = 5;

/** All tangents of all rows, `STEP_DEG` apart; those that the others imply for currents ≥ 0 are left out. */
export function tangentsOf(network: Network): readonly Tangent[] {
  const tangents: Tangent[] = [];
  for (let row = 0; row < network.limitA.length; row += 1) {
    const phasors = phasorsOf(network, row);
    for (const deg of directionsOf(phasors.map((phasor) => phasor.deg))) {
      tangents.push({ row, limitA: network.limitA[row] ?? 0, ...tangentAlong(phasors, deg) });
    }
  }
  return tangents;
}

/** What one ampere of a group is in a row. */
export interface Phasor {
  readonly group: number;
  readonly size: number;
  readonly deg: number;
}

/** The tangent that touches the circle in one direction. */
export function tangentAlong(phasors: readonly Phasor[], deg: number): Pick<Tangent, 'groups' | 'along'> {
  return {
    groups: Int32Array.from(phasors, ({ group }) => group),
    along: Float64Array.from(phasors, (p) => p.size * Math.cos(((p.deg - deg) * Math.PI) / 180)),
  };
}

export function phasorsOf(network: Network, row: number): readonly Phasor[] {
  const phasors: Phasor[] = [];
  network.representative.forEach((evse, group) => {
    const end = network.start[evse + 1] ?? 0;
    for (let k = network.start[evse] ?? 0; k < end; k += 1) {
      if (network.rows[k] !== row) continue;
      const re = network.re[k] ?? 0;
      const im = network.im[k] ?? 0;
      phasors.push({ group, size: Math.hypot(re, im), deg: (Math.atan2(im, re) * 180) / Math.PI });
    }
  });
  return phasors;
}

/**
 * Phasors that point into less than a half turn add up to one that points between the outermost two, where no
 * tangent from outside that range is the tightest. Otherwise all directions are needed.
 */
function directionsOf(degs: readonly number[]): readonly number[] {
  const sorted = degs.toSorted((a, b) => a - b);
  const gaps = sorted.map((deg, i) => (sorted[i + 1] ?? (sorted[0] ?? 0) + 360) - deg);
  const widest = gaps.indexOf(Math.max(...gaps));
  const gap = gaps[widest] ?? 360;
  const from = gap > 180 + 1e-9 ? (sorted[(widest + 1) % sorted.length] ?? 0) : 0;
  const span = gap > 180 + 1e-9 ? 360 - gap : 360 - STEP_DEG;
  const first = Math.floor(from / STEP_DEG + 1e-9) * STEP_DEG;
  const last = Math.ceil((from + span) / STEP_DEG - 1e-9) * STEP_DEG;
  const directions: number[] = [];
  for (let deg = first; deg <= last; deg += STEP_DEG) directions.push(deg);
  return directions;
}
