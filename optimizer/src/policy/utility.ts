// What an ampere is worth to a leaf that needs `needA` on average until it leaves: the same concave function
// of `z = limit / need` for everybody, `z + first·(1 − exp(−fades·z)) / fades` up to a factor. As numbers, not as
// functions, because the search asks for all three of value, slope and curvature at once, and the
// exponential is what they cost.

export interface Utility {
  /** What the first ampere is worth above the last; 0: every ampere counts the same. */
  readonly first: number;
  /** How fast that fades as the need is met. */
  readonly fades: number;
  /** What all is divided by. */
  readonly scale: number;
}

/** Every watt counts the same: as much power as possible. */
export const LINEAR: Utility = { first: 0, fades: 1, scale: 1 };

const FIRST = 8;
const FADES = 1.5;

/**
 * Slope `1 + 8·exp(−1.5·z)`, as a part of what it is at the need: a car's first ampere is worth nine times one far beyond
 * its need. Bounded, so that no energy is thrown away for fairness as max-min does (whose slope would be infinite
 * at 0), and steep, so that phases that hold much of what is needed get more of what they share. Powers of z
 * from 0.4 to 0.6 and other such pairs come within a tenth of a percentage point of it (docs/optimizer.md).
 */
export const FADING: Utility = { first: FIRST, fades: FADES, scale: 1 + FIRST * Math.exp(-FADES) };

/** The part of `first` that is left at z from 0 on; what the three below take as `left`. */
export const leftAt = ({ first, fades }: Utility, z: number): number =>
  first === 0 ? 1 : Math.exp(-fades * z);
export const worthAt = ({ first, fades, scale }: Utility, z: number, left: number): number =>
  (z + (first * (1 - left)) / fades) / scale;
/** Above 0. */
export const slopeOf = ({ first, scale }: Utility, left: number): number => (1 + first * left) / scale;
/** At most 0. */
export const curvatureOf = ({ first, fades, scale }: Utility, left: number): number =>
  (-first * fades * left) / scale;
