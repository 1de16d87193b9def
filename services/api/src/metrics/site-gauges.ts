// The state of sites as gauges: per node and phase what limits it and what it carries, per site
// how many connectors and sessions there are. Nothing is kept between two looks.

import { type NodeView, type SiteView, siteView } from '@ampledger/domain';
import { type Clock, type PerPhase, PHASES, phaseName } from '@ampledger/kernel';
import type { Projection } from '@ampledger/projection';
import { Gauge, type Registry } from 'prom-client';

const NODE_GAUGES: readonly (readonly [string, string, (node: NodeView) => PerPhase | null])[] = [
  ['limit', 'The tightest current limit that holds', (node) => node.limitA],
  ['unmanaged', 'Load that the engine does not control', (node) => node.unmanagedA],
  ['allocated', 'What the optimizer gave the connectors below', (node) => node.allocatedA],
  ['offered', 'What the stations below may be holding', (node) => node.offeredA],
  ['drawn', 'What the meters below say', (node) => node.drawnA],
];

interface SiteFigures {
  readonly view: SiteView;
  /** null before the first allocation. */
  readonly allocationAgeS: number | null;
}

const SITE_GAUGES: readonly (readonly [string, string, (site: SiteFigures) => number | null])[] = [
  ['ampledger_site_connectors', 'Connectors in the site file', ({ view }) => view.connectors.length],
  [
    'ampledger_site_connectors_online',
    'Connectors whose station is connected',
    ({ view }) => countOnline(view),
  ],
  ['ampledger_site_sessions', 'Sessions that run', ({ view }) => countSessions(view)],
  ['ampledger_site_alarms', 'Alarms that are raised', ({ view }) => countAlarms(view)],
  ['ampledger_site_position', 'Position of the last event folded', ({ view }) => view.position],
  [
    'ampledger_site_allocation_age_seconds',
    'Time since the last allocation',
    ({ allocationAgeS }) => allocationAgeS,
  ],
];

/** Registers the gauges; the answer brings them up to date. */
export function createSiteGauges(
  registry: Registry,
  { projection, clock }: { readonly projection: Projection; readonly clock: Clock },
): () => void {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const nodeGauges = NODE_GAUGES.map(([name, help, read]) => ({
    read,
    gauge: gauge(`ampledger_node_${name}_amperes`, `${help}, per phase`, 'site', 'node', 'phase'),
  }));
  const powerLimit = gauge(
    'ampledger_node_limit_watts',
    'The tightest power limit that holds',
    'site',
    'node',
  );
  const siteGauges = SITE_GAUGES.map(([name, help, read]) => ({ read, gauge: gauge(name, help, 'site') }));

  const setNode = (site: string, node: NodeView): void => {
    for (const { read, gauge } of nodeGauges) {
      const value = read(node);
      if (value === null) continue;
      for (const phase of PHASES) gauge.set({ site, node: node.id, phase: phaseName(phase) }, value[phase]);
    }
    if (node.limitW !== null) powerLimit.set({ site, node: node.id }, node.limitW);
  };

  return () => {
    for (const { gauge } of [...nodeGauges, { gauge: powerLimit }, ...siteGauges]) gauge.reset();
    for (const figures of figuresOf(projection, clock.now())) {
      for (const node of figures.view.nodes) setNode(figures.view.id, node);
      for (const { read, gauge } of siteGauges) {
        const value = read(figures);
        if (value !== null) gauge.set({ site: figures.view.id }, value);
      }
    }
  };
}

function figuresOf(projection: Projection, now: number): readonly SiteFigures[] {
  return projection.siteIds().flatMap((id) => {
    const state = projection.state(id);
    if (state === undefined) return [];
    const allocationAgeS = state.allocatedAt === null ? null : Math.max(0, now - state.allocatedAt) / 1000;
    return [{ view: siteView(state, now), allocationAgeS }];
  });
}

const countOnline = (view: SiteView): number =>
  view.connectors.filter((connector) => connector.online).length;
const countSessions = (view: SiteView): number =>
  view.connectors.filter(({ session }) => session !== null && session.endedAt === null).length;
const countAlarms = (view: SiteView): number =>
  view.connectors.reduce((count, connector) => count + connector.alarms.length, 0);
