// A connector's state in one word, and how much attention it wants.

import type { ConnectorStatus, ConnectorView } from '@ampledger/domain';
import { drawOf } from '../model/bar.js';

export type Tone = 'charging' | 'waiting' | 'idle' | 'trouble';

export interface ConnectorState {
  readonly word: string;
  readonly tone: Tone;
}

const STATUS_WORDS: Readonly<Record<ConnectorStatus, ConnectorState>> = {
  Available: { word: 'Available', tone: 'idle' },
  Preparing: { word: 'Preparing', tone: 'idle' },
  Charging: { word: 'Charging', tone: 'charging' },
  SuspendedEV: { word: 'Paused by the car', tone: 'idle' },
  SuspendedEVSE: { word: 'Paused', tone: 'waiting' },
  Finishing: { word: 'Finishing', tone: 'idle' },
  Occupied: { word: 'Occupied', tone: 'idle' },
  Reserved: { word: 'Reserved', tone: 'idle' },
  Unavailable: { word: 'Unavailable', tone: 'idle' },
  Faulted: { word: 'Faulted', tone: 'trouble' },
};

const NOT_SEEN: ConnectorState = { word: 'Not seen yet', tone: 'idle' };

/** Its station has never been connected. */
const neverSeen = ({ online, status, acceptedA }: ConnectorView): boolean =>
  !online && status === null && acceptedA === null;

/** The plan has its time come later. */
const isHeldByPlan = ({ because }: ConnectorView): boolean =>
  because.kind === 'bound' && because.bound === 'plan';

/** Below this a car is not charging, it is only awake. */
export const CHARGING_FROM_A = 1;

export function connectorState(connector: ConnectorView): ConnectorState {
  const { status, session, because, online } = connector;
  if (status === 'Faulted') return STATUS_WORDS.Faulted;
  if (neverSeen(connector)) return NOT_SEEN;
  if (!online) return { word: 'Offline', tone: 'trouble' };
  if (session !== null && session.endedAt === null) {
    if ((drawOf(connector) ?? 0) >= CHARGING_FROM_A) return STATUS_WORDS.Charging;
    if (because.kind === 'waiting') return { word: 'Waiting', tone: 'waiting' };
    if (isHeldByPlan(connector)) return { word: 'Held by plan', tone: 'waiting' };
  }
  return status === null ? NOT_SEEN : STATUS_WORDS[status];
}

const ALARM_WORDS: Readonly<Record<ConnectorView['alarms'][number], string>> = {
  disobeys: 'Draws more than it may',
  'not-commissioned': 'Has no default limit yet',
  offline: 'Not connected',
  'meter-stale': 'Meter is silent: counted at full offer',
};
export const alarmWords = (alarm: ConnectorView['alarms'][number]): string => ALARM_WORDS[alarm] ?? alarm;

/** Of a station that has never been here, its absence is no news. */
export const alarmsToShow = (connector: ConnectorView): ConnectorView['alarms'] =>
  neverSeen(connector) ? [] : connector.alarms;

export const hasAlarm = (connector: ConnectorView): boolean =>
  alarmsToShow(connector).length > 0 || connectorState(connector).tone === 'trouble';

/** What the cars that wait are waiting for: `2 in rotation, 3 held by the plan`. */
export function waitingWords(connectors: readonly ConnectorView[]): string {
  const waiting = connectors.filter((connector) => connectorState(connector).tone === 'waiting');
  if (waiting.length === 0) return 'every car is served';
  const inTurn = waiting.filter(({ because }) => because.kind === 'waiting').length;
  const planned = waiting.filter(isHeldByPlan).length;
  const counts = [
    [inTurn, 'in rotation'],
    [planned, 'held by the plan'],
    [waiting.length - inTurn - planned, 'paused'],
  ] as const;
  const kinds = counts.filter(([count]) => count > 0);
  return kinds.map(([count, words]) => (kinds.length === 1 ? words : `${count} ${words}`)).join(', ');
}

/** How the connectors of a site divide. One connector may wait and have an alarm. */
export interface Tally {
  readonly all: number;
  readonly charging: number;
  readonly waiting: number;
  readonly alarms: number;
}

export const tallyOf = (connectors: readonly ConnectorView[]): Tally => ({
  all: connectors.length,
  charging: connectors.filter((connector) => connectorState(connector).tone === 'charging').length,
  waiting: connectors.filter((connector) => connectorState(connector).tone === 'waiting').length,
  alarms: connectors.filter(hasAlarm).length,
});
