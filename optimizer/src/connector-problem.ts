// One connector in the problem: whether it can be set, between what, whose turn it is, and what it counts at
// whatever is decided. Pure.

import {
  type Allocation,
  anyCarPerAmpere,
  type Binding,
  besideA,
  type ConnectorConfig,
  carPerAmpere,
  countedLoad,
  deficitAh,
  type Grant,
  grantHoldA,
  isCommissioned,
  type LedgerInput,
  type Load,
  leastSettable,
  mayHoldA,
  type Needs,
  needsOf,
  overdrawA,
  ownDrawA,
  type PlacedConnector,
  SAME_SHARE,
  type Settable,
  type SiteConfig,
  type SiteState,
  settableOf,
} from '@ampledger/domain';
import { type ConnectorKey, PHASES } from '@ampledger/kernel';
import { type Standing, standingOf } from './admission/index.js';
import { carBounds, isServed, mostSettable } from './car-bounds.js';
import { type Planned, plannedAt } from './planned.js';
import { EVEN } from './site-network.js';

/** A connector that the optimizer may set. Currents are amperes on each of its phases. */
export interface Candidate {
  readonly key: ConnectorKey;
  /** Its place among the connectors of the topology. */
  readonly index: number;
  readonly config: ConnectorConfig;
  /** What its station can be set to; `minA` and `maxA` are of that. */
  readonly settable: Settable;
  /** The least that is any use to station and car. */
  readonly minA: number;
  /** The least of station, wiring, car, what the car takes, and the plan. */
  readonly maxA: number;
  readonly maxBecause: 'maximum' | 'draw' | 'plan' | 'car';
  /** Counted whatever it is given: default profile, profiles sent by hand. */
  readonly floorA: number;
  readonly standing: Standing;
  readonly needs: KnownNeeds | null;
  readonly previousA: number;
  /** What it was given last. */
  readonly previous: Allocation | null;
  /** Set when it does not take limits at present: what it may be holding, which then counts. */
  readonly stuckAtA: number | null;
}

/** Nothing in it passes with time alone. */
export type KnownNeeds = Pick<Needs, 'energyWh' | 'departAt' | 'deliveredWh'>;

/** A connector that is as it is, for now. */
export interface Fixed {
  readonly key: ConnectorKey;
  readonly limitA: number;
  readonly because: Binding;
  /** What it was given last. */
  readonly previous: Allocation | null;
}

/** A call in flight for longer is no longer sure to be answered soon. */
export const SLOW_MS = 10_000;
/** Who was passed over for so many minimum times comes before all that are not within theirs. */
export const OVERDUE_DWELLS = 4;
/** Turns are at least this long, whatever the site file says: without a length everybody would always be overdue. */
const DWELL_MS_MIN = 60_000;
export const dwellMs = ({ minDwellS }: LedgerInput['control']): number =>
  Math.max(DWELL_MS_MIN, minDwellS * 1000);

function phasesOf(input: LedgerInput, now: number): number {
  const each = carPerAmpere(input, now);
  const set = PHASES.reduce<number>((bits, phase) => (each[phase] > 0 ? bits | (1 << phase) : bits), 0);
  return PHASES.every((phase) => each[phase] > 0 && each[phase] < 1) ? set | EVEN : set;
}

type BoundName = Extract<Binding, { kind: 'bound' }>['bound'];
const because = (bound: BoundName): Binding => ({ kind: 'bound', bound });
/** Shared by all that are bound so. */
const BECAUSE = {
  offline: because('offline'),
  'not-commissioned': because('not-commissioned'),
  'no-session': because('no-session'),
  disobeys: because('disobeys'),
  unavailable: because('unavailable'),
  delay: because('delay'),
  plan: because('plan'),
} as const;

/** Rounded down, never up. */
export const floorToTenth = (amperes: number): number => Math.floor(amperes * 10 + 1e-6) / 10;

/** A connector that nobody can set now, with the reason; null for one that can be set. */
export function fixedOf(
  placed: PlacedConnector,
  input: LedgerInput,
  { site, now, planned }: { readonly site: SiteConfig; readonly now: number; readonly planned: Planned },
): Fixed | null {
  const { connector, station } = input;
  const fixed = (bound: keyof typeof BECAUSE, limitA: number): Fixed => ({
    key: placed.key,
    // A tenth of an ampere is far more than what DC is told in watts.
    limitA: input.config.current === 'dc' ? limitA : floorToTenth(limitA),
    because: BECAUSE[bound],
    previous: connector.allocation,
  });
  if (!station.online) return fixed('offline', mayHoldA(input, now));
  if (!isCommissioned(connector.ledger, station)) return fixed('not-commissioned', mayHoldA(input, now));
  if (connector.session === null) return fixed('no-session', 0);
  const leastA = (): number => leastSettable(settableOf(site, placed.config), placed.config);
  if (connector.disobeys !== null) return fixed('disobeys', leastA());
  if (connector.status === 'Faulted' || connector.status === 'Unavailable') return fixed('unavailable', 0);
  if (planned.kind === 'delay') return fixed('delay', 0);
  if (planned.kind === 'limit' && planned.limitA < leastA() * (1 - SAME_SHARE)) return fixed('plan', 0);
  return null;
}

/** A connector as it is in a problem: one of `candidate` and `fixed` is there. */
export interface InProblem {
  /** The set of phases that its current counts on, as in `Problem.phases`. */
  readonly phases: number;
  readonly candidate: Candidate | null;
  readonly fixed: Fixed | null;
  /** What it takes of the links whatever is decided. */
  readonly load: Load;
}

export interface Seen {
  readonly state: SiteState;
  readonly placed: PlacedConnector;
  /** Its place among the connectors of the topology. */
  readonly index: number;
  readonly input: LedgerInput;
}

export function connectorAt(seen: Seen, now: number): InProblem {
  const { state, placed, input } = seen;
  const phases = phasesOf(input, now);
  const planned = plannedAt(state, placed, input, now);
  const fixed = fixedOf(placed, input, { site: state.config, now, planned });
  if (fixed !== null) return { phases, candidate: null, fixed, load: countedLoad(input, now) };
  const load = { eachA: besideA(input, now), togetherA: Number.POSITIVE_INFINITY };
  return { phases, candidate: candidateOf(seen, planned, now), fixed: null, load };
}

function candidateOf({ state, placed, index, input }: Seen, planned: Planned, now: number): Candidate {
  const { config, connector } = input;
  const { full, settable, minA, ratedA, takesA, saidByCar } = carBounds(state.config, input, now);
  const plannedA = planned.kind === 'limit' ? planned.limitA : Number.POSITIVE_INFINITY;
  return {
    key: placed.key,
    index,
    config,
    settable,
    minA,
    maxA: plannedA < takesA ? mostSettable(settable, plannedA, minA) : takesA,
    maxBecause:
      plannedA < takesA
        ? 'plan'
        : takesA < mostSettable(settable, ratedA, minA)
          ? 'draw'
          : saidByCar
            ? 'car'
            : 'maximum',
    // In what OCPP can say, and not below it.
    floorA: Math.ceil(floorA(input, now) * 10 - 1e-6) / 10,
    standing: turnOf(input, { full, minA, now }),
    needs: knownNeeds(needsOf(state, placed, now)),
    previousA: connector.allocation?.limitA ?? 0,
    previous: connector.allocation,
    stuckAtA: isStuck(input, now) ? heldA(input, now) : null,
  };
}

const knownNeeds = (needs: Needs | null): KnownNeeds | null =>
  needs === null
    ? null
    : { energyWh: needs.energyWh, departAt: needs.departAt, deliveredWh: needs.deliveredWh };

/** A candidate of which time alone has changed nothing but what it is short of. */
export const laterTurn = (candidate: Candidate, input: LedgerInput, now: number): Candidate => ({
  ...candidate,
  standing: turnOf(input, { full: isServed(input, now), minA: candidate.minA, now }),
});

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
