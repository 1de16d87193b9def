// What an ampere is worth to a leaf that needs `needA` on average until it leaves: the same concave function
// of `z = limit / need` for everybody.

export interface Utility {
  /** At z from 0 on: the value, its slope (above 0) and its curvature (at most 0). */
  value(z: number): number;
  slope(z: number): number;
  curvature(z: number): number;
}

/** Every watt counts the same: as much power as possible. */
export const LINEAR: Utility = { value: (z) => z, slope: () => 1, curvature: () => 0 };

/** What the first ampere is worth above the last, and how fast that fades as the need is met. */
const FIRST = 8;
const FADES = 1.5;
/** So that the slope is 1 where a leaf has just what it needs. */
const AT_NEED = 1 + FIRST * Math.exp(-FADES);

/**
 * `1 + 8·exp(−1.5·z)`, as a part of what it is at the need: a car's first ampere is worth nine times one far beyond
 * its need. Bounded, so that no energy is thrown away for fairness as max-min does (whose slope would be infinite
 * at 0), and steep, so that phases that hold much of what is needed get more of what they share. Powers of z
 * from 0.4 to 0.6 and other such pairs come within a tenth of a percentage point of it (docs/optimizer.md).
 */
export const FADING: Utility = {
  value: (z) => (z + (FIRST * (1 - Math.exp(-FADES * z))) / FADES) / AT_NEED,
  slope: (z) => (1 + FIRST * Math.exp(-FADES * z)) / AT_NEED,
  curvature: (z) => (-FIRST * FADES * Math.exp(-FADES * z)) / AT_NEED,
};
