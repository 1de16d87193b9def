// The three phases. The kernel has the same words for Node; the page takes types alone from there,
// because a package written for Node must never end up in a browser.

import type { SiteView } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';

export const PHASES: readonly Phase[] = [0, 1, 2];
const NAMES = { wye: ['L1', 'L2', 'L3'], delta: ['AB', 'BC', 'CA'] } as const;
const LINES = ['A', 'B', 'C'] as const;

export type Wiring = SiteView['wiring'];

/** `L2`; behind a delta the leg between two lines, `BC`. */
export const phaseName = (wiring: Wiring, phase: Phase): string => NAMES[wiring][phase];
export const phaseNames = (wiring: Wiring, phases: readonly Phase[]): string =>
  phases.map((phase) => phaseName(wiring, phase)).join(' ');
export const lineName = (line: Phase): string => LINES[line];
