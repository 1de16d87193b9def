// What the lines of a delta-wye transformer carry of the currents of its legs. A leg's current is in
// phase with its voltage and the legs are a third of a turn apart, so that a line's current is the
// length of a sum of phasors: a quadratic form of the legs' totals.
//
// Line k of the secondary side joins legs k and k + 2 (mod 3), with totals x and z:
//   |I|² = x² + z² + x·z
// Line k of the primary side is the difference of two such lines, and has leg k + 2 twice:
//   f(x, y, z) = x² + y² + 4z² − x·y + 2x·z + 2y·z
// That form falls when the lesser of x and y rises from 0: cars that draw less than their limit would
// load the line more. So a primary line counts at its worst corner, max{f(x,y,z), f(x,0,z), f(0,y,z)},
// which bounds every draw below the limits because f is convex in x and y, and rises in z.

import { firstLeg, KIND, middleLeg, secondLeg } from './links.js';

/** A secondary line. Rises with each; at most the sum of what it carries of parts of its legs. */
export const lineCurrent = (x: number, z: number): number => Math.sqrt(x * x + z * z + x * z);

/** What a primary line has to be ready for: rises with each, where it does not stay. */
export function primaryCurrent(x: number, y: number, z: number): number {
  const more = Math.max(x, y);
  const less = Math.min(x, y);
  return Math.sqrt(cornerSquare(more, z) + less * Math.max(0, less - more + 2 * z));
}

/**
 * Up to here the lesser of x and y is free: the line counts without it. A full line stops the legs
 * `more` and z, and `less` no earlier than here.
 */
export const freeLeg = (more: number, z: number): number => more - 2 * z;

const cornerSquare = (more: number, z: number): number => more * more + 4 * z * z + 2 * more * z;

/**
 * What the link carries of a node's sums, which stand from `at` on: by phase, then watts.
 * In the link's unit; on a primary line at its worst corner.
 */
export function carriedOf(sums: ArrayLike<number>, at: number, kind: number): number {
  if (kind <= KIND.watts) return sums[at + kind] as number;
  const x = sums[at + firstLeg(kind)] as number;
  const z = sums[at + secondLeg(kind)] as number;
  if (kind < KIND.primaryA) return lineCurrent(x, z);
  return primaryCurrent(x, sums[at + middleLeg(kind)] as number, z);
}

/** Legs as they are, and how fast they rise with the level. */
export interface Rise {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly dx: number;
  readonly dy: number;
  readonly dz: number;
}

/** By how much the level can rise until a secondary line carries `limit`; Infinity when it never does. */
export function lineRoom({ x, z, dx, dz }: Rise, limit: number): number {
  return firstRoot(
    dx * dx + dz * dz + dx * dz,
    x * dx + z * dz + (x * dz + z * dx) / 2,
    lineCurrent(x, z),
    limit,
  );
}

/** The same of a primary line: the first of its three corners that is full. */
export function primaryRoom({ x, y, z, dx, dy, dz }: Rise, limit: number): number {
  const square = dx * dx + dy * dy + 4 * dz * dz - dx * dy + 2 * dx * dz + 2 * dy * dz;
  const mixed = x * dx + y * dy + 4 * z * dz - (x * dy + y * dx) / 2 + x * dz + z * dx + y * dz + z * dy;
  const whole = Math.sqrt(x * x + y * y + 4 * z * z - x * y + 2 * x * z + 2 * y * z);
  return Math.min(
    firstRoot(square, mixed, whole, limit),
    cornerRoom(x, z, dx, dz, limit),
    cornerRoom(y, z, dy, dz, limit),
  );
}

function cornerRoom(x: number, z: number, dx: number, dz: number, limit: number): number {
  return firstRoot(
    dx * dx + 4 * dz * dz + 2 * dx * dz,
    x * dx + 4 * z * dz + x * dz + z * dx,
    Math.sqrt(cornerSquare(x, z)),
    limit,
  );
}

/** The t from 0 on at which `square·t² + 2·half·t + current²` is `limit²`; at most one where `current` is below. */
function firstRoot(square: number, half: number, current: number, limit: number): number {
  if (square === 0) return Number.POSITIVE_INFINITY;
  const rest = (limit - current) * (limit + current);
  if (rest <= 0) return 0;
  const root = Math.sqrt(half * half + square * rest);
  // The form of the root that does not subtract nearly equal numbers.
  return half > 0 ? rest / (half + root) : (root - half) / square;
}

/** How fast a line that carries `sums` (by phase) rises with each: its gradient, in the order of the phases. */
export function slopesOf(sums: ArrayLike<number>, at: number, kind: number): readonly number[] {
  const x = sums[at + firstLeg(kind)] as number;
  const z = sums[at + secondLeg(kind)] as number;
  const current = carriedOf(sums, at, kind);
  const slopes = [0, 0, 0];
  if (kind < KIND.primaryA) {
    slopes[firstLeg(kind)] = (2 * x + z) / (2 * current);
    slopes[secondLeg(kind)] = (2 * z + x) / (2 * current);
    return slopes;
  }
  const y = sums[at + middleLeg(kind)] as number;
  const free = isFree(x, y, z);
  if (!free || x >= y) slopes[firstLeg(kind)] = (2 * x - (free ? 0 : y) + 2 * z) / (2 * current);
  if (!free || y > x) slopes[middleLeg(kind)] = (2 * y - (free ? 0 : x) + 2 * z) / (2 * current);
  slopes[secondLeg(kind)] = (8 * z + 2 * (free ? Math.max(x, y) : x + y)) / (2 * current);
  return slopes;
}

/** Legs that stand where the lesser begins to count, but for rounding, are taken for free. */
const AT_THE_END = 1e-9;
export const isFree = (x: number, y: number, z: number): boolean =>
  Math.min(x, y) <= freeLeg(Math.max(x, y), z) + AT_THE_END * Math.max(x, y);
