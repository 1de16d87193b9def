// What was worked out of each connector for an earlier decision, as long as it is still true: until its part of the
// state is another, or until a moment comes at which time alone changes something. States are values, so that the
// same object says the same; a decision then costs what has changed since the last, and its answer is the
// same to the bit as without.

import {
  BOOT_GRACE_MS,
  type ConnectorState,
  type Habits,
  INITIAL_CONNECTOR,
  INITIAL_STATION,
  type LedgerInput,
  leaseOverAt,
  type PlacedConnector,
  phasesInUseUntil,
  type SiteState,
  type StationState,
  type Topology,
} from '@ampledger/domain';
import { FULL_AFTER_MS } from './car-bounds.js';
import {
  backOffMs,
  connectorAt,
  dwellMs,
  type InProblem,
  laterTurn,
  OVERDUE_DWELLS,
  SLOW_MS,
} from './connector-problem.js';

export interface Keep {
  at(state: SiteState, where: Where, now: number): InProblem;
}

interface Where {
  readonly placed: PlacedConnector;
  readonly index: number;
}

interface Kept {
  readonly connector: ConnectorState;
  readonly station: StationState;
  /** Of which what is expected of its car follows; null: of none. */
  readonly habits: Habits['byHour'] | null;
  /** True from then on (when it was worked out), and before. */
  readonly from: number;
  readonly until: number;
  /** What it is short of grows with time. */
  readonly owes: boolean;
  readonly input: LedgerInput;
  readonly found: InProblem;
}

const keeps = new WeakMap<Topology, Keep>();

/** That of a configuration: a topology belongs to one. */
export function keepOf(topology: Topology): Keep {
  const known = keeps.get(topology);
  if (known) return known;
  const made = createKeep();
  keeps.set(topology, made);
  return made;
}

/** For the states of one configuration. */
export function createKeep(): Keep {
  const kept: (Kept | undefined)[] = [];
  return {
    at(state, { placed, index }, now) {
      const connector = state.connectors.get(placed.key) ?? INITIAL_CONNECTOR;
      const station = state.stations.get(placed.station) ?? INITIAL_STATION;
      const known = kept[index];
      const holds =
        known !== undefined &&
        known.connector === connector &&
        known.station === station &&
        (known.habits === null || known.habits === state.habits.byHour) &&
        known.from <= now &&
        now < known.until &&
        Number.isInteger(now);
      if (holds) return known.owes ? later(known, now) : known.found;
      const { control, wiring } = state.config;
      const input = { connector, station, config: placed.config, control, wiring };
      const found = connectorAt({ state, placed, index, input }, now);
      const owes = found.candidate !== null && (connector.allocation?.fairA ?? null) !== null;
      // What a plan says of a session changes with more than this looks at.
      const until =
        state.config.plan !== null && connector.session !== null ? now : heldUntil(input, found, now);
      const habits = isGuessed(state, connector) ? state.habits.byHour : null;
      kept[index] = { connector, station, habits, from: now, until, owes, input, found };
      return found;
    },
  };
}

const isGuessed = ({ config }: SiteState, { session }: ConnectorState): boolean =>
  config.needs.learn &&
  session !== null &&
  ((session.needs?.energyWh ?? null) === null || (session.needs?.departAt ?? null) === null);

const later = ({ found, input }: Kept, now: number): InProblem =>
  found.candidate === null ? found : { ...found, candidate: laterTurn(found.candidate, input, now) };

/**
 * The first moment after `now` at which something that `connectorAt` asks of time may have another answer; of
 * whole milliseconds, as all instants are.
 */
function heldUntil(input: LedgerInput, { candidate }: InProblem, now: number): number {
  const { connector, station, control } = input;
  const { ledger, turn, usage, meter } = connector;
  let until = Number.POSITIVE_INFINITY;
  /** True up to before the moment. */
  const before = (moment: number | null): void => {
    if (moment !== null && moment > now && moment < until) until = moment;
  };
  /** Still true at the moment itself. */
  const through = (moment: number): void => before(Math.floor(moment) + 1);
  if (ledger.session !== null) before(leaseOverAt(ledger.session.grant, station));
  for (const { grant } of ledger.manual) before(leaseOverAt(grant, station));
  for (const { grant, requestedAt } of ledger.open) {
    before(leaseOverAt(grant, station));
    through(requestedAt + SLOW_MS);
  }
  if (ledger.refusedAt !== null) before(ledger.refusedAt + backOffMs(ledger.refusals));
  if (station.unsureSince !== null) before(station.unsureSince + BOOT_GRACE_MS);
  if (meter !== null) through(meter.at + control.meterStaleS * 1000);
  const phasesUntil = phasesInUseUntil(input, now);
  if (phasesUntil !== null) before(Math.floor(phasesUntil));
  if (usage.lowSince !== null) before(usage.lowSince + FULL_AFTER_MS);
  before(turn.since + dwellMs(control));
  before(turn.since + OVERDUE_DWELLS * dwellMs(control));
  // A departure that was guessed is none any more once it has passed.
  before(candidate?.needs?.departAt ?? null);
  return until;
}
