// Where the parts of a bar lie, in percent of its length.

import type { ConnectorView } from '@ampledger/domain';
import type { Lane } from './lanes.js';

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface LaneBar {
  readonly unmanaged: Span;
  readonly offered: Span;
  readonly drawn: Span;
  /** Kept free below the limit. */
  readonly reserve: Span;
  readonly limit: number | null;
}

const percentOf =
  (full: number) =>
  (value: number): number =>
    full > 0 ? Math.min(100, Math.max(0, (100 * value) / full)) : 0;

/** Against the rating, so that the bar's length stays while a lower limit is in force. */
export function laneBar(lane: Lane): LaneBar {
  const top = Math.max(
    lane.limit ?? 0,
    lane.rating ?? 0,
    lane.unmanaged + Math.max(lane.offered, lane.drawn),
    1,
  );
  const at = percentOf(top * 1.02);
  const start = at(lane.unmanaged);
  const limit = lane.limit;
  return {
    unmanaged: { from: 0, to: start },
    offered: { from: start, to: at(lane.unmanaged + lane.offered) },
    drawn: { from: start, to: at(lane.unmanaged + lane.drawn) },
    reserve: limit === null ? { from: 0, to: 0 } : { from: at(limit - lane.reserve), to: at(limit) },
    limit: limit === null ? null : at(limit),
  };
}

export interface ConnectorBar {
  readonly offered: number;
  readonly drawn: number;
  readonly allocation: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** All connectors of a page share `scaleA`, so that their bars can be compared. */
export function connectorBar(connector: ConnectorView, scaleA: number): ConnectorBar {
  const at = percentOf(scaleA);
  return {
    offered: at(connector.offerA),
    drawn: at(drawOf(connector) ?? 0),
    allocation: at(connector.allocationA),
    minimum: at(connector.minA),
    maximum: at(connector.maxA),
  };
}

/** What it draws in amperes of its own limit, null when its meter has said nothing lately. */
export const drawOf = ({ ownDrawA }: ConnectorView): number | null => ownDrawA;
