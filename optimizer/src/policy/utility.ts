// What an ampere is worth to a leaf that needs `needA` on average until it leaves: the same concave function
// of `z = limit / need` for everybody.

export interface Utility {
  /** At z above 0: the value, its slope (above 0) and its curvature (at most 0). */
  value(z: number): number;
  slope(z: number): number;
  curvature(z: number): number;
}

/** Every watt counts the same: as much power as possible. */
export const LINEAR: Utility = { value: (z) => z, slope: () => 1, curvature: () => 0 };

/**
 * An ampere is worth the root of need over limit: alpha-fairness (Mo and Walrand 2000) with alpha = 1/2, half
 * way between the most energy now (0) and shares proportional to needs (1). No energy is thrown
 * away for fairness as max-min does, and phases that hold much of what is needed get more of what they share.
 */
export const ROOT: Utility = {
  value: (z) => 2 * Math.sqrt(z),
  slope: (z) => 1 / Math.sqrt(z),
  curvature: (z) => -0.5 / (z * Math.sqrt(z)),
};
