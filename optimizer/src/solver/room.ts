// How much more one leaf could have with all others as they are: exact on every kind of limit.

import { lineRoom, primaryRoom, type Rise } from './lines.js';
import { firstLeg, KIND, KINDS, linkOf, middleLeg, type Network, SUMS, secondLeg } from './network.js';

/** Amperes beyond what it has, at least 0, whatever its maximum; `sums` by node and sum are those of all leaves. */
export function roomAlone(network: Network, sums: Float64Array, leaf: number): number {
  const { limit, parent } = network;
  let room = Number.POSITIVE_INFINITY;
  for (let node = network.node[leaf] as number; node >= 0; node = parent[node] as number) {
    for (let kind = 0; kind < KINDS; kind++) {
      const limitA = limit[linkOf(node, kind)] as number;
      if (limitA === Number.POSITIVE_INFINITY) continue;
      room = Math.min(room, roomOnLink(network, sums, leaf, { node, kind, limitA }));
    }
    room = Math.min(room, roomOfUnbalance(network, sums, leaf, node));
  }
  return Math.max(0, room);
}

interface LimitedLink {
  readonly node: number;
  readonly kind: number;
  readonly limitA: number;
}

function roomOnLink(network: Network, sums: Float64Array, leaf: number, link: LimitedLink): number {
  const { node, kind, limitA } = link;
  if (kind <= KIND.watts) {
    const perA =
      kind === KIND.watts
        ? (network.wattsPerA[leaf] as number)
        : ((network.phases[leaf] as number) >> kind) & 1;
    return perA === 0 ? Number.POSITIVE_INFINITY : (limitA - (sums[node * SUMS + kind] as number)) / perA;
  }
  const rise = riseOf(network.phases[leaf] as number, sums, node, kind);
  return kind < KIND.primaryA ? lineRoom(rise, limitA) : primaryRoom(rise, limitA);
}

function riseOf(phases: number, sums: Float64Array, node: number, kind: number): Rise {
  const [x, y, z] = [firstLeg(kind), middleLeg(kind), secondLeg(kind)];
  return {
    x: sums[node * SUMS + x] as number,
    y: sums[node * SUMS + y] as number,
    z: sums[node * SUMS + z] as number,
    dx: (phases >> x) & 1,
    dy: (phases >> y) & 1,
    dz: (phases >> z) & 1,
  };
}

/** Until one of its phases at the node is as far above one of the others as it may be. */
function roomOfUnbalance(
  { unbalance, phases }: Network,
  sums: Float64Array,
  leaf: number,
  node: number,
): number {
  const most = unbalance[node] as number;
  const set = phases[leaf] as number;
  let room = Number.POSITIVE_INFINITY;
  if (most === room) return room;
  for (let up = 0; up < KIND.watts; up++) {
    if (((set >> up) & 1) === 0) continue;
    for (let other = 0; other < KIND.watts; other++) {
      if (((set >> other) & 1) === 1) continue;
      const apart = (sums[node * SUMS + up] as number) - (sums[node * SUMS + other] as number);
      room = Math.min(room, most - apart);
    }
  }
  return room;
}

/** Adds amperes of a leaf to the sums above it. */
export function addAlone(network: Network, sums: Float64Array, leaf: number, amperes: number): void {
  const phases = network.phases[leaf] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    for (let sum = 0; sum < SUMS; sum++) {
      const perA = sum === KIND.watts ? (network.wattsPerA[leaf] as number) : (phases >> sum) & 1;
      sums[node * SUMS + sum] = (sums[node * SUMS + sum] as number) + perA * amperes;
    }
  }
}
