// Which site a station belongs to, its part of the site file, its running sessions: what ingress
// asks for with every message.

import type { SiteConfig, StationConfig } from '@ampledger/domain';
import { connectorKey, type SessionId, type SiteId, type StationId } from '@ampledger/kernel';
import type { Projection } from './projection.js';

export interface FoundStation {
  readonly site: SiteId;
  readonly config: StationConfig;
  readonly siteConfig: SiteConfig;
  readonly openSessions: readonly {
    readonly session: SessionId;
    readonly transaction: string;
    readonly evseId: number;
    readonly idToken: string | null;
  }[];
}

const indexes = new WeakMap<SiteConfig, ReadonlyMap<StationId, StationConfig>>();

function stationsOf(config: SiteConfig): ReadonlyMap<StationId, StationConfig> {
  const known = indexes.get(config);
  if (known) return known;
  const made = new Map(config.stations.map((station) => [station.id, station]));
  indexes.set(config, made);
  return made;
}

/** undefined: in no site. */
export function findStation(projection: Projection, station: StationId): FoundStation | undefined {
  const site = projection.siteOf(station);
  const state = site === undefined ? undefined : projection.state(site);
  const config = state && stationsOf(state.config).get(station);
  if (site === undefined || state === undefined || config === undefined) return undefined;
  const openSessions = config.connectors.flatMap(({ evseId }) => {
    const session = state.connectors.get(connectorKey(station, evseId))?.session;
    if (!session) return [];
    return [{ session: session.id, transaction: session.transaction, evseId, idToken: session.idToken }];
  });
  return { site, config, siteConfig: state.config, openSessions };
}
