// The ledger summed over the tree: what each link may have to carry.

import type { ConnectorKey } from '@ampledger/kernel';
import { countedLoad, type LedgerInput } from './ledger.js';
import { addToPath, type PlacedConnector, topologyOf } from './links.js';
import type { Load } from './phase-currents.js';
import { INITIAL_CONNECTOR, INITIAL_STATION, type SiteState } from './state.js';

export function ledgerInput(state: SiteState, placed: PlacedConnector): LedgerInput {
  return {
    connector: state.connectors.get(placed.key) ?? INITIAL_CONNECTOR,
    station: state.stations.get(placed.station) ?? INITIAL_STATION,
    config: placed.config,
    control: state.config.control,
    wiring: state.config.wiring,
  };
}

export interface CountedLoads {
  /** By link, as in links.ts. */
  readonly load: Float64Array;
  readonly byConnector: ReadonlyMap<ConnectorKey, Load>;
}

/** Sum of what the stations may be holding (or are seen to draw) on every link. */
export function countedLoads(state: SiteState, now: number): CountedLoads {
  const topology = topologyOf(state.config);
  const load = new Float64Array(topology.linkCount);
  const byConnector = new Map<ConnectorKey, Load>();
  for (const placed of topology.connectors) {
    const counted = countedLoad(ledgerInput(state, placed), now);
    byConnector.set(placed.key, counted);
    addToPath(load, placed, counted, state.config.voltageV);
  }
  return { load, byConnector };
}
