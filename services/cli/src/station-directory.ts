// What ingress knows of the sites: looked up in the live states at each message.

import type { SiteConfig, SiteState, StationConfig } from '@ampledger/domain';
import type { StationDirectory } from '@ampledger/ingress';
import { connectorKey, type StationId } from '@ampledger/kernel';
import type { OpenSession } from '@ampledger/ocpp';
import type { Projection } from '@ampledger/projection';

export const stationDirectory = (projection: Projection): StationDirectory => ({
  find(station) {
    const site = projection.siteOf(station);
    const state = site === undefined ? undefined : projection.state(site);
    const config = state === undefined ? undefined : stationsOf(state.config).get(station);
    if (state === undefined || config === undefined) return undefined;
    return { site: state.site, config, openSessions: openSessions(state, config) };
  },
});

function openSessions(state: SiteState, config: StationConfig): readonly OpenSession[] {
  return config.connectors.flatMap(({ evseId }) => {
    const session = state.connectors.get(connectorKey(config.id, evseId))?.session ?? null;
    if (session === null) return [];
    return [{ session: session.id, transaction: session.transaction, evseId, idToken: session.idToken }];
  });
}

const indexes = new WeakMap<SiteConfig, ReadonlyMap<StationId, StationConfig>>();

/** A configuration never changes in place: its index is made once. */
function stationsOf(config: SiteConfig): ReadonlyMap<StationId, StationConfig> {
  const known = indexes.get(config);
  if (known) return known;
  const made = new Map(config.stations.map((station) => [station.id, station]));
  indexes.set(config, made);
  return made;
}
