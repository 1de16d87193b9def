// A site's state at a moment, as people and programs want to see it.

import {
  addPhases,
  mapPhases,
  minPhases,
  type NodeId,
  type PerPhase,
  subPhases,
  ZERO,
} from '@ampledger/kernel';
import { envelopeState, type NodeCapacity, nodeCapacity, unmanagedLoad } from './capacity.js';
import { carPerAmpere } from './car-phases.js';
import { ledgerInput } from './counted.js';
import type { Binding } from './event-types.js';
import { explainBinding } from './explain-binding.js';
import {
  acceptedA,
  countedLoad,
  freshDrawA,
  isCommissioned,
  type LedgerInput,
  mayHoldA,
  ownDrawA,
} from './ledger.js';
import { type PlacedConnector, topologyOf, wattsPerAmpere } from './links.js';
import { deliveredBy, type Needs, needsOf } from './needs.js';
import { type Load, sumOfA, timesA, togetherA } from './phase-currents.js';
import { leastSettable, settableOf } from './settable.js';
import type { NodeConfig } from './site-config.js';
import type { ConnectorState, EndedSession, SessionState, SiteState } from './state.js';
import { lineCurrentA, lineDrawnA } from './transformer-lines.js';
import type {
  ConnectorView,
  EnvelopeView,
  LineView,
  NeedsView,
  NodeView,
  PlanView,
  SessionView,
  SiteView,
  StationView,
} from './view.js';

export function siteView(state: SiteState, now: number): SiteView {
  const { config } = state;
  return {
    id: state.site,
    name: config.name ?? null,
    timeZone: config.timeZone,
    voltageV: config.voltageV,
    wiring: config.wiring,
    policy: config.policy,
    plan: planView(state.plan),
    at: now,
    position: state.position,
    nodes: nodeViews(state, now),
    stations: config.stations.map((station) => stationView(state, station.id, station.node)),
    connectors: topologyOf(config).connectors.map((placed) => connectorView(state, placed, now)),
    envelopes: envelopeViews(state, now),
    recentSessions: state.recentSessions.map((s) => ({
      ...sessionView(s, s.endedAt),
      connector: s.connector,
    })),
  };
}

interface Sum {
  eachA: PerPhase;
  /** All phases at once; times the volts of a phase it is the power. */
  sumA: number;
}

const noSum = (): Sum => ({ eachA: ZERO, sumA: 0 });

function addTo(sum: Sum, load: Load): void {
  sum.eachA = addPhases(sum.eachA, load.eachA);
  sum.sumA += sumOfA(load);
}

interface Sums {
  readonly allocated: Sum;
  readonly offered: Sum;
  readonly drawn: Sum;
  unmanaged: PerPhase;
  /** The part of `unmanaged` that is fed in, 0 and below. */
  feed: PerPhase;
}

function nodeViews(state: SiteState, now: number): readonly NodeView[] {
  const { config } = state;
  const topology = topologyOf(config);
  const sums = config.nodes.map(
    (): Sums => ({ allocated: noSum(), offered: noSum(), drawn: noSum(), unmanaged: ZERO, feed: ZERO }),
  );
  for (const placed of topology.connectors) {
    const input = ledgerInput(state, placed);
    const allocated = allocatedLoad(input, now);
    const offered = countedLoad(input, now);
    const drawn = drawnLoad(input, now);
    for (const index of placed.path) {
      const sum = sums[index];
      if (!sum) continue;
      addTo(sum.allocated, allocated);
      addTo(sum.offered, offered);
      addTo(sum.drawn, drawn);
    }
  }
  for (const node of config.nodes) {
    const { unmanagedA } = unmanagedLoad(state, node, now);
    for (const index of topology.paths.get(node.id) ?? []) {
      const sum = sums[index];
      if (sum === undefined) continue;
      sum.unmanaged = addPhases(sum.unmanaged, unmanagedA);
      sum.feed = addPhases(sum.feed, minPhases(unmanagedA, ZERO));
    }
  }
  return config.nodes.map((node, index) => nodeView(state, node, sums[index], now));
}

function allocatedLoad(input: LedgerInput, now: number): Load {
  const limitA = input.connector.allocation?.limitA ?? 0;
  return {
    eachA: timesA(carPerAmpere(input, now), limitA),
    togetherA: togetherA(input.wiring, input.config, limitA),
  };
}

/** What the meter says; on phases that nobody knows each has all of it, and together they have it once. */
function drawnLoad(input: LedgerInput, now: number): Load {
  const eachA = freshDrawA(input, now) ?? ZERO;
  return { eachA, togetherA: togetherA(input.wiring, input.config, ownDrawA(input, eachA)) };
}

function nodeView(state: SiteState, node: NodeConfig, sum: Sums | undefined, now: number): NodeView {
  const found = nodeCapacity(state, node, now);
  const limitA: PerPhase = [found.perPhase[0].limitA, found.perPhase[1].limitA, found.perPhase[2].limitA];
  const wattsOf = (load: Sum | undefined): number => (load?.sumA ?? 0) * state.config.voltageV;
  const tightest = found.perPhase.find((phase) => phase.by !== 'rating')?.by;
  return {
    id: node.id,
    name: node.name ?? null,
    parent: node.parent,
    limitA: limitA.every(Number.isFinite) ? limitA : null,
    limitW: Number.isFinite(found.power.limitW) ? found.power.limitW : null,
    limitBy: tightest ?? found.power.by,
    ratingA: node.limitA,
    ratingW: node.limitW,
    reserveA: node.reserveA,
    unmanagedA: sum?.unmanaged ?? ZERO,
    unmanagedStale: found.unmanagedStale,
    allocatedA: sum?.allocated.eachA ?? ZERO,
    offeredA: sum?.offered.eachA ?? ZERO,
    drawnA: sum?.drawn.eachA ?? ZERO,
    allocatedW: wattsOf(sum?.allocated),
    offeredW: wattsOf(sum?.offered),
    drawnW: wattsOf(sum?.drawn),
    lines: sum === undefined ? [] : lineViews(found, sum),
  };
}

const SIDES = ['secondary', 'primary'] as const;

function lineViews(
  { node: { transformer }, linesA }: NodeCapacity,
  { offered, drawn, unmanaged, feed }: Sums,
): readonly LineView[] {
  const primary = transformer?.primaryA ?? null;
  const secondary = minPhases(transformer?.secondaryA ?? linesA, linesA);
  const mostA = addPhases(offered.eachA, subPhases(unmanaged, feed));
  return SIDES.flatMap((side) => {
    const limitA = side === 'primary' ? primary : secondary;
    if (limitA === null || !limitA.every(Number.isFinite)) return [];
    const ratio = side === 'primary' ? (transformer?.ratio ?? 1) : 1;
    const offeredA = mapPhases((phase) => lineCurrentA({ side, phase, ratio }, mostA, feed));
    const drawnA = mapPhases((phase) =>
      lineDrawnA({ side, phase, ratio }, addPhases(drawn.eachA, unmanaged)),
    );
    return [{ side, limitA, offeredA, drawnA }];
  });
}

function planView(plan: SiteState['plan']): PlanView | null {
  if (plan === null) return null;
  const { at, from, periodS, periods, status, sessions } = plan;
  return {
    at,
    from,
    until: from + periods * periodS * 1000,
    status,
    sessions: sessions.length,
    unservedWh: sessions.reduce((sum, session) => sum + session.unservedWh, 0),
  };
}

export function stationView(state: SiteState, id: StationView['id'], node: NodeId): StationView {
  const s = state.stations.get(id);
  const keys = topologyOf(state.config)
    .connectors.filter((c) => c.station === id)
    .map((c) => c.key);
  const commissioned =
    s !== undefined &&
    keys.every((key) => {
      const connector = state.connectors.get(key);
      return connector !== undefined && isCommissioned(connector.ledger, s);
    });
  return {
    id,
    site: state.site,
    node,
    online: s?.online ?? false,
    everConnected: s?.everConnected ?? false,
    commissioned,
    protocol: s?.protocol ?? null,
    vendor: s?.vendor ?? null,
    model: s?.model ?? null,
    firmware: s?.firmware ?? null,
    rateUnits: s?.capabilities?.rateUnits ?? null,
    connectedAt: s?.connectedAt ?? null,
    lastHeardAt: s?.lastHeardAt ?? null,
    callsInFlight: s?.openCalls.length ?? 0,
    connectors: keys,
  };
}

export function connectorView(state: SiteState, placed: PlacedConnector, now: number): ConnectorView {
  const input = ledgerInput(state, placed);
  const { connector, station } = input;
  const because = connector.allocation?.because ?? UNDECIDED;
  const drawA = freshDrawA(input, now);
  const inForce =
    connector.session === null ? connector.ledger.idle : (connector.ledger.session ?? connector.ledger.idle);
  return {
    key: placed.key,
    station: placed.station,
    evseId: placed.config.evseId,
    node: placed.node,
    phases: placed.config.phases,
    minA: leastSettable(settableOf(state.config, placed.config), placed.config),
    maxA: placed.config.maxA,
    priority: placed.config.priority,
    online: station.online,
    status: connector.status,
    session: connector.session === null ? null : sessionView(connector.session, null),
    allocationA: connector.allocation?.limitA ?? 0,
    offerA: mayHoldA(input, now),
    acceptedA: acceptedA(input, now),
    leaseEndsAt: inForce?.grant.leaseEndsAt ?? null,
    drawA,
    ownDrawA: drawA === null ? null : ownDrawA(input, drawA),
    carWattsPerA: carWattsPerA(state, placed),
    carPhases: connector.usage.phases,
    needs: needsView(needsOf(state, placed, now)),
    because,
    reason: explainBinding(because, state, {
      connector: placed.key,
      limitA: connector.allocation?.limitA ?? 0,
      minA: leastSettable(settableOf(state.config, placed.config), placed.config),
      stepA: placed.config.stepA,
    }),
    alarms: alarmsOf(connector, input, now),
  };
}

const carWattsPerA = ({ config: site }: SiteState, { config }: PlacedConnector): number | null =>
  config.current === 'dc' ? wattsPerAmpere(site, config.phases) * config.efficiency : null;

const needsView = (needs: Needs | null): NeedsView | null =>
  needs === null
    ? null
    : {
        energyWh: needs.energyWh,
        energySource: needs.energySource,
        departAt: needs.departAt,
        departSource: needs.departSource,
      };

const UNDECIDED: Binding = { kind: 'bound', bound: 'undecided' };

function alarmsOf(
  connector: ConnectorState,
  input: ReturnType<typeof ledgerInput>,
  now: number,
): ConnectorView['alarms'] {
  const { station } = input;
  const alarms: ConnectorView['alarms'][number][] = [];
  if (connector.disobeys !== null) alarms.push('disobeys');
  if (station.everConnected && !station.online) alarms.push('offline');
  if (station.online && !isCommissioned(connector.ledger, station)) alarms.push('not-commissioned');
  if (connector.session !== null && connector.meter !== null && freshDrawA(input, now) === null)
    alarms.push('meter-stale');
  return alarms;
}

function sessionView(session: SessionState | EndedSession, endedAt: number | null): SessionView {
  return {
    id: session.id,
    transaction: session.transaction,
    startedAt: session.startedAt,
    endedAt,
    energyWh: deliveredBy(session),
    idToken: session.idToken,
  };
}

function envelopeViews(state: SiteState, now: number): readonly EnvelopeView[] {
  return [...state.envelopes.values()].map((envelope) => ({
    source: envelope.source,
    node: envelope.node,
    limitA: envelope.limitA,
    limitW: envelope.limitW,
    from: envelope.from,
    to: envelope.to,
    state: envelopeState(envelope, now),
    fallback: envelope.fallback,
    silenceS: envelope.silenceS,
  }));
}

/** What is left on each phase of a node, by the ledger. */
export const headroomA = (node: NodeView): PerPhase | null =>
  node.limitA === null ? null : subPhases(subPhases(node.limitA, node.unmanagedA), node.offeredA);
