// A node's load as lanes: one for each phase in amperes, one in kilowatts where power is limited.
// Bars and charts are both drawn from lanes.

import type { Binding, LineView, NodeView, SiteView } from '@ampledger/domain';
import type { NodeId, PerPhase, Phase } from '@ampledger/kernel';
import { lineName, PHASES, phaseName, type Wiring } from './phases.js';

type Side = LineView['side'];
type Link = Exclude<Binding, { kind: 'bound' }>;

export interface Lane {
  readonly label: string;
  readonly unit: 'A' | 'kW';
  /** null: the lane is about power. */
  readonly phase: Phase | null;
  /** Set where the lane is a line of the node's transformer: `phase` is then its line. */
  readonly line: Side | null;
  readonly limit: number | null;
  /** The limit in the site file: what a bar is drawn against while a cap is in force. */
  readonly rating: number | null;
  readonly reserve: number;
  readonly unmanaged: number;
  readonly offered: number;
  readonly drawn: number;
}

const sum = (values: PerPhase): number => values[0] + values[1] + values[2];

type Electrics = Pick<SiteView, 'voltageV' | 'wiring'>;

export function lanesOf(node: NodeView, { voltageV, wiring }: Electrics): readonly Lane[] {
  const hasSides = node.lines.some(({ side }) => side === 'primary');
  const others = [
    ...node.lines.flatMap((lines) => PHASES.map((line) => lineLane(lines, line, hasSides))),
    ...(node.limitW === null ? [] : [powerLane(node, node.limitW, voltageV)]),
  ];
  if (node.limitA === null && others.length > 0) return others;
  return [...PHASES.map((phase) => phaseLane(node, phase, wiring)), ...others];
}

const SIDES: Readonly<Record<Side, string>> = { secondary: 'Sec.', primary: 'Prim.' };

/**
 * Lines are no sums of their legs: what is not for cars is in all of their figures. Only a transformer has two sides of
 * them.
 */
const lineLane = ({ side, limitA, offeredA, drawnA }: LineView, line: Phase, hasSides: boolean): Lane => ({
  label: `${hasSides ? SIDES[side] : 'Line'} ${lineName(line)}`,
  unit: 'A',
  phase: line,
  line: side,
  limit: limitA[line],
  rating: limitA[line],
  reserve: 0,
  unmanaged: 0,
  offered: offeredA[line],
  drawn: drawnA[line],
});

const phaseLane = (node: NodeView, phase: Phase, wiring: Wiring): Lane => ({
  label: phaseName(wiring, phase),
  unit: 'A',
  phase,
  line: null,
  limit: node.limitA?.[phase] ?? null,
  rating: node.ratingA?.[phase] ?? null,
  reserve: node.limitA === null ? 0 : node.reserveA,
  unmanaged: node.unmanagedA[phase],
  offered: node.offeredA[phase],
  drawn: node.drawnA[phase],
});

/** Of what is for cars the engine says the watts: behind one ampere on a phase may be one of another. */
function powerLane(node: NodeView, limitW: number, voltageV: number): Lane {
  const kilowatts = (amperes: number): number => (amperes * voltageV) / 1000;
  return {
    label: 'Power',
    unit: 'kW',
    phase: null,
    line: null,
    limit: limitW / 1000,
    rating: node.ratingW === null ? null : node.ratingW / 1000,
    reserve: kilowatts(node.reserveA * 3),
    unmanaged: kilowatts(sum(node.unmanagedA)),
    offered: node.offeredW / 1000,
    drawn: node.drawnW / 1000,
  };
}

/** All load on the lane: what the meters say of cars and of everything else. */
export const loadOf = (lane: Lane): number => lane.unmanaged + lane.drawn;

/** The most that it may come to, of what stations may hold and everything else: what the limit is beside. */
export const reachOf = (lane: Lane): number => lane.unmanaged + lane.offered;

/** What could still be drawn under the limit, null without one. Negative when over. */
export const headroomOf = (lane: Lane): number | null =>
  lane.limit === null ? null : lane.limit - loadOf(lane);

/** A kilowatt-sized difference is not visible, an ampere-sized one is: measurement noise is neither. */
const OVER_TOLERANCE = 0.05;
export const isOver = (lane: Lane): boolean => (headroomOf(lane) ?? 0) < -OVER_TOLERANCE;

/** Stations may hold more than the limit leaves: not over yet, but it could be. */
export const isOverOffered = (lane: Lane): boolean =>
  lane.limit !== null && reachOf(lane) > lane.limit + OVER_TOLERANCE;

/** The lane with the least room in proportion to its limit. */
export function tightestLane(lanes: readonly Lane[]): Lane | undefined {
  const share = (lane: Lane): number => (lane.limit ? loadOf(lane) / lane.limit : 0);
  return lanes.reduce<Lane | undefined>(
    (best, lane) => (best && share(best) >= share(lane) ? best : lane),
    undefined,
  );
}

/**
 * What a calm picture shows of a node: of a transformer's lines the fullest of each side, and those that
 * `matters` says something of.
 */
export function lanesToShow(lanes: readonly Lane[], matters: (lane: Lane) => boolean): readonly Lane[] {
  const fullest = new Set(
    (['secondary', 'primary'] as const).map((side) =>
      tightestLane(lanes.filter(({ line }) => line === side)),
    ),
  );
  return lanes.filter((lane) => lane.line === null || fullest.has(lane) || isOver(lane) || matters(lane));
}

/** Watts behind a node: cars and everything else. */
export const nodeLoadW = (node: NodeView, voltageV: number): number =>
  sum(node.unmanagedA) * voltageV + node.drawnW;

/** How many connectors a limit holds back, and how many of them wait for their turn. */
export interface Held {
  readonly held: number;
  readonly waiting: number;
}

type Place = Pick<Lane, 'phase' | 'line'>;
export const heldKey = (node: NodeId, { phase, line }: Place): string =>
  `${node} ${line ?? 'phase'} ${phase ?? 'power'}`;

/** The lane that a limit is about; null: the difference between phases, which has no lane. */
export const placeOf = ({ phase, line }: Link): Place | null =>
  line === 'unbalance' ? null : { phase, line: line ?? null };

/** By node and lane: the limits that hold connectors back at this moment. */
export function heldBy(view: SiteView): ReadonlyMap<string, Held> {
  const counts = new Map<string, Held>();
  for (const { because } of view.connectors) {
    if (because.kind === 'bound') continue;
    const place = placeOf(because);
    if (place === null) continue;
    const key = heldKey(because.node, place);
    const { held, waiting } = counts.get(key) ?? { held: 0, waiting: 0 };
    counts.set(key, { held: held + 1, waiting: waiting + (because.kind === 'waiting' ? 1 : 0) });
  }
  return counts;
}
