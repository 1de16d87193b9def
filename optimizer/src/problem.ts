// From a site's state and a moment to the numbers that `allocate` works on. Pure.

import {
  addToNode,
  anyCarPerAmpere,
  type Binding,
  besideA,
  type ConnectorConfig,
  carPerAmpere,
  countedA,
  deficitAh,
  ENVELOPE_LEAD_MS,
  type Grant,
  grantHoldA,
  isCommissioned,
  type LedgerInput,
  ledgerInput,
  linkCapacities,
  mayHoldA,
  type Needs,
  needsOf,
  overdrawA,
  ownDrawA,
  type PlacedConnector,
  type SiteState,
  topologyOf,
  unmanagedLoad,
} from '@ampledger/domain';
import { addPhases, type ConnectorKey, type PerPhase, PHASES } from '@ampledger/kernel';
import { type Standing, standingOf } from './admission/index.js';
import { carBounds } from './car-bounds.js';
import { type Planned, plannedAt } from './planned.js';
import { EVEN } from './site-network.js';

export { FULL_AFTER_MS, isFull } from './car-bounds.js';

/** A connector that the optimizer may set. Currents are amperes on each of its phases. */
export interface Candidate {
  readonly key: ConnectorKey;
  /** Its place among the connectors of the topology. */
  readonly index: number;
  readonly config: ConnectorConfig;
  /** The least that is any use to station and car. */
  readonly minA: number;
  /** The least of station, wiring, car, what the car takes, and the plan. */
  readonly maxA: number;
  readonly maxBecause: 'maximum' | 'draw' | 'plan';
  /** Counted whatever it is given: default profile, profiles sent by hand. */
  readonly floorA: number;
  readonly standing: Standing;
  readonly needs: Needs | null;
  readonly previousA: number;
  /** Set when it does not take limits at present: what it may be holding, which then counts. */
  readonly stuckAtA: number | null;
}

/** A connector that is as it is, for now. */
export interface Fixed {
  readonly key: ConnectorKey;
  readonly limitA: number;
  readonly because: Binding;
}

export interface Problem {
  readonly now: number;
  /** By connector of the topology: the set of phases that its current counts on; bit 0 is L1 (or AB), bit 3 `EVEN`. */
  readonly phases: Uint8Array;
  /** By link: the limit less reserve and all of `base` below; watts on each fourth. May be negative. */
  readonly capacity: Float64Array;
  /** By node: unmanaged load and fixed connectors of its own, amperes on each phase. */
  readonly base: readonly PerPhase[];
  readonly by: readonly string[];
  /** The limit for all connectors together, for explanations. */
  readonly shown: Float64Array;
  readonly candidates: readonly Candidate[];
  readonly fixed: readonly Fixed[];
  /** By node: when one of its envelopes next begins, ends or falls silent; Infinity where none does. */
  readonly changesAt: Float64Array;
}

/** A call in flight for longer is no longer sure to be answered soon. */
export const SLOW_MS = 10_000;
/** Who was passed over for so many minimum times comes before all that are not within theirs. */
export const OVERDUE_DWELLS = 4;
/** Turns are at least this long, whatever the site file says: without a length everybody would always be overdue. */
const DWELL_MS_MIN = 60_000;
export const dwellMs = ({ minDwellS }: LedgerInput['control']): number =>
  Math.max(DWELL_MS_MIN, minDwellS * 1000);

export function problemOf(state: SiteState, now: number): Problem {
  const { config } = state;
  const { connectors } = topologyOf(config);
  const { capacity, by } = linkCapacities(state, now);
  const shown = Float64Array.from(capacity);
  const base: PerPhase[] = config.nodes.map((node) => unmanagedLoad(state, node, now).unmanagedA);
  const phases = new Uint8Array(connectors.length);
  const candidates: Candidate[] = [];
  const fixed: Fixed[] = [];
  const takeOff = (placed: PlacedConnector, loadA: PerPhase): void => {
    const [own = 0] = placed.path;
    base[own] = addPhases(base[own] ?? loadA, loadA);
    for (const node of placed.path) addToNode(capacity, node, loadA, config.voltageV, -1);
  };
  connectors.forEach((placed, index) => {
    const input = ledgerInput(state, placed);
    phases[index] = phasesOf(input, now);
    const planned = plannedAt(state, placed, input, now);
    const held = fixedOf(placed, input, { now, planned });
    if (held === null) {
      candidates.push(candidateOf({ state, placed, index, input, planned }, now));
      takeOff(placed, besideA(input, now));
    } else {
      fixed.push(held);
      takeOff(placed, countedA(input, now));
    }
  });
  return { now, phases, capacity, base, by, shown, candidates, fixed, changesAt: changesOf(state, now) };
}

function phasesOf(input: LedgerInput, now: number): number {
  const each = carPerAmpere(input, now);
  const set = PHASES.reduce<number>((bits, phase) => (each[phase] > 0 ? bits | (1 << phase) : bits), 0);
  return PHASES.every((phase) => each[phase] > 0 && each[phase] < 1) ? set | EVEN : set;
}

type BoundName = Extract<Binding, { kind: 'bound' }>['bound'];

/** A connector that nobody can set now, with the reason; null for one that can be set. */
export function fixedOf(
  placed: PlacedConnector,
  input: LedgerInput,
  { now, planned }: { readonly now: number; readonly planned: Planned },
): Fixed | null {
  const { connector, station } = input;
  const fixed = (bound: BoundName, limitA: number): Fixed => ({
    key: placed.key,
    limitA,
    because: { kind: 'bound', bound },
  });
  if (!station.online) return fixed('offline', mayHoldA(input, now));
  if (!isCommissioned(connector.ledger, station)) return fixed('not-commissioned', mayHoldA(input, now));
  if (connector.session === null) return fixed('no-session', 0);
  if (connector.disobeys !== null) return fixed('disobeys', placed.config.minA);
  if (connector.status === 'Faulted' || connector.status === 'Unavailable') return fixed('unavailable', 0);
  if (planned.kind === 'delay') return fixed('delay', 0);
  if (planned.kind === 'limit' && planned.limitA < placed.config.minA) return fixed('plan', 0);
  return null;
}

interface Seen {
  readonly state: SiteState;
  readonly placed: PlacedConnector;
  readonly index: number;
  readonly input: LedgerInput;
  readonly planned: Planned;
}

function candidateOf({ state, placed, index, input, planned }: Seen, now: number): Candidate {
  const { config, connector } = input;
  const { full, minA, ratedA, takesA } = carBounds(input, now);
  const plannedA = planned.kind === 'limit' ? planned.limitA : Number.POSITIVE_INFINITY;
  return {
    key: placed.key,
    index,
    config,
    minA,
    maxA: Math.max(minA, Math.min(takesA, plannedA)),
    maxBecause: plannedA < takesA ? 'plan' : takesA < ratedA ? 'draw' : 'maximum',
    // In what OCPP can say, and not below it.
    floorA: Math.ceil(floorA(input, now) * 10 - 1e-6) / 10,
    standing: turnOf(input, { full, minA, now }),
    needs: needsOf(state, placed, now),
    previousA: connector.allocation?.limitA ?? 0,
    stuckAtA: isStuck(input, now) ? heldA(input, now) : null,
  };
}

function turnOf(
  { connector, config, control }: LedgerInput,
  { full, minA, now }: { readonly full: boolean; readonly minA: number; readonly now: number },
): Standing {
  const { turn, session, allocation } = connector;
  const leastMs = dwellMs(control);
  const rules = { minOnMs: leastMs, minOffMs: leastMs, overdueMs: OVERDUE_DWELLS * leastMs, wakeMarginA: 0 };
  const of = {
    on: turn.on,
    sinceMs: turn.since,
    neverOn: !turn.on && session !== null && turn.since === session.startedAt,
    deficitAh: deficitAh(turn, allocation, now),
    full,
    minA,
    weight: config.weight,
  };
  return standingOf(of, rules, now);
}

/** What counts while it does not take limits, amperes of its own. */
function heldA(input: LedgerInput, now: number): number {
  const drawA = overdrawA(input, now);
  return Math.max(mayHoldA(input, now), floorA(input, now), drawA === null ? 0 : ownDrawA(input, drawA));
}

/** What the ledger counts whatever limit the session gets, in amperes of that. */
function floorA(input: LedgerInput, now: number): number {
  const { connector, station, config, wiring } = input;
  // A default profile is there for any car, and counts more than as much for a car that is even on three legs.
  const [any, car] = [anyCarPerAmpere(wiring, config), carPerAmpere(input, now)];
  const asSession = Math.max(1, ...PHASES.map((phase) => (car[phase] > 0 ? any[phase] / car[phase] : 1)));
  const counted = ({ kind }: Grant, holdA: number): number => (kind === 'idle' ? asSession * holdA : holdA);
  const idle = connector.ledger.idle?.grant;
  let floor = idle === undefined ? 0 : counted(idle, idle.limitA);
  const byHand = connector.ledger.open.filter((open) => open.by === 'operator');
  for (const { grant } of [...connector.ledger.manual, ...byHand])
    floor = Math.max(floor, counted(grant, grantHoldA(grant, station, now)));
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
