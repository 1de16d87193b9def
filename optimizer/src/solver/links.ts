// How the links of a network are numbered: so many kinds for each node.

/** A phase in a set of phases: bit 0 is L1, bit 1 is L2, bit 2 is L3. Behind a delta: AB, BC, CA. */
export type PhaseSet = number;

/**
 * The links of a node: one current for each phase (A), the power of all (W), and the lines of a
 * delta-wye transformer, three on its secondary side (A) and three on its primary side (amperes of
 * the secondary side: the ratio of the line voltage there to the phase voltage here, times the line's
 * limit). What they carry of the legs' totals stands in `lines.ts`.
 */
export const KIND = {
  L1: 0,
  L2: 1,
  L3: 2,
  watts: 3,
  lineA: 4,
  lineB: 5,
  lineC: 6,
  primaryA: 7,
  primaryB: 8,
  primaryC: 9,
} as const;
export const KINDS = 10;
/** Kinds that are plain sums; the lines are computed from the first three. */
export const SUMS = 4;

export const linkOf = (node: number, kind: number): number => node * KINDS + kind;
export const nodeOfLink = (link: number): number => Math.floor(link / KINDS);
export const kindOfLink = (link: number): number => link % KINDS;
/** The legs of a line's link: `firstLeg` and `secondLeg`, and `middleLeg` for a line of the primary side. */
export const firstLeg = (kind: number): number => (kind - KIND.lineA) % 3;
export const middleLeg = (kind: number): number => (kind - KIND.lineA + 1) % 3;
export const secondLeg = (kind: number): number => (kind - KIND.lineA + 2) % 3;

/** Whether a leaf adds to a link of this kind above it. */
export const uses = (phases: PhaseSet, kind: number): boolean => {
  if (kind < KIND.watts) return (phases & (1 << kind)) !== 0;
  if (kind === KIND.watts || kind >= KIND.primaryA) return true;
  return (phases & ((1 << firstLeg(kind)) | (1 << secondLeg(kind)))) !== 0;
};
