// Which of the grid's phases a connector is on: from the order in which a station is wired.

import type { SiteConfig } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';

export const UNKNOWN = 'unknown';
const WYE = [
  ...['L1', 'L2', 'L3', 'L1L2', 'L2L3', 'L3L1', 'L2L1', 'L3L2', 'L1L3'],
  ...['L1L2L3', 'L2L3L1', 'L3L1L2', 'L1L3L2', 'L2L1L3', 'L3L2L1'],
] as const;
const DELTA = ['AB', 'BC', 'CA', 'ABC', 'BCA', 'CAB', 'ACB', 'BAC', 'CBA'] as const;
export const ROTATIONS = [...WYE, ...DELTA, UNKNOWN] as const;

export type Wiring = SiteConfig['wiring'];
export const DEFAULT_ROTATION = { wye: 'L1L2L3', delta: 'ABC' } as const satisfies Record<Wiring, string>;

const PHASE_OF: Readonly<Record<string, Phase>> = {
  ...{ L1: 0, L2: 1, L3: 2 },
  ...{ AB: 0, BA: 0, BC: 1, CB: 1, CA: 2, AC: 2 },
};

/** The phases (behind a delta: the legs AB, BC, CA) that a rotation names; undefined when it is of the other wiring. */
export function rotationPhases(rotation: string, wiring: Wiring): readonly Phase[] | undefined {
  if (rotation.startsWith('L') !== (wiring === 'wye')) return undefined;
  const names = wiring === 'wye' ? (rotation.match(/L[123]/g) ?? []) : legsOf(rotation);
  return names.map((name) => PHASE_OF[name] ?? 0);
}

/** Two lines have one leg between them; three have three, in the order of the station's own L1-L2, L2-L3, L3-L1. */
function legsOf(lines: string): readonly string[] {
  if (lines.length < 3) return [lines];
  return [...lines].map((line, i) => line + lines.charAt((i + 1) % 3));
}
