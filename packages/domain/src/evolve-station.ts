// Connections, boots and statuses.

import { connectorKey } from '@ampledger/kernel';
import { meterAt, usageAt } from './car-phases.js';
import type { ConnectorStatus, EventData } from './event-types.js';
import { touch, updateConnector, updateStation } from './evolve.js';
import { connectionLost } from './evolve-calls.js';
import { concludeSession, endSession } from './evolve-session.js';
import { isCommissioned } from './ledger.js';
import type { ConnectorState, SiteState } from './state.js';

export function evolveConnected(state: SiteState, data: EventData<'StationConnected'>, at: number): void {
  connectionLost(state, data.station);
  const before = state.stations.get(data.station)?.protocol ?? null;
  // Transactions have other ids in the other version: what ran there cannot be addressed any more.
  if (before !== null && before !== data.protocol) {
    for (const key of connectorsOfStation(state, data.station)) endSession(state, key, at);
  }
  updateStation(state, data.station, (s) => ({
    ...s,
    online: true,
    everConnected: true,
    connection: data.connection,
    protocol: data.protocol,
    connectedAt: at,
    readTries: 0,
    readAt: s.capabilities === null ? null : s.readAt,
  }));
  touch(state);
}

/** The late close of an old connection changes nothing of the one that followed it. */
export function evolveDisconnected(state: SiteState, data: EventData<'StationDisconnected'>): void {
  if (state.stations.get(data.station)?.connection !== data.connection) return;
  connectionLost(state, data.station);
  state.operatorCalls = state.operatorCalls.filter((call) => call.station !== data.station);
  updateStation(state, data.station, (s) => ({ ...s, online: false, connection: null }));
  touch(state);
}

/** Every socket of the engine before is gone, and nobody will hear the answers to its calls. */
export function evolveEngineStarted(state: SiteState): void {
  state.operatorCalls = [];
  for (const station of state.stations.keys()) {
    connectionLost(state, station);
    updateStation(state, station, (s) => ({ ...s, online: false, connection: null }));
  }
  touch(state);
}

/**
 * A boot starts the commissioning anew. Profiles persist over it by the standard (OCPP 2.0.1
 * K01.FR.27), so what was accepted goes on counting for a while; see `mayHoldA`.
 */
export function evolveBooted(state: SiteState, data: EventData<'StationBooted'>, at: number): void {
  const keys = connectorsOfStation(state, data.station);
  const station = state.stations.get(data.station);
  const wasSure = keys.every((key) => {
    const ledger = state.connectors.get(key)?.ledger;
    return ledger !== undefined && station !== undefined && isCommissioned(ledger, station);
  });
  updateStation(state, data.station, (s) => ({
    ...s,
    boots: s.boots + 1,
    // Boot after boot without a confirmed profile is one time of doubt.
    unsureSince: wasSure ? at : (s.unsureSince ?? at),
    clockLagMs: null,
    suspectLag: null,
    vendor: data.vendor,
    model: data.model,
    firmware: data.firmware,
    capabilities: null,
    readAt: null,
    readTries: 0,
  }));
  for (const connector of keys) {
    updateConnector(state, connector, (c) => ({
      ...c,
      session: c.session === null || isAsked(data) ? c.session : { ...c.session, overBoot: true },
      ledger: { ...c.ledger, refusals: 0, refusedAt: null },
    }));
  }
  touch(state);
}

/** A BootNotification that was asked for is no boot (OCPP 2.0.1 F06, BootReasonEnumType). */
const isAsked = ({ reason }: EventData<'StationBooted'>): boolean => reason === 'Triggered';

export function connectorsOfStation(state: SiteState, station: EventData<'StationBooted'>['station']) {
  const config = state.config.stations.find((s) => s.id === station);
  return (config?.connectors ?? []).map(({ evseId }) => connectorKey(station, evseId));
}

export function evolveStatus(
  state: SiteState,
  data: EventData<'ConnectorStatusChanged'>,
  meta: { readonly receivedAt: number; readonly stationAt?: number },
): void {
  const { station, evseId, connectorId, status } = data;
  const key = connectorKey(station, evseId);
  const known = state.connectors.get(key);
  if (!known) return;
  const outlets = { ...known.outlets, [connectorId]: status };
  const merged = mostActive(Object.values(outlets));
  if (merged === 'Available' && leavesNoSession(state, known, data, meta)) concludeSession(state, key, meta);
  const before = state.connectors.get(key) ?? known;
  // A 2.x station says Occupied where the transaction's charging state says more.
  const keeps =
    merged === 'Occupied' &&
    before.session !== null &&
    before.status !== null &&
    OF_SESSION.has(before.status);
  const next = keeps ? before.status : merged;
  const usage = usageAt(next, before.usage);
  state.connectors.set(key, { ...before, outlets, status: next, usage, meter: meterAt(next, before.meter) });
  if (next !== before.status) touch(state);
}

/**
 * An OCPP 1.6 connector that is Available has no car (section 7.7): a transaction that is still open
 * there lost its end. In 2.x a transaction may begin before the car is plugged in (TxStartPoint), so that Available
 * alone says nothing. After a boot it does: power was lost, or the station started anew, and there is no car to go
 * on with; the TransactionEvent(Ended) that it should have kept for us never came, or is still to come, and then
 * adds what its meter showed. A transaction that goes on after all opens again by its next update with a car.
 */
function leavesNoSession(
  state: SiteState,
  { session }: ConnectorState,
  { station }: EventData<'ConnectorStatusChanged'>,
  { stationAt }: { readonly stationAt?: number },
): boolean {
  if (session === null) return false;
  if (state.stations.get(station)?.protocol !== 'ocpp1.6' && !session.overBoot) return false;
  return stationAt === undefined || session.stationAt === null || stationAt >= session.stationAt;
}

/** What only a transaction's charging state says. */
const OF_SESSION: ReadonlySet<ConnectorStatus> = new Set([
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
]);

const ACTIVITY: readonly ConnectorStatus[] = [
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Preparing',
  'Occupied',
  'Reserved',
  'Faulted',
  'Unavailable',
  'Available',
];

/** An EVSE serves one outlet at a time: the busiest one speaks for it. */
const mostActive = (statuses: readonly ConnectorStatus[]): ConnectorStatus | null =>
  ACTIVITY.find((status) => statuses.includes(status)) ?? null;
