// What a connector can be set to beside zero: whole steps (0.1 A, an ampere, a kilowatt, a power module of a cabinet),
// or the values of a list. Who is set in watts is so in amperes of the grid that miss a whole step by a hair.

import { wattsPerAmpere } from './links.js';
import type { ConnectorConfig, SiteConfig } from './site-config.js';

/** Amperes of the connector's own limit. */
export interface Settable {
  /** Every multiple of it; above 0. */
  readonly stepA: number;
  /** Where there is one it counts instead: ascending, above 0. */
  readonly valuesA: readonly number[] | null;
}

/** OCPP limits have one decimal; AC is told amperes. */
export const TENTH_A = 0.1;
/** A DC connector is told the power that its car gets, and nobody asks for less than this of it. */
const GRAIN_W = 10;
/** Currents are the same up to this part of them: what is made of kilowatts has twelve digits. */
export const SAME_SHARE = 1e-9;

export function settableOf(
  site: Pick<SiteConfig, 'voltageV' | 'wiring'>,
  {
    current,
    stepA,
    stepsA,
    efficiency,
    phases,
  }: Pick<ConnectorConfig, 'current' | 'stepA' | 'stepsA' | 'efficiency' | 'phases'>,
): Settable {
  if (current === 'ac') return { stepA: Math.max(TENTH_A, stepA), valuesA: stepsA };
  return {
    stepA: stepA > 0 ? stepA : GRAIN_W / (wattsPerAmpere(site, phases) * efficiency),
    valuesA: stepsA,
  };
}

/** It is set in more than the grain of what can be told. */
export const hasSteps = ({ stepA, stepsA }: Pick<ConnectorConfig, 'stepA' | 'stepsA'>): boolean =>
  stepsA !== null || stepA > TENTH_A;

/** The highest that is not above `limitA`, but for a hair; 0 where there is none. */
export function settableBelow({ stepA, valuesA }: Settable, limitA: number): number {
  const mostA = limitA * (1 + SAME_SHARE);
  if (valuesA !== null) return valuesA.findLast((value) => value <= mostA) ?? 0;
  const count = Math.floor(mostA / stepA);
  // Division rounds: 0.3 / 0.1 is below 3.
  return multiple(stepA, multiple(stepA, count + 1) <= mostA ? count + 1 : count);
}

/** The lowest that is not below `limitA`, but for a hair; Infinity where a list has none. */
export function settableFrom({ stepA, valuesA }: Settable, limitA: number): number {
  const leastA = limitA * (1 - SAME_SHARE);
  if (valuesA !== null) return valuesA.find((value) => value >= leastA) ?? Number.POSITIVE_INFINITY;
  const count = Math.ceil(leastA / stepA);
  return multiple(stepA, count > 0 && multiple(stepA, count - 1) >= leastA ? count - 1 : count);
}

/**
 * The least that it can be set to and is of use: the first at or above `minA` and what the car needs; the highest of
 * all where a car needs more than can be set. `minA` where nothing can be set up to `maxA`.
 */
export function leastSettable(
  settable: Settable,
  { minA, maxA }: Pick<ConnectorConfig, 'minA' | 'maxA'>,
  neededA = 0,
): number {
  const wantedA = Math.min(maxA, Math.max(minA, neededA));
  const leastA = settableFrom(settable, wantedA);
  if (leastA <= maxA * (1 + SAME_SHARE)) return Math.min(leastA, maxA);
  const mostA = settableBelow(settable, maxA);
  return mostA >= minA * (1 - SAME_SHARE) ? mostA : wantedA;
}

/** Steps that divide an ampere give the decimal that one would write: 3 times 0.1 is 0.3. */
function multiple(stepA: number, count: number): number {
  const inAmpere = Math.round(1 / stepA);
  return Math.abs(inAmpere * stepA - 1) < 1e-12 ? count / inAmpere : count * stepA;
}
