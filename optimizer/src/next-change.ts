// When an allocation may change though nothing happens: envelopes that begin and end, meters that
// go stale, leases that run out, turns that come round.

import {
  BOOT_GRACE_MS,
  type ConnectorState,
  ENVELOPE_LEAD_MS,
  INITIAL_CONNECTOR,
  INITIAL_STATION,
  type LedgerInput,
  leaseOverAt,
  ledgerInput,
  phasesInUseUntil,
  type SiteState,
  type StationState,
  type Topology,
  topologyOf,
} from '@ampledger/domain';
import { plannedMoments } from './planned.js';
import { backOffMs, dwellMs, FULL_AFTER_MS, OVERDUE_DWELLS, SLOW_MS } from './problem.js';

/** The first such moment after `now`, or null when there is none. */
export function nextChangeAt(state: SiteState, now: number): number | null {
  let next = Number.POSITIVE_INFINITY;
  const see: See = (moment) => {
    if (moment !== null && moment > now && moment < next) next = moment;
  };
  seeSite(state, now, see);
  const topology = topologyOf(state.config);
  const known = keptOf(topology);
  topology.connectors.forEach((placed, index) => {
    const connector = state.connectors.get(placed.key) ?? INITIAL_CONNECTOR;
    const station = state.stations.get(placed.station) ?? INITIAL_STATION;
    const kept = known[index];
    const holds =
      kept !== undefined &&
      kept.connector === connector &&
      kept.station === station &&
      kept.from <= now &&
      now < kept.next &&
      Number.isInteger(now);
    if (holds) see(kept.next);
    else {
      const { control, wiring } = state.config;
      const input = { connector, station, config: placed.config, control, wiring };
      const found = nextOf(input, now);
      known[index] = { connector, station, from: now, next: found };
      see(found);
    }
    // What a plan says of a session follows from more than its connector.
    if (state.config.plan !== null && connector.session !== null)
      for (const moment of plannedMoments(state, placed, ledgerInput(state, placed), now)) see(moment);
    if (connector.session !== null && isWaiting(connector)) see(now + TURN_CHECK_MS);
  });
  return Number.isFinite(next) ? next : null;
}

type See = (moment: number | null) => void;

/** A connector's next moment: of the same values it stays the same until it comes. */
interface Kept {
  readonly connector: ConnectorState;
  readonly station: StationState;
  readonly from: number;
  readonly next: number;
}

const keptBy = new WeakMap<Topology, (Kept | undefined)[]>();

function keptOf(topology: Topology): (Kept | undefined)[] {
  const known = keptBy.get(topology) ?? [];
  keptBy.set(topology, known);
  return known;
}

function seeSite(state: SiteState, now: number, see: See): void {
  for (const { from, to, heardAt, silenceS } of state.envelopes.values()) {
    see(from === null ? null : from - ENVELOPE_LEAD_MS);
    see(to);
    see(silenceS === null ? null : heardAt + silenceS * 1000);
  }
  const { plan } = state;
  if (plan !== null && state.config.plan !== null) {
    const periodMs = plan.periodS * 1000;
    const period = Math.max(0, Math.ceil((now + 1 - plan.from) / periodMs));
    if (period <= plan.periods) see(plan.from + period * periodMs);
  }
  for (const node of state.config.nodes) {
    if (node.unmanaged.kind !== 'metered') continue;
    const load = state.loads.get(node.id);
    if (load) see(load.at + node.unmanaged.staleAfterS * 1000 + 1);
  }
}

function nextOf(input: LedgerInput, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  seeConnector(input, now, (moment) => {
    if (moment !== null && moment > now && moment < next) next = moment;
  });
  return next;
}

/** A turn is looked at again at least this often while somebody waits. */
const TURN_CHECK_MS = 60_000;
const isWaiting = ({ allocation }: ConnectorState): boolean => allocation?.because.kind === 'waiting';

/** All but what follows from `now` itself. */
function seeConnector(input: LedgerInput, now: number, see: See): void {
  const { connector, station, control } = input;
  see(phasesInUseUntil(input, now));
  const { ledger, turn, usage, meter } = connector;
  if (!station.online || ledger.open.length > 0) {
    if (ledger.session) see(leaseOverAt(ledger.session.grant, station));
    for (const open of ledger.open) see(leaseOverAt(open.grant, station));
  }
  for (const manual of ledger.manual) see(leaseOverAt(manual.grant, station));
  for (const open of ledger.open) see(open.requestedAt + SLOW_MS + 1);
  if (ledger.refusedAt !== null) see(ledger.refusedAt + backOffMs(ledger.refusals));
  if (station.unsureSince !== null) see(station.unsureSince + BOOT_GRACE_MS + 1);
  if (connector.session === null) return;
  const turnMs = dwellMs(control);
  if (isWaiting(connector)) {
    see(turn.since + turnMs);
    see(turn.since + OVERDUE_DWELLS * turnMs);
  } else if (turn.on) {
    see(turn.since + turnMs);
  }
  if (usage.lowSince !== null) see(usage.lowSince + FULL_AFTER_MS);
  if (meter !== null && usage.capA !== null) see(meter.at + control.meterStaleS * 1000 + 1);
}
