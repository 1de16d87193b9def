// What stations can be set to, by leaf: every multiple of a step (0.1 A, whole amperes, a power module of a cabinet in
// amperes), or the values of a list; and 0.

import { settableBelow as highestOf, SAME_SHARE, settableFrom, TENTH_A } from '@ampledger/domain';

/** Arrays are by leaf. */
export interface Steps {
  /** A, above 0: 0.1 for AC without steps of its own. */
  readonly stepA: ArrayLike<number>;
  /** Where there is one it counts instead of the step: ascending, above 0, A. */
  readonly values?: readonly (readonly number[] | null)[];
  /** What it holds whatever it is given, A: it is never counted below that. Default: nothing. */
  readonly leastA?: ArrayLike<number>;
  /** The least that is any use to it, where that is not the network's minimum, A. */
  readonly usefulA?: ArrayLike<number>;
}

export const tenths = (leaves: number): Steps => ({ stepA: new Float64Array(leaves).fill(TENTH_A) });

const of = ({ stepA, values }: Steps, leaf: number) => ({
  stepA: stepA[leaf] as number,
  valuesA: values?.[leaf] ?? null,
});

/** The highest value that is not above `limitA`; 0 (or what it holds anyway) when that would be under the minimum. */
export function settableBelow(steps: Steps, leaf: number, limitA: number, minA: number): number {
  // A step that was computed may be above the limit by a hair: it counts, and no more than the limit is counted.
  const value = Math.min(limitA, highestOf(of(steps, leaf), limitA));
  return Math.max(leastOf(steps, leaf), isLess(value, minA) ? 0 : value);
}

/** What a leaf counts at in any case. */
export const leastOf = ({ leastA }: Steps, leaf: number): number => leastA?.[leaf] ?? 0;

/** The lowest value above `limitA` that is not under the minimum; Infinity when the list has none. */
export function settableAbove(steps: Steps, leaf: number, limitA: number, minA: number): number {
  return settableFrom(of(steps, leaf), Math.max(minA, limitA * (1 + BEYOND), BEYOND));
}

/** Beyond all that counts as the same current, and below the next step. */
const BEYOND = 1e-6;

const isLess = (amperes: number, thanA: number): boolean => amperes < thanA * (1 - SAME_SHARE);
