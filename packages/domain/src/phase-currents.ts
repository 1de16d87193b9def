// What a connector's one current is on the grid's phases. Where the wiring is wye, phases 0, 1, 2 are
// L1, L2, L3 to neutral and each carries the current itself. Behind a delta they are the legs AB, BC,
// CA between the lines A, B, C.

import { mapPhases, maxPhases, type PerPhase, type Phase, phaseName, ZERO } from '@ampledger/kernel';
import type { ConnectorConfig, SiteConfig } from './site-config.js';

export type Wiring = SiteConfig['wiring'];

const SQRT3 = Math.sqrt(3);

/** By set of phases: bit 0 is phase 0, and so on. */
const tableOf = (onAllThree: number): readonly PerPhase[] =>
  Array.from({ length: 8 }, (_, set) =>
    mapPhases((p) => ((set & (1 << p)) === 0 ? 0 : set === 7 ? onAllThree : 1)),
  );
const IN_FULL = tableOf(1);
const PER_AMPERE = { wye: IN_FULL, delta: tableOf(1 / SQRT3) };

const setOf = (phases: readonly Phase[]): number =>
  phases.reduce<number>((set, phase) => set | (1 << phase), 0);

/**
 * Amperes on each grid phase for one ampere of a connector's limit, when a load on just these phases takes it. On
 * all three legs of a delta it loads each with 1/√3 of its line current; on fewer, each carries all of it.
 */
export const perAmpere = (wiring: Wiring, phases: readonly Phase[]): PerPhase =>
  PER_AMPERE[wiring][setOf(phases)] ?? ZERO;

/**
 * The same while nothing is known of the car: the most on each phase. A station between the three lines of a
 * delta may get a car that is on one leg alone and loads that with all of its current. DC loads all three evenly.
 * In the lines of transformers, which are made of these legs, such a car counts √3 of its current, more than any of
 * its lines carries: a leg may have a limit of its own, and has to count all of it.
 */
export const anyCarPerAmpere = (
  wiring: Wiring,
  { phases, current }: Pick<ConnectorConfig, 'phases' | 'current'>,
): PerPhase => (current === 'dc' ? perAmpere(wiring, phases) : (IN_FULL[setOf(phases)] ?? ZERO));

/**
 * The most that all phases together carry for one ampere of a connector's limit, whichever car is there and wherever
 * it is; times the volts of a phase that is its power. Infinity where that is just the sum of its phases.
 *
 * What may be on any one of three phases counts on each of them, and is still only on as many as the connector is
 * wired to. Between the three lines of a delta the limit holds for the lines: with each of them at one ampere, three
 * even legs carry √3 together, and one leg or two carry less.
 */
export function togetherPerAmpere(
  wiring: Wiring,
  { current, rotationKnown, wiredPhases }: Pick<ConnectorConfig, 'current' | 'rotationKnown' | 'wiredPhases'>,
): number {
  if (current === 'dc') return Number.POSITIVE_INFINITY;
  if (wiring === 'delta') return wiredPhases === 3 ? SQRT3 : wiredPhases;
  return rotationKnown ? Number.POSITIVE_INFINITY : wiredPhases;
}

/** The same for `ownA` amperes of the limit: Infinity stays so, also of nothing. */
export function togetherA(
  wiring: Wiring,
  config: Parameters<typeof togetherPerAmpere>[1],
  ownA: number,
): number {
  const together = togetherPerAmpere(wiring, config);
  return together === Number.POSITIVE_INFINITY ? together : together * ownA;
}

/** What a connector may load a link with: more on each phase than on all of them at once. */
export interface Load {
  /** Amperes on each grid phase. */
  readonly eachA: PerPhase;
  /** Amperes that all phases together do not exceed; Infinity where they may all be full. */
  readonly togetherA: number;
}

/** The currents of all phases at once, amperes: times the volts of a phase that is the power. */
export const sumOfA = ({ eachA, togetherA }: Load): number =>
  Math.min(eachA[0] + eachA[1] + eachA[2], togetherA);

/** What covers either of two loads, of which one is there. */
export const eitherLoad = (a: Load, b: Load): Load => ({
  eachA: maxPhases(a.eachA, b.eachA),
  togetherA: Math.max(a.togetherA, b.togetherA),
});

/** `currentA` times what one ampere is on each phase. */
export const timesA = (eachA: PerPhase, currentA: number): PerPhase => [
  eachA[0] * currentA,
  eachA[1] * currentA,
  eachA[2] * currentA,
];

/** A connector's current, amperes, on each grid phase, when a load on just these phases takes it. */
export const currentOn = (wiring: Wiring, phases: readonly Phase[], currentA: number): PerPhase =>
  timesA(perAmpere(wiring, phases), currentA);

/**
 * The other way: what currents on the grid's phases are in amperes of the connector's own limit. That is the
 * largest of them, or of the lines that three legs of a delta make.
 */
export function ownCurrentA(wiring: Wiring, phases: readonly Phase[], gridA: PerPhase): number {
  if (wiring === 'wye' || phases.length < 3) return Math.max(gridA[0], gridA[1], gridA[2]);
  return Math.max(lineOfLegsA(gridA, 0), lineOfLegsA(gridA, 1), lineOfLegsA(gridA, 2));
}

/** The current in a line of the secondary side: line k feeds leg k and leg k - 1, which are 60° apart. */
export function lineOfLegsA(legsA: PerPhase, line: Phase): number {
  const x = legsA[line];
  const z = legsA[previousLeg(line)];
  return Math.sqrt(x * x + z * z + x * z);
}

export const previousLeg = (phase: Phase): Phase => (phase === 0 ? 2 : phase === 1 ? 0 : 1);
export const nextLeg = (phase: Phase): Phase => (phase === 0 ? 1 : phase === 1 ? 2 : 0);

/**
 * The legs of a load of one connector, from what it draws on the lines A, B, C, at the power factor of a
 * charger (about 1). Legs at 60° make lines by the cosine rule, so the legs are the distances from the
 * Fermat point of a triangle with the lines as sides to its corners. Lines that make no such triangle
 * (noise) give 0 for the leg that would be negative.
 */
export function legsOfLines(linesA: PerPhase): PerPhase {
  const [a2, b2, c2] = [linesA[0] ** 2, linesA[1] ** 2, linesA[2] ** 2];
  const sum = a2 + b2 + c2;
  // Heron's formula, in squares: 16 times the square of the triangle's area.
  const area16 = Math.max(0, sum * sum - 2 * (a2 * a2 + b2 * b2 + c2 * c2));
  const total = Math.sqrt((sum + Math.sqrt(3 * area16)) / 2);
  if (total === 0) return [0, 0, 0];
  const leg = (from: number, to: number, other: number): number =>
    Math.max(0, (total + (from + to - 2 * other) / total) / 3);
  return [leg(a2, b2, c2), leg(b2, c2, a2), leg(c2, a2, b2)];
}

const LEGS = ['AB', 'BC', 'CA'] as const;
const LINES = ['A', 'B', 'C'] as const;

/** L1, or AB behind a delta. */
export const phaseWords = (wiring: Wiring, phase: Phase): string =>
  wiring === 'delta' ? LEGS[phase] : phaseName(phase);
export const lineWords = (line: Phase): string => LINES[line];
