// Branded ids: a string that was checked once, at the edge, and is never mistaken for another.

declare const brand: unique symbol;
export type Brand<T, B extends string> = T & { readonly [brand]: B };

export type SiteId = Brand<string, 'SiteId'>;
export type NodeId = Brand<string, 'NodeId'>;
export type StationId = Brand<string, 'StationId'>;
/** One EVSE of one station: `<stationId>/<evseId>`. An OCPP 1.6 connector is an EVSE with one connector. */
export type ConnectorKey = Brand<string, 'ConnectorKey'>;
/** One car's stay at one connector: `<stationId>:<transactionId>`. */
export type SessionId = Brand<string, 'SessionId'>;

export const siteId = (value: string): SiteId => value as SiteId;
export const nodeId = (value: string): NodeId => value as NodeId;
export const stationId = (value: string): StationId => value as StationId;
export const connectorKey = (station: StationId, evseId: number): ConnectorKey =>
  `${station}/${evseId}` as ConnectorKey;
export const sessionId = (station: StationId, transactionId: string): SessionId =>
  `${station}:${transactionId}` as SessionId;

/** The station and EVSE behind a connector key. The station id itself has no slash (see STATION_ID). */
export function splitConnectorKey(key: ConnectorKey): { stationId: StationId; evseId: number } {
  const slash = key.lastIndexOf('/');
  return { stationId: key.slice(0, slash) as StationId, evseId: Number(key.slice(slash + 1)) };
}

/**
 * What a station may call itself: OCPP 2.0.1 identifierString, at most 48 characters,
 * never `.` or `..` alone.
 */
export const STATION_ID = /^(?!\.{1,2}$)[A-Za-z0-9*_=:+|@.-]{1,48}$/;
/** Site and node ids appear in URLs and metric labels. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
