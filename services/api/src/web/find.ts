// Looks up what a path names, as a value or as the problem that says what is not there.

import {
  type PlacedConnector,
  type SiteState,
  type StationView,
  siteView,
  topologyOf,
} from '@ampledger/domain';
import {
  type ConnectorKey,
  err,
  type NodeId,
  ok,
  type Result,
  type SiteId,
  siteId,
  stationId,
} from '@ampledger/kernel';
import type { ApiDeps } from '../deps.js';
import { type Problem, problem } from './problem.js';

const NAMED = 10;

/** What there is instead of a name that is unknown. */
function namesOf(names: readonly string[]): string {
  if (names.length === 0) return 'There is none yet.';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `There is: ${names.slice(0, NAMED).join(', ')}${more}.`;
}

type Lookup = Pick<ApiDeps, 'projection' | 'clock'>;

export function findSite({ projection }: Lookup, id: string): Result<SiteState, Problem> {
  const state = projection.state(siteId(id));
  return state === undefined
    ? err(problem('unknown-site', `There is no site "${id}". ${namesOf(projection.siteIds())}`))
    : ok(state);
}

/** The node of that id, or the root when none is named: the root comes first in the configuration. */
export function findNode(state: SiteState, id: string | undefined): Result<NodeId, Problem> {
  const node = id === undefined ? state.config.nodes[0] : state.config.nodes.find((node) => node.id === id);
  if (node === undefined)
    return err(
      problem(
        'unknown-node',
        `The site "${state.site}" has no node "${id}". ${namesOf(state.config.nodes.map((one) => one.id))}`,
      ),
    );
  return ok(node.id);
}

export function findConnector(state: SiteState, key: string): Result<PlacedConnector, Problem> {
  const placed = topologyOf(state.config).byKey.get(key as ConnectorKey);
  if (placed !== undefined) return ok(placed);
  const [station = ''] = key.split('/');
  const all = [...topologyOf(state.config).byKey.keys()];
  const near = all.filter((one) => one.startsWith(`${station}/`));
  return err(
    problem(
      'unknown-connector',
      `The site "${state.site}" has no connector "${key}". ${namesOf(near.length > 0 ? near : all)}`,
    ),
  );
}

export function findStation(
  { projection, clock }: Lookup,
  id: string,
): Result<{ readonly site: SiteId; readonly station: StationView }, Problem> {
  const unknown = err(problem('unknown-station', `No site has a station "${id}".`));
  const site = projection.siteOf(stationId(id));
  const state = site === undefined ? undefined : projection.state(site);
  if (site === undefined || state === undefined) return unknown;
  const station = siteView(state, clock.now()).stations.find((station) => station.id === id);
  return station === undefined ? unknown : ok({ site, station });
}

export const allStates = ({ projection }: Pick<Lookup, 'projection'>): readonly SiteState[] =>
  projection.siteIds().flatMap((id) => projection.state(id) ?? []);
