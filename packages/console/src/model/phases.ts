// The three phases. The kernel has the same words for Node; the page takes types alone from there,
// because a package written for Node must never end up in a browser.

import type { Phase } from '@ampledger/kernel';

export const PHASES: readonly Phase[] = [0, 1, 2];
export const phaseName = (phase: Phase): string => `L${phase + 1}`;
