// The lines of delta-wye transformers, which are no sums: what they carry follows from the currents of
// the three legs below. Optimizer, command service, views and the check of a site file reckon on these.
//
// Limits are limits, not draws: a car may take anything below its own. A secondary line only falls when
// a car draws less; a primary line does not, so its current here is the most that it can be while every
// leg is anywhere between nothing and its sum (docs/adr/0011-limits-not-draws.md). Where photovoltaics feed in,
// a leg may also be below nothing: anywhere down to what was measured, because a cloud may take part of it.

import { addPhases, mapPhases, type PerPhase, PHASES, type Phase, ZERO } from '@ampledger/kernel';
import { LINKS_PER_NODE, type PlacedConnector } from './links.js';
import { lineOfLegsA, nextLeg, previousLeg } from './phase-currents.js';
import type { SiteConfig } from './site-config.js';

export interface TransformerLine {
  /** Index of the node that the transformer feeds. */
  readonly node: number;
  readonly side: 'secondary' | 'primary';
  /** 0, 1, 2 for the lines A, B, C. */
  readonly phase: Phase;
  /** Amperes of the line itself: what must never be exceeded, and what is left of it beside the reserve. */
  readonly limitA: number;
  readonly capacityA: number;
  /** Leg amperes for one ampere of a primary line, in the units of the quadratic form; 1 for the secondary side. */
  readonly ratio: number;
}

const known = new WeakMap<SiteConfig['nodes'], readonly TransformerLine[]>();

/** All lines that have a limit, in the order of the nodes; worked out once for each configuration. */
export function transformerLines({ nodes }: Pick<SiteConfig, 'nodes'>): readonly TransformerLine[] {
  const made = known.get(nodes) ?? nodes.flatMap(linesOf);
  known.set(nodes, made);
  return made;
}

function linesOf(
  { transformer, reserveA }: SiteConfig['nodes'][number],
  node: number,
): readonly TransformerLine[] {
  if (transformer === null) return [];
  const { secondaryA, primaryA, ratio } = transformer;
  const line = (side: TransformerLine['side'], phase: Phase, limitA: number): TransformerLine => {
    // A reserve on each leg is √3 of it in a secondary line, and three of it in the units of the primary.
    const reserve = side === 'secondary' ? Math.sqrt(3) * reserveA : (3 * reserveA) / ratio;
    const capacityA = Math.max(0, limitA - reserve);
    return { node, side, phase, limitA, capacityA, ratio: side === 'primary' ? ratio : 1 };
  };
  return PHASES.flatMap((phase) => [
    ...(secondaryA === null ? [] : [line('secondary', phase, secondaryA[phase])]),
    ...(primaryA === null ? [] : [line('primary', phase, primaryA[phase])]),
  ]);
}

/** Whether a line carries what flows on a leg. */
const carries = ({ side, phase }: TransformerLine, leg: Phase): boolean =>
  side === 'primary' || leg === phase || leg === previousLeg(phase);

/** x² + y² + 4z² − xy + 2xz + 2yz: the square of primary line A, with x, y, z the legs AB, BC, CA. */
const primarySquare = (x: number, y: number, z: number): number =>
  x * x + y * y + 4 * z * z - x * y + 2 * x * z + 2 * y * z;

type Line = Pick<TransformerLine, 'side' | 'phase' | 'ratio'>;

/**
 * The most that a line may carry while each leg draws anything up to the given amperes (at least 0), and down to
 * `feedA` (at most 0).
 */
export function lineCurrentA(line: Line, legsA: PerPhase, feedA: PerPhase = ZERO): number {
  if (feedA.some((amperes) => amperes < 0))
    return Math.max(...cornersOf(legsA, feedA).map(({ at }) => lineDrawnA(line, at)));
  if (line.side === 'secondary') return lineOfLegsA(legsA, line.phase);
  const [x, y, z] = [legsA[line.phase], legsA[nextLeg(line.phase)], legsA[previousLeg(line.phase)]];
  const square = Math.max(primarySquare(x, y, z), primarySquare(x, 0, z), primarySquare(0, y, z));
  return Math.sqrt(square) / line.ratio;
}

interface Corner {
  readonly at: PerPhase;
  /** The legs that are at their most here. */
  readonly full: readonly Phase[];
}

/** A line's current is convex in its legs: over a box of them it is greatest at one of these. */
const cornersOf = (most: PerPhase, least: PerPhase): readonly Corner[] =>
  Array.from({ length: 8 }, (_, set) => ({
    at: mapPhases((leg) => ((set & (1 << leg)) === 0 ? least[leg] : most[leg])),
    full: PHASES.filter((leg) => (set & (1 << leg)) !== 0),
  }));

/**
 * What a line may carry by its forms for legs of at least 0, where feed-in may take legs down to `feedA` (at most
 * 0), amperes of the line: within that, no corner with feed-in carries more than `capacityA` either, or than the
 * feed-in makes alone. With t the line by its forms, a corner where some legs are full and the others as fed in is
 * at most t² + bt + c. A secondary line needs nothing: feed-in on one of its legs lessens what the other makes.
 */
export function capacityBesideA(line: TransformerLine, feedA: PerPhase): number {
  const { side, phase, ratio, capacityA } = line;
  if (side === 'secondary' || !feedA.some((amperes) => amperes < 0)) return capacityA;
  const [x, y, z] = [-feedA[phase], -feedA[nextLeg(phase)], -feedA[previousLeg(phase)]];
  const most = (b: number, c: number): number => {
    const target = Math.max((capacityA * ratio) ** 2, c);
    return (Math.sqrt(Math.max(0, b * b + 4 * (target - c))) - b) / 2;
  };
  // Feed-in on z alone, or on x and y, lessens what the others make.
  const fed = [
    most(x, primarySquare(x, 0, 0)),
    most(y, primarySquare(0, y, 0)),
    most(x - 2 * z, primarySquare(x, 0, z)),
    most(y - 2 * z, primarySquare(0, y, z)),
  ];
  return Math.min(capacityA, Math.min(...fed) / ratio);
}

/** What a line carries when every leg draws exactly this. */
export function lineDrawnA(line: Line, legsA: PerPhase): number {
  if (line.side === 'secondary') return lineOfLegsA(legsA, line.phase);
  const [x, y, z] = [legsA[line.phase], legsA[nextLeg(line.phase)], legsA[previousLeg(line.phase)]];
  return Math.sqrt(Math.max(0, primarySquare(x, y, z))) / line.ratio;
}

/**
 * How much more of a connector's current fits before a line is full: amperes of its limit, by what one of
 * them adds to each leg (`perAmpere`). Exact: a root of the line's quadratic. 0 where the line is full
 * already, Infinity where the connector does not load it.
 */
export function lineRoomA(line: TransformerLine, legsA: PerPhase, perA: PerPhase): number {
  if (!PHASES.some((leg) => perA[leg] > 0 && carries(line, leg))) return Number.POSITIVE_INFINITY;
  const target = (line.capacityA * line.ratio) ** 2;
  const along = (square: (legs: PerPhase) => number): number => root(square, legsA, { perA, target });
  if (line.side === 'secondary') return along((legs) => lineOfLegsA(legs, line.phase) ** 2);
  const [x, y, z] = [line.phase, nextLeg(line.phase), previousLeg(line.phase)];
  return Math.min(
    along((legs) => primarySquare(legs[x], legs[y], legs[z])),
    along((legs) => primarySquare(legs[x], 0, legs[z])),
    along((legs) => primarySquare(0, legs[y], legs[z])),
  );
}

/** Largest t >= 0 with square(legs + t·perA) <= target; the square is a convex quadratic form of the legs. */
function root(
  square: (legs: PerPhase) => number,
  legs: PerPhase,
  { perA, target }: { readonly perA: PerPhase; readonly target: number },
): number {
  const c = square(legs) - target;
  if (c >= 0) return 0;
  const a = square(perA);
  const ahead = square([legs[0] + perA[0], legs[1] + perA[1], legs[2] + perA[2]]);
  const b = ahead - square(legs) - a;
  if (a <= 0) return b <= 0 ? Number.POSITIVE_INFINITY : -c / b;
  // The form of the roots that loses no digits where b is large.
  const discriminant = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  return b > 0 ? (-2 * c) / (b + discriminant) : (discriminant - b) / (2 * a);
}

/** The three legs of a node in sums by link, as `countedLoads` and `unmanagedSpans` have them. */
export function legsAt(node: number, ...rows: readonly Float64Array[]): PerPhase {
  const at = (leg: Phase): number =>
    rows.reduce((sum, row) => sum + (row[node * LINKS_PER_NODE + leg] ?? 0), 0);
  return [at(0), at(1), at(2)];
}

export interface LineOver {
  readonly line: TransformerLine;
  readonly currentA: number;
  /** Amperes of the line above what it may carry. */
  readonly missingA: number;
}

const TOLERANCE_A = 1e-6;

/** The most that a line may carry while one of the legs that are raised is full: the rest was there before. */
function raisedLineA(line: Line, raised: readonly Phase[], mostA: PerPhase, feedA: PerPhase): number {
  if (!feedA.some((amperes) => amperes < 0)) return lineCurrentA(line, mostA);
  const corners = cornersOf(mostA, feedA).filter(({ full }) => full.some((leg) => raised.includes(leg)));
  return Math.max(...corners.map(({ at }) => lineDrawnA(line, at)));
}

/** What flows below each link, by link: what is drawn at most, and what is fed in at most (0 and below). */
export interface LineRows {
  readonly rows: readonly Float64Array[];
  readonly feed: Float64Array;
  /** `limit` is the rating, `capacity` leaves the reserve free. */
  readonly within: 'limit' | 'capacity';
}

/** Every line that the given sums by link overload: connectors and what nobody controls together. */
export function linesOver(
  config: Pick<SiteConfig, 'nodes'>,
  { rows, feed, within }: LineRows,
): readonly LineOver[] {
  return transformerLines(config).flatMap((line) => {
    const currentA = lineCurrentA(line, legsAt(line.node, ...rows), legsAt(line.node, feed));
    const missingA = currentA - (within === 'limit' ? line.limitA : line.capacityA);
    return missingA > TOLERANCE_A ? [{ line, currentA, missingA }] : [];
  });
}

/**
 * What keeps a connector from drawing `moreA` (amperes on the grid's phases) on top of the given sums: the
 * first line that would be over what it may carry beside the reserve, or null. A line to which
 * it adds nothing is not its affair, however full.
 */
export function lineShortage(
  config: Pick<SiteConfig, 'nodes'>,
  { path }: Pick<PlacedConnector, 'path'>,
  { rows, feed, moreA, within }: LineRows & { readonly moreA: PerPhase },
): LineOver | null {
  for (const line of transformerLines(config)) {
    if (!path.includes(line.node)) continue;
    const raised = PHASES.filter((leg) => moreA[leg] > TOLERANCE_A && carries(line, leg));
    if (raised.length === 0) continue;
    const mostA = addPhases(legsAt(line.node, ...rows), moreA);
    const feedA = legsAt(line.node, feed);
    const currentA = raisedLineA(line, raised, mostA, feedA);
    // What is fed in alone is nobody's raise.
    const mayA = Math.max(within === 'limit' ? line.limitA : line.capacityA, lineCurrentA(line, ZERO, feedA));
    const drawnA = lineCurrentA(line, mostA) - (within === 'limit' ? line.limitA : line.capacityA);
    const missingA = Math.max(currentA - mayA, drawnA);
    if (missingA > TOLERANCE_A) return { line, currentA, missingA };
  }
  return null;
}
