// Views for tests: a small garage with one feeder and two connectors, every field changeable.

import type { ConnectorView, NodeView, SiteView, StationView } from '@ampledger/domain';
import { connectorKey, evenly, nodeId, siteId, stationId, ZERO } from '@ampledger/kernel';
import type { PlannedCar, PlanPeriod, SitePlan } from './feed/plan.js';

export const HOUR_MS = 3_600_000;
export const NOON = Date.parse('2026-03-02T11:00:00Z');

export const aNode = (id: string, fields: Partial<NodeView> = {}): NodeView => ({
  id: nodeId(id),
  name: null,
  parent: null,
  limitA: evenly(80),
  limitW: null,
  limitBy: 'rating',
  ratingA: null,
  ratingW: null,
  reserveA: 0,
  unmanagedA: ZERO,
  unmanagedStale: false,
  allocatedA: ZERO,
  offeredA: ZERO,
  drawnA: ZERO,
  allocatedW: 0,
  offeredW: 0,
  drawnW: 0,
  lines: [],
  ...fields,
});

/** What it draws is in amperes of its limit the most on a phase, unless `fields` say otherwise. */
export const aConnector = (station: string, fields: Partial<ConnectorView> = {}): ConnectorView => ({
  key: connectorKey(stationId(station), 1),
  station: stationId(station),
  evseId: 1,
  node: nodeId('feeder'),
  phases: [0, 1, 2],
  minA: 6,
  maxA: 32,
  priority: 0,
  online: true,
  status: 'Available',
  session: null,
  allocationA: 0,
  offerA: 0,
  acceptedA: 0,
  leaseEndsAt: null,
  drawA: ZERO,
  ownDrawA: fields.drawA === undefined ? 0 : fields.drawA === null ? null : Math.max(...fields.drawA),
  carWattsPerA: null,
  carPhases: null,
  needs: null,
  because: { kind: 'bound', bound: 'no-session' },
  reason: 'No car is charging here.',
  alarms: [],
  ...fields,
});

const aStation = ({ station, node, key }: ConnectorView): StationView => ({
  id: station,
  site: siteId('garage'),
  node,
  online: true,
  everConnected: true,
  commissioned: true,
  protocol: 'ocpp1.6',
  vendor: null,
  model: null,
  firmware: null,
  rateUnits: ['A'],
  connectedAt: NOON,
  lastHeardAt: NOON,
  callsInFlight: 0,
  connectors: [key],
});

export function aSite(fields: Partial<SiteView> = {}): SiteView {
  const connectors = fields.connectors ?? [aConnector('cp-1'), aConnector('cp-2')];
  return {
    id: siteId('garage'),
    name: 'Garage',
    timeZone: 'Europe/Berlin',
    voltageV: 230,
    wiring: 'wye',
    policy: 'balanced',
    plan: null,
    at: NOON,
    position: 1,
    nodes: [aNode('grid', { name: 'Grid' }), aNode('feeder', { name: 'Feeder A', parent: nodeId('grid') })],
    stations: connectors.map(aStation),
    connectors,
    envelopes: [],
    recentSessions: [],
    ...fields,
  };
}

export const aSession = (fields: Partial<NonNullable<ConnectorView['session']>> = {}) =>
  ({
    id: 'cp-1:7',
    transaction: '7',
    startedAt: NOON - 3_600_000,
    endedAt: null,
    energyWh: 5400,
    idToken: null,
    ...fields,
  }) as NonNullable<ConnectorView['session']>;

export const aPeriod = (fields: Partial<PlanPeriod> = {}): PlanPeriod => ({
  from: NOON,
  to: NOON + HOUR_MS,
  limitW: 22_000,
  otherLoadW: 3000,
  pvW: 0,
  carsW: 0,
  expectedCarsW: 0,
  batteryW: null,
  batteryWh: null,
  gridW: 3000,
  importPerKwh: 0.3,
  exportPerKwh: 0,
  co2KgPerKwh: 0,
  ...fields,
});

export const aPlannedCar = (fields: Partial<PlannedCar> = {}): PlannedCar => ({
  connector: 'cp-1/1',
  session: 'cp-1:7',
  departsAt: NOON + 3 * HOUR_MS,
  departureKnown: true,
  needWh: 8000,
  plannedWh: 8000,
  unservedWh: 0,
  limitA: [16, 0, 6],
  ...fields,
});

/** Periods of an hour, from noon on. */
export function aPlan(periods: readonly Partial<PlanPeriod>[], fields: Partial<SitePlan> = {}): SitePlan {
  return {
    site: 'garage',
    status: 'optimal',
    madeAt: NOON,
    from: NOON,
    to: NOON + periods.length * HOUR_MS,
    periodS: 3600,
    currency: 'EUR',
    cost: { energy: 3, demand: 0 },
    demandCharge: null,
    connectors: [aPlannedCar()],
    battery: null,
    ...fields,
    periods: periods.map((period, index) =>
      aPeriod({ from: NOON + index * HOUR_MS, to: NOON + (index + 1) * HOUR_MS, ...period }),
    ),
  };
}

/** What the API prints of a view: ISO 8601 for every instant that these views have. */
export const onWire = (view: SiteView): object => ({
  ...view,
  at: new Date(view.at).toISOString(),
  stations: view.stations.map((station) => ({
    ...station,
    connectedAt: station.connectedAt === null ? null : new Date(station.connectedAt).toISOString(),
    lastHeardAt: station.lastHeardAt === null ? null : new Date(station.lastHeardAt).toISOString(),
  })),
  connectors: view.connectors.map((connector) => ({
    ...connector,
    leaseEndsAt: connector.leaseEndsAt === null ? null : new Date(connector.leaseEndsAt).toISOString(),
  })),
});
