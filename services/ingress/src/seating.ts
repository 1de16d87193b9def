// One living connection per station. A newcomer never displaces an older connection that lives: the
// older one is asked, and makes room only when it stays silent.

import type { SiteId, StationId } from '@ampledger/kernel';
import type { Refusal, StationDirectory } from './contract.js';
import type { Desk, Desks } from './desk.js';

/** Connections of one station that may wait at a time for the older one to show that it lives. */
const WAITING_MAX = 4;

export interface SeatingDeps {
  readonly directory: StationDirectory;
  readonly desks: Desks;
  readonly probeTimeoutMs: number;
  readonly isClosing: () => boolean;
}

/** Calls `onFree` in the moment in which the station has no connection; otherwise says why not. */
export type Seat = (
  station: StationId,
  onFree: (desk: Desk, site: SiteId) => void,
) => Promise<Refusal | undefined>;

export function createSeating(deps: SeatingDeps): Seat {
  const { directory, desks } = deps;

  /** One look at the older connection. After it the station may be free, or taken again. */
  async function challenge(desk: Desk): Promise<Refusal | undefined> {
    const older = desk.live;
    if (older === undefined) return undefined;
    if (desk.waiting >= WAITING_MAX) return { reason: 'busy' };
    desk.waiting += 1;
    const isAlive = await older.isAlive(deps.probeTimeoutMs);
    desk.waiting -= 1;
    if (desk.live !== older) return undefined;
    if (isAlive) return { reason: 'duplicate' };
    older.end(1006, 'no pong to a newer connection', 'terminate');
    return undefined;
  }

  return async (station, onFree) => {
    if (directory.find(station) === undefined) return { reason: 'unknown-station' };
    const desk = desks.of(station);
    for (;;) {
      const refusal = await challenge(desk);
      const place = directory.find(station);
      const final: Refusal | undefined =
        place === undefined
          ? { reason: 'unknown-station' }
          : deps.isClosing()
            ? { reason: 'closing' }
            : refusal;
      if (final === undefined && desk.live !== undefined) continue;
      // Nothing runs between this look at the desk and its taking.
      if (final === undefined && place !== undefined) onFree(desk, place.site);
      desks.release(desk);
      return final;
    }
  };
}
