// From the domain's views to what goes over HTTP: epoch milliseconds become ISO 8601.

import type {
  ConnectorView,
  SessionView,
  SiteState,
  SiteView,
  StationConfig,
  StationView,
} from '@ampledger/domain';
import type { SiteSummaryWire, SiteWire, StationWire } from '../schema/site.js';

export const iso = (at: number): string => new Date(at).toISOString();

/** The most that ECMAScript can print; a station may claim any time. */
const INSTANT_MS_MAX = 8.64e15;
export const isoOrNull = (at: number | null): string | null =>
  at === null || !(Math.abs(at) <= INSTANT_MS_MAX) ? null : iso(at);

export const siteToWire = (view: SiteView): SiteWire => ({
  ...view,
  at: iso(view.at),
  plan:
    view.plan === null
      ? null
      : { ...view.plan, at: iso(view.plan.at), from: iso(view.plan.from), until: iso(view.plan.until) },
  stations: view.stations.map(stationToWire),
  connectors: view.connectors.map(connectorToWire),
  envelopes: view.envelopes.map((envelope) => ({
    ...envelope,
    from: isoOrNull(envelope.from),
    to: isoOrNull(envelope.to),
  })),
  recentSessions: view.recentSessions.map((session) => ({ ...session, ...sessionToWire(session) })),
});

export const stationToWire = (station: StationView): StationWire => ({
  ...station,
  connectedAt: isoOrNull(station.connectedAt),
  lastHeardAt: isoOrNull(station.lastHeardAt),
});

const connectorToWire = (connector: ConnectorView): SiteWire['connectors'][number] => ({
  ...connector,
  session: connector.session === null ? null : sessionToWire(connector.session),
  leaseEndsAt: isoOrNull(connector.leaseEndsAt),
  needs:
    connector.needs === null ? null : { ...connector.needs, departAt: isoOrNull(connector.needs.departAt) },
  because: becauseToWire(connector.because),
});

const becauseToWire = (because: ConnectorView['because']): SiteWire['connectors'][number]['because'] =>
  because.kind === 'bound' ? because : { ...because, until: isoOrNull(because.until) };

const sessionToWire = (session: SessionView) => ({
  ...session,
  startedAt: iso(session.startedAt),
  endedAt: isoOrNull(session.endedAt),
});

export const siteSummary = ({ config, position, stations, connectors }: SiteState): SiteSummaryWire => ({
  id: config.id,
  name: config.name ?? null,
  timeZone: config.timeZone,
  position,
  stations: config.stations.length,
  connectors: countConnectors(config.stations),
  connectorsOnline: countConnectors(config.stations.filter(({ id }) => stations.get(id)?.online)),
  sessions: [...connectors.values()].filter(({ session }) => session !== null).length,
});

const countConnectors = (stations: readonly StationConfig[]): number =>
  stations.reduce((count, station) => count + station.connectors.length, 0);
