// What is kept of a station between its connections: its last answers, its boots, the calls
// that were delivered to it, and the connection it has now.

import type { Clock, StationId } from '@ampledger/kernel';
import { AnswerMemory } from './answer-memory.js';
import { BootGate } from './boot-gate.js';
import { BoundedMap } from './bounded-map.js';
import type { StationConnection } from './connection.js';
import type { IngressOptions } from './contract.js';
import { RecentSessions } from './recent-sessions.js';

const CALLS_KEPT = 64;

export interface Desk {
  readonly station: StationId;
  readonly answers: AnswerMemory;
  readonly boots: BootGate;
  readonly sessions: RecentSessions;
  /** Ids of calls seen on the bus: a call that the bus delivers again is not sent again. */
  readonly callsSeen: BoundedMap<string, true>;
  live: StationConnection | undefined;
  /** Connections that wait for `live` to show whether it lives. */
  waiting: number;
  /** Settles when the end of the last connection is published: the next one's start comes after it. */
  ended: Promise<unknown>;
}

export interface Desks {
  of(station: StationId): Desk;
  find(station: StationId): Desk | undefined;
  /** Called when the station's connection ended: from here on the desk may be forgotten. */
  release(desk: Desk): void;
  readonly live: ReadonlyMap<StationId, Desk>;
}

export function createDesks(clock: Clock, options: IngressOptions): Desks {
  // A desk in use is never forgotten; one that is not makes room for younger ones.
  const live = new Map<StationId, Desk>();
  const idle = new BoundedMap<StationId, Desk>(options.stationsKept);
  const open = (station: StationId): Desk => ({
    station,
    answers: new AnswerMemory(options.answersKept),
    boots: new BootGate(clock, options.bootsPerMinuteMax),
    sessions: new RecentSessions(clock),
    callsSeen: new BoundedMap(CALLS_KEPT),
    live: undefined,
    waiting: 0,
    ended: Promise.resolve(),
  });
  return {
    live,
    find: (station) => live.get(station) ?? idle.get(station),
    of(station) {
      const known = live.get(station);
      if (known !== undefined) return known;
      const desk = idle.get(station) ?? open(station);
      idle.delete(station);
      live.set(station, desk);
      return desk;
    },
    release(desk) {
      if (desk.live !== undefined || desk.waiting > 0) return;
      live.delete(desk.station);
      idle.set(desk.station, desk);
    },
  };
}
