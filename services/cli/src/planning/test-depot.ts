// A depot in virtual time for tests of plans: the log in memory, the real fold and optimizer, and stations that accept
// every limit at once and whose cars draw all that they may.

import { type DomainEvent, eventFor, type Grant, type PlanConfig, type SiteConfig } from '@ampledger/domain';
import { configured, SITE, siteOf } from '@ampledger/domain/testing';
import { type ConnectorKey, connectorKey, sessionId, stationId, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import {
  loadSolver,
  type Optimizer,
  type OptimizerDeps,
  type Planner,
  solvePlan,
  startOptimizer,
} from '@ampledger/optimizer';
import type { RecordedEvent } from '@ampledger/ports';
import { type Projection, startProjection } from '@ampledger/projection';

/** Cheap from ten to six by the clock on the wall in Berlin. */
export const NIGHT_TARIFF: PlanConfig = {
  periodS: 900,
  horizonS: 86_400,
  deadlineMs: 5_000,
  currency: 'EUR',
  importPerKwh: 0.4,
  exportPerKwh: 0,
  tariff: [
    { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1320, toMinute: 1440, importPerKwh: 0.1 },
    { days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 360, importPerKwh: 0.1 },
  ],
  demandPerKw: 0,
  co2PerKg: 0,
  battery: null,
  pv: null,
  randomDelayS: 0,
};

/** `stations` on one node of so many amperes. */
export const depotOf = (stations: readonly string[], limitA: number, plan: PlanConfig | null): SiteConfig =>
  siteOf({
    nodes: [{ id: 'grid', limitA }],
    stations: stations.map((id) => ({ id, node: 'grid', connectors: [{ maxA: 16 }] })),
    site: { plan },
  });

/** The planner's model in this thread, so that virtual time waits for it. */
export async function plannerInThisThread(): Promise<Planner> {
  const solver = await loadSolver();
  return {
    solve: async (problem) => {
      const solved = solvePlan(solver, problem);
      return solved.kind === 'failed'
        ? solved
        : { ...solved, effort: { iterations: 0, start: 'cold', solveMs: 0 } };
    },
    close: async () => undefined,
  };
}

interface Car {
  readonly station: string;
  readonly session: ReturnType<typeof sessionId>;
  limitA: number;
  energyWh: number;
}

export interface Depot {
  readonly clock: VirtualClock;
  readonly log: ReturnType<typeof createMemoryLog>;
  readonly projection: Projection;
  readonly optimizer: Optimizer;
  /** All events, in the order of the log. */
  readonly events: RecordedEvent[];
  say(event: DomainEvent): Promise<void>;
  /** A car comes and says what it needs; null: nothing. */
  arrive(station: string, needs: { energyWh: number; departAt: number } | null): Promise<void>;
  leave(station: string): Promise<void>;
  energyWh(station: string): number;
  limitA(station: string): number;
  /** Lets time pass, with a reading of every meter each minute. */
  pass(hours: number, each?: (at: number) => void): Promise<void>;
  close(): Promise<void>;
}

const VOLTS = 230;
const MINUTE_MS = 60_000;
const LEAST_A = 6;

export async function startDepot(
  config: SiteConfig,
  startAt: number,
  deps: Partial<OptimizerDeps> = {},
): Promise<Depot> {
  const clock = new VirtualClock(startAt);
  const log = createMemoryLog();
  let said = 0;
  const say = async (event: DomainEvent): Promise<void> => {
    const parts = { site: SITE, receivedAt: clock.now(), idParts: ['told', said++] };
    await log.bus.publish([eventFor({ event, ...parts })]);
  };
  await say(configured(config));
  const projection = await startProjection({ ...log, snapshotEvery: 0 });
  const events: RecordedEvent[] = [];
  const cars = new Map<ConnectorKey, Car>();
  const grant = (station: string, limitA: number, session: Car['session'] | null): Grant => ({
    connector: connectorKey(stationId(station), 1),
    kind: session === null ? 'idle' : 'session',
    ...{ limitA, tailA: limitA, leaseEndsAt: null, session, profileId: session === null ? 1 : 2 },
  });
  const give = async (station: string, limitA: number, session: Car['session'] | null): Promise<void> => {
    const id = stationId(station);
    const call = `${station}-${said}`;
    const asked = { action: 'SetChargingProfile', payload: {}, clears: [], by: 'engine' } as const;
    const { seq = 0 } = projection.state(SITE) ?? {};
    await say({
      type: 'CallRequested',
      data: {
        ...{ ...asked, station: id, call, grants: [grant(station, limitA, session)] },
        ...{ basis: seq, epoch: 0, timeoutS: 20 },
      },
    });
    const answer = { outcome: 'result', status: 'Accepted', payload: null, description: null } as const;
    await say({ type: 'CallAnswered', data: { station: id, call, ...answer } });
  };
  projection.onBatch((batch) => {
    events.push(...batch);
    for (const { type, data } of batch) {
      if (type !== 'LimitsAllocated') continue;
      for (const { connector, limitA } of (data as Extract<DomainEvent, { type: 'LimitsAllocated' }>['data'])
        .allocations) {
        const car = cars.get(connector);
        if (car === undefined || car.limitA === limitA) continue;
        car.limitA = limitA;
        void give(car.station, limitA, car.session);
      }
    }
  });
  for (const { id } of config.stations) {
    await say({
      type: 'StationConnected',
      data: { station: id, connection: 'c', protocol: 'ocpp1.6', remote: '192.0.2.1' },
    });
    await give(id, 0, null);
  }
  const optimizer = startOptimizer({ bus: log.bus, projection, clock, ...deps });
  let cameFirst = 0;
  const carAt = (station: string): Car | undefined => cars.get(connectorKey(stationId(station), 1));
  const sample = async ({ station, session, limitA, energyWh }: Car): Promise<void> => {
    const drawA = limitA < LEAST_A ? 0 : limitA;
    await say({
      type: 'MeterSampled',
      data: {
        ...{ station: stationId(station), evseId: 1, session, energyWh },
        ...{ currentA: [drawA, drawA, drawA], powerW: null, socPct: null, remarks: [] },
      },
    });
  };
  return {
    ...{ clock, log, projection, optimizer, events, say },
    async arrive(station, needs) {
      const transaction = `T${cameFirst++}`;
      const id = stationId(station);
      const session = sessionId(id, transaction);
      cars.set(connectorKey(id, 1), { station, session, limitA: 0, energyWh: 0 });
      const parts = { station: id, evseId: 1, session, transaction };
      await say({ type: 'SessionStarted', data: { ...parts, idToken: null, meterStartWh: 0 } });
      if (needs === null) return;
      await say({
        type: 'ChargingNeedsNotified',
        data: { station: id, evseId: 1, session, source: 'driver', minA: null, maxA: null, ...needs },
      });
    },
    async leave(station) {
      const car = carAt(station);
      if (car === undefined) return;
      cars.delete(connectorKey(stationId(station), 1));
      const { session, energyWh } = car;
      const parts = {
        station: stationId(station),
        evseId: 1,
        session,
        transaction: session.split(':')[1] ?? '',
      };
      await say({ type: 'SessionEnded', data: { ...parts, meterStopWh: energyWh, reason: null } });
    },
    energyWh: (station) => carAt(station)?.energyWh ?? 0,
    limitA: (station) => carAt(station)?.limitA ?? 0,
    async pass(hours, each) {
      const until = clock.now() + hours * 3_600_000;
      while (clock.now() < until) {
        await clock.advance(Math.min(MINUTE_MS, until - clock.now()));
        for (const car of cars.values()) {
          car.energyWh += ((car.limitA < LEAST_A ? 0 : car.limitA) * 3 * VOLTS) / 60;
          await sample(car);
        }
        each?.(clock.now());
      }
      await clock.advance(0);
    },
    async close() {
      await optimizer.close();
      await projection.close();
    },
  };
}
