// The command service's rule: from a site's state to the calls to make now. Pure.

import { type OpenCall, type PlacedConnector, type SiteState, topologyOf } from '@ampledger/domain';
import type { StationId } from '@ampledger/kernel';
import { Room, type Shortage } from './room.js';
import { type Wish, wishesOf } from './wishes.js';

export interface Planned {
  readonly station: StationId;
  readonly wish: Wish;
}

export interface Decision {
  readonly planned: readonly Planned[];
  /** For each station looked at: when to look again though nothing happens; Infinity: only an event matters. */
  readonly wakeAt: ReadonlyMap<StationId, number>;
  readonly room: Room;
}

const NO_CALLS: SiteState['operatorCalls'] = [];
/** A call without an answer for this long beyond its time-out is not waited for: ingress is gone. */
const ANSWER_GRACE_MS = 30_000;

/**
 * Decides for the given stations, or for all. A station whose raise finds no room is due again at
 * once (its `wakeAt` is now): the caller looks at it again with the next event.
 */
export function decide(state: SiteState, now: number, only?: ReadonlySet<StationId>): Decision {
  const room = new Room(state, now);
  const planned: Planned[] = [];
  const raises: Planned[] = [];
  const wakeAt = new Map<StationId, number>();
  const stations = stationsOf(state);
  for (const id of only ?? stations.keys()) {
    const station = state.stations.get(id);
    const placed = stations.get(id);
    if (station === undefined || placed === undefined || !station.online) continue;
    const busyUntil = station.openCalls.length === 0 ? 0 : Math.max(...station.openCalls.map(waitUntil));
    if (now < busyUntil) {
      wakeAt.set(id, busyUntil);
      continue;
    }
    const operatorCalls =
      state.operatorCalls.length === 0 ? NO_CALLS : state.operatorCalls.filter((call) => call.station === id);
    const wished = wishesOf({ state, station, placed, operatorCalls }, now);
    wakeAt.set(id, wished.wakeAt);
    const first = wished.wishes[0];
    if (first === undefined) continue;
    const isRaise = first.kind === 'limit' && (first.why === 'raise' || first.why === 'renew');
    if (isRaise) raises.push(...wished.wishes.map((wish) => ({ station: id, wish })));
    else planned.push({ station: id, wish: first });
  }
  const granted = fitting(raises, room);
  const served = new Set(granted.map(({ station }) => station));
  for (const { station } of raises) if (!served.has(station)) wakeAt.set(station, now);
  return { planned: [...planned, ...granted], wakeAt, room };
}

const waitUntil = ({ at, timeoutS }: OpenCall): number => at + timeoutS * 1000 + ANSWER_GRACE_MS;

/** Of each station's raises and renewals the first that fits, smallest first over the whole site. */
function fitting(raises: readonly Planned[], room: Room): readonly Planned[] {
  const granted: Planned[] = [];
  const served = new Set<StationId>();
  for (const planned of [...raises].sort(byLimit)) {
    const { wish, station } = planned;
    if (served.has(station) || wish.kind !== 'limit') continue;
    if (room.shortage(wish.placed, wish.grant) !== null) continue;
    room.take(wish.placed, wish.grant);
    served.add(station);
    granted.push(planned);
  }
  return granted;
}

const limitOf = ({ wish }: Planned): number => (wish.kind === 'limit' ? wish.grant.limitA : 0);
const byLimit = (a: Planned, b: Planned): number => limitOf(a) - limitOf(b);

const stationMaps = new WeakMap<object, ReadonlyMap<StationId, readonly PlacedConnector[]>>();

function stationsOf(state: SiteState): ReadonlyMap<StationId, readonly PlacedConnector[]> {
  const topology = topologyOf(state.config);
  const known = stationMaps.get(topology);
  if (known) return known;
  const made = new Map<StationId, PlacedConnector[]>();
  for (const placed of topology.connectors) {
    const list = made.get(placed.station);
    if (list) list.push(placed);
    else made.set(placed.station, [placed]);
  }
  stationMaps.set(topology, made);
  return made;
}

export type { Shortage };
