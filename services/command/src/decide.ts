// The command service's rule: from a site's state to the calls to make now. Pure.

import { type PlacedConnector, type SiteState, topologyOf } from '@ampledger/domain';
import type { StationId } from '@ampledger/kernel';
import { Room, type Shortage } from './room.js';
import { type Wish, wishesOf } from './wishes.js';

export interface Planned {
  readonly station: StationId;
  readonly wish: Wish;
}

export interface Decision {
  readonly planned: readonly Planned[];
  /** When to decide again though nothing happens; Infinity when only an event can change anything. */
  readonly wakeAt: number;
  readonly room: Room;
}

/** A call without an answer for this long beyond its time-out is not waited for: ingress is gone. */
const ANSWER_GRACE_MS = 30_000;
/** Raises that found no room are looked at again after this. */
const ROOM_RETRY_MS = 5_000;

export function decide(state: SiteState, now: number): Decision {
  const room = new Room(state, now);
  const planned: Planned[] = [];
  const raises: Planned[] = [];
  let wakeAt = Number.POSITIVE_INFINITY;
  for (const [id, placed] of stationsOf(state)) {
    const station = state.stations.get(id);
    if (station === undefined || !station.online) continue;
    const busyUntil = Math.max(0, ...station.openCalls.map((c) => c.at + c.timeoutS * 1000 + ANSWER_GRACE_MS));
    if (now < busyUntil) {
      wakeAt = Math.min(wakeAt, busyUntil);
      continue;
    }
    const operatorCalls = state.operatorCalls.filter((call) => call.station === id);
    const wished = wishesOf({ state, station, placed, operatorCalls }, now);
    wakeAt = Math.min(wakeAt, wished.wakeAt);
    const first = wished.wishes[0];
    if (first === undefined) continue;
    const isRaise = first.kind === 'limit' && (first.why === 'raise' || first.why === 'renew');
    if (isRaise) raises.push(...wished.wishes.map((wish) => ({ station: id, wish })));
    else planned.push({ station: id, wish: first });
  }
  const granted = fitting(raises, room);
  if (granted.length < new Set(raises.map((r) => r.station)).size) wakeAt = Math.min(wakeAt, now + ROOM_RETRY_MS);
  return { planned: [...planned, ...granted], wakeAt, room };
}

/** Of each station's raises and renewals the first that fits, smallest first over the whole site. */
function fitting(raises: readonly Planned[], room: Room): readonly Planned[] {
  const granted: Planned[] = [];
  const served = new Set<StationId>();
  for (const planned of [...raises].sort(byLimit)) {
    const { wish, station } = planned;
    if (served.has(station) || wish.kind !== 'limit') continue;
    if (room.shortage(wish.placed, wish.grant.limitA) !== null) continue;
    room.take(wish.placed, wish.grant.limitA);
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
