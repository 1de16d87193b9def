// A site's state with perfect stations: always online, commissioned, obeying at once. What happens there
// goes through the fold like what happens at real ones, so that the engine's own rules see the same.

import {
  type Allocation,
  type DomainEvent,
  evolve,
  INITIAL_CONNECTOR,
  INITIAL_STATION,
  isCommissioned,
  lineOfLegsA,
  type SiteConfig,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import { type ConnectorKey, mapPhases, type NodeId, type PerPhase, type Phase } from '@ampledger/kernel';
import { allocate, problemOf } from '@ampledger/optimizer';
import type { RecordedStation, Recording } from './recording.js';
import type { VirtualCar } from './virtual-car.js';

const CONNECTION = 'what-if';

export class VirtualSite {
  #state: SiteState;
  #position = 0;
  readonly #stations: readonly RecordedStation[];

  constructor(config: SiteConfig, { stations, habits }: Pick<Recording, 'stations' | 'habits'>, at: number) {
    this.#stations = stations;
    const first = evolve(undefined, {
      ...{ id: '', position: 0, type: 'SiteConfigured' },
      ...{ data: { site: config, origin: 'file' }, meta: { receivedAt: at } },
    });
    if (first === undefined) throw new Error('a configured site has a state');
    this.#state = first;
    first.habits = habits;
    this.#commission(at);
  }

  get state(): SiteState {
    return this.#state;
  }

  get config(): SiteConfig {
    return this.#state.config;
  }

  fold(event: DomainEvent, at: number): void {
    const position = ++this.#position;
    const after = evolve(this.#state, { id: '', position, ...event, meta: { receivedAt: at } });
    if (after !== undefined) this.#state = after;
  }

  configure(config: SiteConfig, at: number): void {
    this.fold({ type: 'SiteConfigured', data: { site: config, origin: 'file' } }, at);
    this.#commission(at);
  }

  /** null: its meter is silent, and the load counts at its most. */
  setLoad(node: NodeId, loadA: PerPhase | null, at: number): void {
    if (loadA === null) this.#state.loads.delete(node);
    else if (this.config.nodes.some(({ id }) => id === node)) this.#state.loads.set(node, { loadA, at });
  }

  plugIn({ placed, recorded }: VirtualCar, at: number): void {
    const { session, transaction, idToken } = recorded;
    const { evseId } = placed.config;
    this.fold(
      {
        type: 'SessionStarted',
        data: { station: placed.station, evseId, session, transaction, idToken, meterStartWh: 0 },
      },
      at,
    );
    this.#status(placed.key, 'Charging');
  }

  unplug({ placed, recorded, servedWh }: VirtualCar, at: number): void {
    const { session, transaction } = recorded;
    const { evseId } = placed.config;
    this.fold(
      {
        type: 'SessionEnded',
        data: { station: placed.station, evseId, session, transaction, meterStopWh: servedWh, reason: null },
      },
      at,
    );
    this.#status(placed.key, 'Available');
  }

  /** The car's meter is read. */
  sample(car: VirtualCar, at: number): void {
    const { placed, recorded, servedWh } = car;
    const isDc = placed.config.current === 'dc';
    this.fold(
      {
        type: 'MeterSampled',
        data: {
          station: placed.station,
          evseId: placed.config.evseId,
          session: recorded.session,
          currentA: isDc ? null : measuredA(car, this.config),
          powerW: isDc ? car.gridW * placed.config.efficiency : null,
          energyWh: servedWh,
          socPct: null,
          remarks: [],
        },
      },
      at,
    );
    if (car.isDone && this.#state.connectors.get(placed.key)?.status === 'Charging')
      this.#status(placed.key, 'SuspendedEV');
  }

  /** Solves the site and takes up what changes; true when anything did. */
  allocate(at: number): boolean {
    // What more room would give to whom is nobody's question here.
    const solved = allocate(problemOf(this.#state, at), this.config, { explains: () => false });
    const changed = solved.filter((next) =>
      isNew(this.#state.connectors.get(next.connector)?.allocation ?? null, next),
    );
    if (changed.length === 0) return false;
    const { site, seq } = this.#state;
    const data = { site, at, basis: seq, epoch: 0, allocations: changed };
    this.fold({ type: 'LimitsAllocated', data }, at);
    for (const { connector, limitA } of changed) this.#grant(connector, limitA, at);
    return true;
  }

  /** The engine takes the car for one that needs less than its share. */
  isCapped({ placed }: VirtualCar): boolean {
    return (this.#state.connectors.get(placed.key)?.usage.capA ?? null) !== null;
  }

  allocation(key: ConnectorKey): Allocation | null {
    return this.#state.connectors.get(key)?.allocation ?? null;
  }

  /** The station has accepted the limit and follows it. */
  #grant(key: ConnectorKey, limitA: number, at: number): void {
    const connector = this.#state.connectors.get(key);
    if (connector?.session == null) return;
    const held = connector.ledger.session;
    if (held !== null && held.grant.limitA === limitA) return;
    const grant = {
      ...({ connector: key, kind: 'session', limitA, tailA: limitA, leaseEndsAt: null } as const),
      ...{ session: connector.session.id, profileId: 0 },
    };
    const session = { grant, acceptedAt: at, boot: 0, connection: CONNECTION };
    this.#state.connectors.set(key, { ...connector, ledger: { ...connector.ledger, session } });
  }

  #status(key: ConnectorKey, status: 'Available' | 'Charging' | 'SuspendedEV'): void {
    const connector = this.#state.connectors.get(key);
    if (connector !== undefined) this.#state.connectors.set(key, { ...connector, status });
  }

  /** Every station that was ever there is there, and holds its default profile. */
  #commission(at: number): void {
    for (const { station, capabilities } of this.#stations) {
      const known = this.#state.stations.get(station);
      if (known === undefined || known.online) continue;
      this.#state.stations.set(station, {
        ...INITIAL_STATION,
        ...{ online: true, everConnected: true, connection: CONNECTION, connectedAt: at, capabilities },
        switchesPhases: capabilities?.phaseSwitching === true,
      });
    }
    for (const { key, station, config } of topologyOf(this.config).connectors) {
      const connector = this.#state.connectors.get(key) ?? INITIAL_CONNECTOR;
      const home = this.#state.stations.get(station);
      if (home?.online !== true || isCommissioned(connector.ledger, home)) continue;
      const limitA = config.idleA;
      const grant = {
        ...({ connector: key, kind: 'idle', limitA, tailA: limitA, leaseEndsAt: null } as const),
        ...{ session: null, profileId: 0 },
      };
      const idle = { grant, acceptedAt: at, boot: 0, connection: CONNECTION };
      this.#state.connectors.set(key, {
        ...connector,
        status: 'Available',
        ledger: { ...connector.ledger, idle },
      });
    }
  }
}

/** Whether an allocation says something new, so that the engine would have recorded it. */
function isNew(before: Allocation | null, next: Allocation): boolean {
  if (before === null || before.limitA !== next.limitA || before.fairA !== next.fairA) return true;
  const [a, b] = [before.because, next.because];
  if (a.kind === 'bound' || b.kind === 'bound')
    return a.kind !== b.kind || (a.kind === 'bound' && b.kind === 'bound' && a.bound !== b.bound);
  const sameLink = a.node === b.node && a.phase === b.phase && a.line === b.line;
  return a.kind !== b.kind || !sameLink || a.envelope !== b.envelope;
}

/** What the station's meter shows: currents in its own order of phases, of the lines behind a delta. */
function measuredA(
  { placed, phases, drawA, drawnA }: VirtualCar,
  { wiring }: SiteConfig,
): [number | null, number | null, number | null] {
  const wired = placed.config.phases;
  const own = (i: Phase): number | null => {
    const phase = wired[i];
    if (phase === undefined) return null;
    return phases.includes(phase) ? drawA : 0;
  };
  if (wiring === 'wye') return [own(0), own(1), own(2)];
  if (wired.length < 3) return [drawA, drawA, null];
  const legs = mapPhases((i) => drawnA[wired[i] ?? i]);
  return [lineOfLegsA(legs, 0), lineOfLegsA(legs, 1), lineOfLegsA(legs, 2)];
}
