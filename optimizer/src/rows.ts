// Arithmetic on rows of links (see links.ts of the domain).

import { addToNode, type PlacedConnector } from '@ampledger/domain';
import type { PerPhase } from '@ampledger/kernel';
import type { Candidate } from './problem.js';

/** Adds `sign` times a connector's current to every node above it. */
export function addToPath(
  rows: Float64Array,
  placed: PlacedConnector,
  currentA: PerPhase,
  voltageV: number,
  sign: number,
): void {
  for (const node of placed.path) addToNode(rows, node, currentA, voltageV, sign);
}

/** Takes `amperes` of a candidate off the rows. */
export function take(rows: Float64Array, { links, weights }: Candidate, amperes: number): void {
  if (amperes === 0) return;
  links.forEach((link, i) => {
    rows[link] = (rows[link] ?? 0) - amperes * (weights[i] ?? 0);
  });
}

/** The first link that cannot carry `amperes` more of the candidate, or -1. */
export function blockingLink(rows: Float64Array, { links, weights }: Candidate, amperes: number): number {
  if (amperes <= 0) return -1;
  return links.find((link, i) => (rows[link] ?? 0) < amperes * (weights[i] ?? 0) - EPSILON) ?? -1;
}

/** Amperes (or watts) that are rounding and not load. */
export const EPSILON = 1e-6;
