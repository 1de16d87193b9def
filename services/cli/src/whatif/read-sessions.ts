// The sessions of a log: who comes and goes, and what they draw, as the state of each connector shows it
// from event to event.

import {
  acceptedA,
  type DomainEvent,
  inForceSince,
  ledgerInput,
  type MeterState,
  ownDrawA,
  type PlacedConnector,
  type SessionState,
  type SiteState,
  topologyOf,
  wattsPerAmpere,
} from '@ampledger/domain';
import { type ConnectorKey, connectorKey, type StationId } from '@ampledger/kernel';
import type { RecordedSession } from './recording.js';
import { type Sample, SessionWatch, type Taken } from './session-watch.js';
import type { Tally } from './tally.js';

/** How long a car may take to follow a new limit (as the engine reckons). */
const SETTLE_MS = 30_000;

interface Span {
  readonly from: number;
  readonly tally: Tally;
}

export class SessionsReader {
  readonly #open = new Map<ConnectorKey, SessionWatch>();
  readonly #meters = new Map<ConnectorKey, MeterState>();
  readonly #sessions: RecordedSession[] = [];
  #span: Span | null = null;

  /** From now on sessions count; those that are there are cut to what is left of them. */
  begin(state: SiteState, span: Span): void {
    this.#span = span;
    for (const [key, watch] of this.#open) {
      watch.begin(span.from);
      this.allocated(state, key, span.from);
      const meter = this.#meters.get(key);
      if (meter !== undefined) span.tally.draw(key, meter.drawA, span.from);
    }
  }

  /** After an event about a station, or about the whole site. */
  see(state: SiteState, station: StationId | null, at: number): void {
    if (station === null) {
      for (const key of [...this.#open.keys()]) this.#see(state, key, at);
      return;
    }
    for (const { evseId } of stationsOf(state.config).get(station)?.connectors ?? [])
      this.#see(state, connectorKey(station, evseId), at);
  }

  /** After an allocation. */
  allocated(state: SiteState, key: ConnectorKey, at: number): void {
    const connector = state.connectors.get(key);
    if (connector?.session == null || connector.allocation === null) return;
    this.#span?.tally.because(key, connector.session.id, connector.allocation.because, at);
  }

  /** After the event, so that what was said of no session is known not to count. */
  needs(
    state: SiteState,
    data: Extract<DomainEvent, { type: 'ChargingNeedsNotified' }>['data'],
    at: number,
  ): void {
    const key = connectorKey(data.station, data.evseId);
    const watch = this.#open.get(key);
    const running = state.connectors.get(key)?.session?.id;
    if (watch === undefined || (data.session !== null && data.session !== running)) return;
    watch.says({ ...data, at }, data.energyWh);
  }

  /** The span is over, or the site is gone. */
  endAll(state: SiteState, at: number): void {
    for (const [key, watch] of this.#open) {
      const placed = topologyOf(state.config).byKey.get(key);
      for (const taken of watch.cut(at)) this.#took(placed, watch, taken);
      this.#close(state, watch, at);
    }
    this.#open.clear();
  }

  /** In the order of their arrival. */
  get sessions(): readonly RecordedSession[] {
    return [...this.#sessions].sort(byArrival);
  }

  #see(state: SiteState, key: ConnectorKey, at: number): void {
    const placed = topologyOf(state.config).byKey.get(key);
    const connector = state.connectors.get(key);
    const watch = this.#open.get(key);
    const session = placed === undefined ? null : (connector?.session ?? null);
    if (watch !== undefined && session?.id !== watch.session) this.#end(state, watch, at);
    if (session === null || placed === undefined || connector === undefined) return;
    const running = this.#open.get(key) ?? this.#start(state, key, session, at);
    this.#took(placed, running, running.register(session.meterLastWh, at));
    running.status(connector.status);
    if (connector.meter === null || connector.meter === this.#meters.get(key)) return;
    this.#meters.set(key, connector.meter);
    // What was measured before it came says nothing of this car.
    if (connector.meter.at < session.startedAt) return;
    running.sample(sampleOf(state, placed, at));
    this.#span?.tally.draw(key, connector.meter.drawA, at);
  }

  #start(state: SiteState, key: ConnectorKey, session: SessionState, at: number): SessionWatch {
    const { id, transaction, idToken, meterLastWh: registerWh } = session;
    const spanFrom = this.#span?.from ?? null;
    const watch = new SessionWatch({ session: id, transaction, idToken, connector: key }, at, {
      ...{ registerWh, spanFrom },
    });
    this.#open.set(key, watch);
    this.allocated(state, key, at);
    return watch;
  }

  #end(state: SiteState, watch: SessionWatch, at: number): void {
    const placed = topologyOf(state.config).byKey.get(watch.connector);
    const lastWh = state.recentSessions.find(({ id }) => id === watch.session)?.meterLastWh ?? null;
    this.#took(placed, watch, watch.register(lastWh, at));
    for (const taken of watch.end(at)) this.#took(placed, watch, taken);
    this.#open.delete(watch.connector);
    this.#close(state, watch, at);
  }

  #close(state: SiteState, watch: SessionWatch, at: number): void {
    const { connector: key, session } = watch;
    const meter = state.connectors.get(key)?.meter ?? null;
    if (meter !== null) this.#meters.set(key, meter);
    if (this.#span === null) return;
    this.#sessions.push(watch.recorded(at, state.config.needs.energyWh));
    this.#span.tally.draw(key, [0, 0, 0], at);
    this.#span.tally.because(key, session, null, at);
  }

  #took(placed: PlacedConnector | undefined, watch: SessionWatch, taken: Taken | null): void {
    const efficiency = placed?.config.efficiency ?? 1;
    if (taken !== null) this.#span?.tally.energy(watch.session, { ...taken, efficiency });
  }
}

type Config = SiteState['config'];
type StationConfig = Config['stations'][number];
const byConfig = new WeakMap<Config, ReadonlyMap<StationId, StationConfig>>();

function stationsOf(config: Config): ReadonlyMap<StationId, StationConfig> {
  const known = byConfig.get(config);
  if (known !== undefined) return known;
  const made = new Map(config.stations.map((station) => [station.id, station]));
  byConfig.set(config, made);
  return made;
}

const byArrival = (a: RecordedSession, b: RecordedSession): number =>
  a.arriveAt - b.arriveAt || (a.connector < b.connector ? -1 : a.connector > b.connector ? 1 : 0);

function sampleOf(state: SiteState, placed: PlacedConnector, at: number): Sample {
  const { config } = placed;
  const input = ledgerInput(state, placed);
  const { meter } = input.connector;
  const drawA = meter?.drawA ?? [0, 0, 0];
  const ownA = ownDrawA(input, drawA);
  // Where nobody knows which phases it is wired to, what one of them carries is noted on each: the car has its own on some.
  const shown = Math.min(config.wiredPhases, meter?.phasesShown || config.wiredPhases);
  const own = config.phases.slice(0, shown);
  const isKnown = config.rotationKnown || config.current === 'dc';
  const sumW = (drawA[0] + drawA[1] + drawA[2]) * state.config.voltageV;
  const gridW = isKnown ? sumW : ownA * wattsPerAmpere(state.config, own);
  const since = inForceSince(input, at);
  return {
    at,
    ownA,
    byOwnPhase: config.phases.map((phase) => (isKnown || own.includes(phase) ? drawA[phase] : 0)),
    carW: gridW * config.efficiency,
    offerA: acceptedA(input, at) ?? input.connector.allocation?.limitA ?? null,
    settled: since === null || at - since >= SETTLE_MS,
  };
}
