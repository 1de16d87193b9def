// From a site's state and a moment to the numbers that `allocate` works on. Pure.

import {
  addToNode,
  ENVELOPE_LEAD_MS,
  feedIn,
  type Load,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  sumOfA,
  topologyOf,
  unmanagedLoad,
} from '@ampledger/domain';
import { addPhases, maxPhases, type PerPhase, ZERO } from '@ampledger/kernel';
import type { Candidate, Fixed } from './connector-problem.js';
import { type Keep, keepOf } from './keep.js';

export { FULL_AFTER_MS, isFull } from './car-bounds.js';
export * from './connector-problem.js';

export interface Problem {
  readonly now: number;
  /** By connector of the topology: the set of phases that its current counts on; bit 0 is L1 (or AB), bit 3 `EVEN`. */
  readonly phases: Uint8Array;
  /** By link: the limit less reserve and all of `base` and `feed` below; watts on each fourth. May be negative. */
  readonly capacity: Float64Array;
  /** By node: unmanaged load and fixed connectors of its own, amperes on each phase, at least 0. */
  readonly base: readonly PerPhase[];
  /** By node: what is fed in there by itself, amperes on each phase, at most 0. */
  readonly feed: readonly PerPhase[];
  readonly by: readonly string[];
  /** The limit for all connectors together, for explanations. */
  readonly shown: Float64Array;
  readonly candidates: readonly Candidate[];
  readonly fixed: readonly Fixed[];
  /** By node: when one of its envelopes next begins, ends or falls silent; Infinity where none does. */
  readonly changesAt: Float64Array;
}

/** `keep`: what is taken for still true; the answer is the same with any, and with none. */
export function problemOf(state: SiteState, now: number, keep?: Keep): Problem {
  const { config } = state;
  const topology = topologyOf(config);
  const { connectors } = topology;
  const { capacity, by } = linkCapacities(state, now);
  const shown = Float64Array.from(capacity);
  const unmanaged = config.nodes.map((node) => unmanagedLoad(state, node, now).unmanagedA);
  const base: PerPhase[] = unmanaged.map((loadA) => maxPhases(loadA, ZERO));
  const feed: PerPhase[] = config.nodes.map((node) => feedIn(state, node, now));
  const phases = new Uint8Array(connectors.length);
  const candidates: Candidate[] = [];
  const fixed: Fixed[] = [];
  const takeOff = (placed: PlacedConnector, load: Load): void => {
    const [own = 0] = placed.path;
    const sumA = sumOfA(load);
    base[own] = addPhases(base[own] ?? load.eachA, load.eachA);
    for (const node of placed.path) addToNode(capacity, node, load.eachA, config.voltageV, -1, sumA);
  };
  const kept = keep ?? keepOf(topology);
  connectors.forEach((placed, index) => {
    const found = kept.at(state, { placed, index }, now);
    phases[index] = found.phases;
    if (found.candidate !== null) candidates.push(found.candidate);
    if (found.fixed !== null) fixed.push(found.fixed);
    const { eachA } = found.load;
    if (eachA[0] !== 0 || eachA[1] !== 0 || eachA[2] !== 0) takeOff(placed, found.load);
  });
  return {
    now,
    phases,
    capacity,
    base,
    feed,
    by,
    shown,
    candidates,
    fixed,
    changesAt: changesOf(state, now),
  };
}

function changesOf(state: SiteState, now: number): Float64Array {
  const { nodeIndex } = topologyOf(state.config);
  const changes = new Float64Array(state.config.nodes.length).fill(Number.POSITIVE_INFINITY);
  for (const { node, from, to, heardAt, silenceS } of state.envelopes.values()) {
    const index = nodeIndex.get(node);
    if (index === undefined) continue;
    const moments = [
      from === null ? null : from - ENVELOPE_LEAD_MS,
      to,
      silenceS === null ? null : heardAt + silenceS * 1000,
    ];
    for (const moment of moments)
      if (moment !== null && moment > now && moment < (changes[index] ?? 0)) changes[index] = moment;
  }
  return changes;
}
