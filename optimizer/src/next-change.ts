// When an allocation may change though nothing happens: envelopes that begin and end, meters that
// go stale, leases that run out, turns that come round.

import {
  BOOT_GRACE_MS,
  ENVELOPE_LEAD_MS,
  type LedgerInput,
  leaseOverAt,
  ledgerInput,
  phasesInUseUntil,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import { plannedMoments } from './planned.js';
import { backOffMs, dwellMs, FULL_AFTER_MS, OVERDUE_DWELLS, SLOW_MS } from './problem.js';

/** The first such moment after `now`, or null when there is none. */
export function nextChangeAt(state: SiteState, now: number): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const moment of moments(state, now))
    if (moment !== null && moment > now && moment < next) next = moment;
  return Number.isFinite(next) ? next : null;
}

function* moments(state: SiteState, now: number): Iterable<number | null> {
  for (const { from, to, heardAt, silenceS } of state.envelopes.values()) {
    yield from === null ? null : from - ENVELOPE_LEAD_MS;
    yield to;
    yield silenceS === null ? null : heardAt + silenceS * 1000;
  }
  const { plan } = state;
  if (plan !== null && state.config.plan !== null) {
    const periodMs = plan.periodS * 1000;
    const period = Math.max(0, Math.ceil((now + 1 - plan.from) / periodMs));
    if (period <= plan.periods) yield plan.from + period * periodMs;
  }
  for (const node of state.config.nodes) {
    const load = state.loads.get(node.id);
    if (node.unmanaged.kind === 'metered' && load) yield load.at + node.unmanaged.staleAfterS * 1000 + 1;
  }
  for (const placed of topologyOf(state.config).connectors) {
    const input = ledgerInput(state, placed);
    yield* plannedMoments(state, placed, input, now);
    yield* connectorMoments(input, now);
  }
}

/** A turn is looked at again at least this often while somebody waits. */
const TURN_CHECK_MS = 60_000;

function* connectorMoments(input: LedgerInput, now: number): Iterable<number | null> {
  const { connector, station, control } = input;
  yield phasesInUseUntil(input, now);
  const { ledger, turn, usage, meter } = connector;
  if (!station.online || ledger.open.length > 0) {
    if (ledger.session) yield leaseOverAt(ledger.session.grant, station);
    for (const open of ledger.open) yield leaseOverAt(open.grant, station);
  }
  for (const manual of ledger.manual) yield leaseOverAt(manual.grant, station);
  for (const open of ledger.open) yield open.requestedAt + SLOW_MS + 1;
  if (ledger.refusedAt !== null) yield ledger.refusedAt + backOffMs(ledger.refusals);
  if (station.unsureSince !== null) yield station.unsureSince + BOOT_GRACE_MS + 1;
  if (connector.session === null) return;
  const turnMs = dwellMs(control);
  if (connector.allocation?.because.kind === 'waiting') {
    yield turn.since + turnMs;
    yield turn.since + OVERDUE_DWELLS * turnMs;
    yield now + TURN_CHECK_MS;
  } else if (turn.on) {
    yield turn.since + turnMs;
  }
  if (usage.lowSince !== null) yield usage.lowSince + FULL_AFTER_MS;
  if (meter !== null && usage.capA !== null) yield meter.at + control.meterStaleS * 1000 + 1;
}
