// From a site's state and a moment to the numbers that `allocate` works on. Pure.

import type { Binding } from '@ampledger/domain';
import {
  type ConnectorState,
  countedA,
  freshDrawA,
  grantHoldA,
  isCommissioned,
  type LedgerInput,
  ledgerInput,
  linkCapacities,
  mayHoldA,
  overdrawA,
  type PlacedConnector,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { addToPath } from './rows.js';

/** A connector that the optimizer may set. Currents are amperes on each of its phases. */
export interface Candidate {
  readonly key: ConnectorKey;
  readonly links: readonly number[];
  /** What one ampere adds to each of `links`. */
  readonly weights: readonly number[];
  readonly minA: number;
  /** The least of station, wiring and what the car takes. */
  readonly maxA: number;
  readonly maxBecause: 'maximum' | 'draw';
  /** Counted whatever it is given: default profile, profiles sent by hand. */
  readonly floorA: number;
  readonly priority: number;
  readonly share: number;
  readonly rank: Rank;
  readonly previousA: number;
  /** Set when it does not take limits at present: what it may be holding, which then counts. */
  readonly stuckAtA: number | null;
}

/** Order of admission within a class: a group, then a time (earlier first). */
export interface Rank {
  readonly group: number;
  readonly at: number;
}

/** A connector that is as it is, for now. */
export interface Fixed {
  readonly key: ConnectorKey;
  readonly limitA: number;
  readonly because: Binding;
}

export interface Problem {
  /** What each link may carry for candidates: limit less unmanaged load, reserve and fixed connectors. */
  readonly capacity: Float64Array;
  readonly by: readonly string[];
  /** The limit for all connectors together, for explanations. */
  readonly shown: Float64Array;
  readonly candidates: readonly Candidate[];
  readonly fixed: readonly Fixed[];
  readonly deadbandA: number;
}

/** A car that has not drawn for this long is full: it is served after all others. */
export const FULL_AFTER_MS = 600_000;
/** A call in flight for longer is no longer sure to be answered soon. */
export const SLOW_MS = 10_000;

export function problemOf(state: SiteState, now: number): Problem {
  const { config } = state;
  const { capacity, by } = linkCapacities(state, now);
  const shown = Float64Array.from(capacity);
  const candidates: Candidate[] = [];
  const fixed: Fixed[] = [];
  for (const placed of topologyOf(config).connectors) {
    const input = ledgerInput(state, placed);
    const held = fixedOf(placed, input, now);
    if (held === null) {
      candidates.push(candidateOf(placed, input, now));
    } else {
      fixed.push(held);
      addToPath(capacity, placed, countedA(input, now), config.voltageV, -1);
    }
  }
  return { capacity, by, shown, candidates, fixed, deadbandA: config.control.deadbandA };
}

/** A connector that nobody can set now, with the reason; null for one that can be set. */
function fixedOf(placed: PlacedConnector, input: LedgerInput, now: number): Fixed | null {
  const { connector, station } = input;
  const fixed = (bound: Extract<Binding, { kind: 'bound' }>['bound'], limitA: number): Fixed => ({
    key: placed.key,
    limitA,
    because: { kind: 'bound', bound },
  });
  if (!station.online) return fixed('offline', mayHoldA(input, now));
  if (!isCommissioned(connector.ledger, station)) return fixed('not-commissioned', mayHoldA(input, now));
  if (connector.session === null) return fixed('no-session', 0);
  if (connector.disobeys !== null) return fixed('disobeys', placed.config.minA);
  if (connector.status === 'Faulted' || connector.status === 'Unavailable') return fixed('unavailable', 0);
  return null;
}

function candidateOf(placed: PlacedConnector, input: LedgerInput, now: number): Candidate {
  const { config, connector } = input;
  const capA = freshDrawA(input, now) === null ? null : connector.usage.capA;
  const full = isFull(connector, now);
  const maxA = full ? config.minA : Math.min(config.maxA, capA ?? Number.POSITIVE_INFINITY);
  return {
    key: placed.key,
    links: placed.links,
    weights: placed.weights,
    minA: config.minA,
    maxA: Math.max(config.minA, maxA),
    maxBecause: maxA < config.maxA ? 'draw' : 'maximum',
    floorA: floorA(input, now),
    priority: config.priority,
    share: config.weight,
    rank: rankOf(connector, { full, now, minDwellMs: input.control.minDwellS * 1000 }),
    previousA: connector.allocation?.limitA ?? 0,
    stuckAtA: isStuck(input, now) ? Math.max(...countedA(input, now)) : null,
  };
}

export function isFull(connector: ConnectorState, now: number): boolean {
  if (connector.status !== 'SuspendedEV' && connector.status !== 'Finishing') return false;
  const { lowSince } = connector.usage;
  return lowSince !== null && now - lowSince >= FULL_AFTER_MS;
}

/** What the ledger counts whatever limit the session gets. */
function floorA({ connector, station }: LedgerInput, now: number): number {
  let floor = connector.ledger.idle?.grant.limitA ?? 0;
  const byHand = connector.ledger.open.filter((open) => open.by === 'operator');
  for (const { grant } of [...connector.ledger.manual, ...byHand])
    floor = Math.max(floor, grantHoldA(grant, station, now));
  return floor;
}

/** Seconds to wait after the n-th refusal in a row. */
export const backOffMs = (refusals: number): number =>
  refusals === 0 ? 0 : Math.min(900_000, 10_000 * 2 ** Math.min(refusals - 1, 10));

/** Whether the connector does not take limits at present: what it may hold then counts for the others. */
function isStuck(input: LedgerInput, now: number): boolean {
  const { ledger } = input.connector;
  if (ledger.refusedAt !== null && now < ledger.refusedAt + backOffMs(ledger.refusals)) return true;
  if (overdrawA(input, now) !== null) return true;
  return ledger.open.some(
    (open) => open.by === 'engine' && (open.state !== 'in-flight' || now - open.requestedAt > SLOW_MS),
  );
}

/**
 * Who comes first within a class. Nobody is switched off before the minimum dwell, nobody who was
 * just switched off is switched on again; of the others, who has waited longest comes first and
 * who has been on longest goes first. Someone passed over for twice the dwell comes before all.
 */
function rankOf(
  { turn, session }: ConnectorState,
  { full, now, minDwellMs }: { full: boolean; now: number; minDwellMs: number },
): Rank {
  const forMs = now - turn.since;
  if (full) return { group: 5, at: turn.since };
  if (turn.on) return forMs < minDwellMs ? { group: 1, at: turn.since } : { group: 3, at: -turn.since };
  if (forMs >= 2 * minDwellMs) return { group: 0, at: turn.since };
  const neverOn = session !== null && turn.since === session.startedAt;
  return { group: neverOn || forMs >= minDwellMs ? 2 : 4, at: turn.since };
}
