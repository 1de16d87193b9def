// How a station shares its own cap among its connectors: evenly, nobody below the useful minimum.
// Guarantees that the shares stay under the cap on every phase, or under its watts in total.

import { PHASES, type Phase } from '@ampledger/kernel';
import type { Cap } from './composite.js';

export interface Want {
  readonly phases: readonly Phase[];
  readonly wantA: number;
  readonly minA: number;
}

const fits = (wants: readonly Want[], offers: readonly number[], cap: Cap, voltageV: number): boolean => {
  if (cap.unit === 'W') {
    const sumW = wants.reduce((sum, want, i) => sum + (offers[i] ?? 0) * want.phases.length * voltageV, 0);
    return sumW <= cap.limit + 1e-9;
  }
  return PHASES.every((phase) => {
    const sumA = wants.reduce(
      (sum, want, i) => sum + (want.phases.includes(phase) ? (offers[i] ?? 0) : 0),
      0,
    );
    return sumA <= cap.limit + 1e-9;
  });
};

/** The highest common level that fits, found by halving: 40 steps leave less than a nanoampere. */
function levelled(
  wants: readonly Want[],
  on: readonly boolean[],
  cap: Cap,
  voltageV: number,
): readonly number[] {
  const at = (level: number) => wants.map((want, i) => (on[i] ? Math.min(want.wantA, level) : 0));
  let low = 0;
  let high = Math.max(0, ...wants.map((want) => want.wantA));
  if (fits(wants, at(high), cap, voltageV)) return at(high);
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (fits(wants, at(middle), cap, voltageV)) low = middle;
    else high = middle;
  }
  return at(low);
}

/** Amperes per phase for each connector. Who comes last in the list goes without first. */
export function shareCap(wants: readonly Want[], cap: Cap | null, voltageV: number): readonly number[] {
  if (cap === null) return wants.map((want) => want.wantA);
  const on = wants.map((want) => want.wantA >= want.minA);
  for (;;) {
    const offers = levelled(wants, on, cap, voltageV);
    const tooLow = offers.findLastIndex((offer, i) => on[i] === true && offer < (wants[i]?.minA ?? 0));
    if (tooLow === -1) return offers;
    on[tooLow] = false;
  }
}
