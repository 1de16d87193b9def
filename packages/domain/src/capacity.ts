// What a node may carry now: its rating, tightened by the envelopes that hold, less the load
// behind it that nobody controls.

import { evenly, minPhases, type NodeId, type PerPhase, ZERO } from '@ampledger/kernel';
import type { EnvelopeData } from './event-types.js';
import { legLimits } from './leg-limits.js';
import type { NodeConfig } from './site-config.js';
import type { SiteState } from './state.js';

/** An announced envelope acts this much before it begins, so that it holds from its first moment. */
export const ENVELOPE_LEAD_MS = 15_000;
export const RATING = 'rating';

export type EnvelopePhase = 'announced' | 'active' | 'fallback' | 'over';

export interface PhaseLimit {
  readonly limitA: number;
  readonly by: string;
}

/**
 * A node's limits as they hold at a moment; unlimited is Infinity. Behind a delta `perPhase` is of the legs: what an
 * envelope says of the lines is worked out for them.
 */
export interface NodeCapacity {
  readonly node: NodeConfig;
  readonly perPhase: readonly [PhaseLimit, PhaseLimit, PhaseLimit];
  /** Behind a delta what envelopes say of the lines A, B, C; Infinity where they say nothing. */
  readonly linesA: PerPhase;
  readonly power: { readonly limitW: number; readonly by: string };
  readonly unmanagedA: PerPhase;
  readonly unmanagedStale: boolean;
}

export function envelopeState(envelope: EnvelopeData, now: number): EnvelopePhase {
  if (envelope.to !== null && now >= envelope.to) return 'over';
  if (envelope.from !== null && now < envelope.from - ENVELOPE_LEAD_MS) return 'announced';
  if (isSilent(envelope, now)) return 'fallback';
  return 'active';
}

const isSilent = ({ silenceS, heardAt }: EnvelopeData, now: number): boolean =>
  silenceS !== null && now >= heardAt + silenceS * 1000;

/** The limit that an envelope puts on its node at `now`, or null when it puts none. */
function envelopeLimit(
  envelope: EnvelopeData,
  now: number,
): { limitA: PerPhase | null; limitW: number | null } | null {
  switch (envelopeState(envelope, now)) {
    case 'active':
      return envelope;
    case 'fallback':
      return envelope.fallback ?? envelope;
    default:
      return null;
  }
}

export function nodeCapacity(state: SiteState, node: NodeConfig, now: number): NodeCapacity {
  const ratedA = node.limitA ?? evenly(Number.POSITIVE_INFINITY);
  let perPhase: NodeCapacity['perPhase'] = [
    { limitA: ratedA[0], by: RATING },
    { limitA: ratedA[1], by: RATING },
    { limitA: ratedA[2], by: RATING },
  ];
  let linesA = evenly(Number.POSITIVE_INFINITY);
  let power = { limitW: node.limitW ?? Number.POSITIVE_INFINITY, by: RATING };
  for (const envelope of envelopesOf(state, node.id)) {
    const limit = envelopeLimit(envelope, now);
    if (limit === null) continue;
    perPhase = tighten(perPhase, onPhasesOf(state, node, limit.limitA), envelope.source);
    if (state.config.wiring === 'delta') linesA = minPhases(linesA, limit.limitA ?? linesA);
    if (limit.limitW !== null && limit.limitW < power.limitW)
      power = { limitW: limit.limitW, by: envelope.source };
  }
  return { node, perPhase, linesA, power, ...unmanagedLoad(state, node, now) };
}

/** Amperes of an envelope are those of the breaker: of lines behind a delta, of phases elsewhere. */
const onPhasesOf = ({ config }: SiteState, node: NodeConfig, limitA: PerPhase | null): PerPhase | null =>
  limitA === null || config.wiring === 'wye' ? limitA : legLimits(config, node, limitA);

function* envelopesOf(state: SiteState, node: NodeId): Iterable<EnvelopeData> {
  for (const envelope of state.envelopes.values()) if (envelope.node === node) yield envelope;
}

function tighten(
  current: NodeCapacity['perPhase'],
  limitA: PerPhase | null,
  by: string,
): NodeCapacity['perPhase'] {
  if (limitA === null) return current;
  const on = (phase: 0 | 1 | 2): PhaseLimit =>
    limitA[phase] < current[phase].limitA ? { limitA: limitA[phase], by } : current[phase];
  return [on(0), on(1), on(2)];
}

/** A stale meter counts as full load. */
export function unmanagedLoad(
  state: SiteState,
  node: NodeConfig,
  now: number,
): { unmanagedA: PerPhase; unmanagedStale: boolean } {
  const { unmanaged } = node;
  if (unmanaged.kind === 'none') return { unmanagedA: ZERO, unmanagedStale: false };
  if (unmanaged.kind === 'constant') return { unmanagedA: unmanaged.loadA, unmanagedStale: false };
  const load = state.loads.get(node.id);
  if (load === undefined || now - load.at > unmanaged.staleAfterS * 1000) {
    return { unmanagedA: unmanaged.maxA, unmanagedStale: true };
  }
  return { unmanagedA: load.loadA, unmanagedStale: false };
}

/** What a node feeds in by itself, amperes on each phase, 0 and below: of a silent meter what it last showed. */
export function feedIn(state: SiteState, node: NodeConfig, now: number): PerPhase {
  const { unmanagedA, unmanagedStale } = unmanagedLoad(state, node, now);
  return minPhases(unmanagedStale ? (state.loads.get(node.id)?.loadA ?? ZERO) : unmanagedA, ZERO);
}
