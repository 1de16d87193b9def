// Currents on the three phases of the grid.

/** Amperes (or any quantity) on L1, L2, L3. */
export type PerPhase = readonly [number, number, number];
/** Index of a grid phase: 0 is L1, 1 is L2, 2 is L3. */
export type Phase = 0 | 1 | 2;

export const PHASES: readonly Phase[] = [0, 1, 2];
export const ZERO: PerPhase = [0, 0, 0];
export const phaseName = (phase: Phase): 'L1' | 'L2' | 'L3' => (['L1', 'L2', 'L3'] as const)[phase];

export const mapPhases = (f: (phase: Phase) => number): PerPhase => [f(0), f(1), f(2)];
export const addPhases = (a: PerPhase, b: PerPhase): PerPhase => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subPhases = (a: PerPhase, b: PerPhase): PerPhase => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const maxPhases = (a: PerPhase, b: PerPhase): PerPhase => mapPhases((p) => Math.max(a[p], b[p]));
export const minPhases = (a: PerPhase, b: PerPhase): PerPhase => mapPhases((p) => Math.min(a[p], b[p]));
export const evenly = (value: number): PerPhase => [value, value, value];
/** `value` on each of `phases`, zero elsewhere. */
export const onPhases = (phases: readonly Phase[], value: number): PerPhase =>
  mapPhases((p) => (phases.includes(p) ? value : 0));
