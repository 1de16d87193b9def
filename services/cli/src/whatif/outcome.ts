// How a span of time went: the same figures for what happened and for what was simulated.

import type { ConnectorKey, NodeId, Phase, SessionId } from '@ampledger/kernel';
import type { Cost } from './cost.js';
import type { NodePeak } from './node-peaks.js';
import type { RecordedSession, WantKnown } from './recording.js';

export interface SessionOutcome {
  readonly session: SessionId;
  readonly connector: ConnectorKey;
  readonly arriveAt: number;
  readonly leaveAt: number;
  readonly wantWh: number;
  readonly wantKnown: WantKnown;
  readonly servedWh: number;
  readonly waitedMs: number;
}

/** For how long a limit decided what somebody got. */
export interface BoundLimit {
  readonly node: NodeId;
  /** null: power, or a line. */
  readonly phase: Phase | null;
  readonly line: 'secondary' | 'primary' | 'unbalance' | null;
  /** `rating`, or the source of an envelope. */
  readonly by: string;
  readonly boundMs: number;
}

export interface Outcome {
  readonly sessions: readonly SessionOutcome[];
  readonly servedWh: number;
  readonly askedWh: number;
  /** Some left while they were still charging: they asked for no less than what is counted. */
  readonly askedIsAtLeast: boolean;
  /** Sessions that are short of what they wanted by less than 0.1 kWh and a twentieth. */
  readonly met: number;
  /** Jain's index of served over wanted, 0 to 1, of the sessions that wanted anything. */
  readonly fairness: number;
  readonly waitedMs: number;
  readonly longestWaitMs: number;
  readonly peaks: readonly NodePeak[];
  /** The longest first. */
  readonly bound: readonly BoundLimit[];
  /** null: the site has no prices. */
  readonly cost: Cost | null;
}

export interface Gathered {
  readonly servedWh: ReadonlyMap<SessionId, number>;
  readonly waitedMs: ReadonlyMap<SessionId, number>;
  readonly peaks: readonly NodePeak[];
  readonly bound: readonly BoundLimit[];
  readonly cost: Cost | null;
}

/** Short by less than this, and by less than a twentieth of what it wanted, is served in full. */
export const MET_WITHIN_WH = 100;
export const MET_WITHIN_SHARE = 0.05;

export function outcomeOf(recorded: readonly RecordedSession[], gathered: Gathered): Outcome {
  const sessions = recorded.map((one): SessionOutcome => {
    const { session, connector, arriveAt, leaveAt, wantWh, wantKnown } = one;
    const servedWh = gathered.servedWh.get(session) ?? 0;
    const waitedMs = gathered.waitedMs.get(session) ?? 0;
    return { session, connector, arriveAt, leaveAt, wantWh, wantKnown, servedWh, waitedMs };
  });
  return {
    sessions,
    servedWh: sum(sessions, ({ servedWh }) => servedWh),
    askedWh: sum(sessions, ({ wantWh }) => wantWh),
    askedIsAtLeast: sessions.some(({ wantKnown }) => wantKnown === 'at-least'),
    met: sessions.filter(isMet).length,
    fairness: jain(sessions.filter(({ wantWh }) => wantWh >= MET_WITHIN_WH).map(shareOf)),
    waitedMs: sum(sessions, ({ waitedMs }) => waitedMs),
    longestWaitMs: sessions.reduce((most, { waitedMs }) => Math.max(most, waitedMs), 0),
    peaks: gathered.peaks,
    bound: gathered.bound,
    cost: gathered.cost,
  };
}

export const isMet = ({ wantWh, servedWh }: SessionOutcome): boolean =>
  wantWh - servedWh <= Math.min(MET_WITHIN_WH, MET_WITHIN_SHARE * wantWh);

/** What it got of what it wanted, 0 to 1. */
export const shareOf = ({ wantWh, servedWh }: SessionOutcome): number =>
  wantWh <= 0 ? 1 : Math.min(1, servedWh / wantWh);

/** Jain, Chiu and Hawe (1984): 1 is everybody alike, 1/n is all for one. */
function jain(shares: readonly number[]): number {
  const total = sum(shares, (share) => share);
  const squares = sum(shares, (share) => share * share);
  return squares === 0 ? 1 : (total * total) / (shares.length * squares);
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  let total = 0;
  for (const one of list) total += of(one);
  return total;
}
