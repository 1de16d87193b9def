// A site in discrete periods, as acnportal 0.3.3 simulates it: departures, then arrivals, then the scheduler,
// then every car draws the least of its offer, its own most and what fills it. Batteries are ideal.

import { performance } from 'node:perf_hooks';
import {
  addLoad,
  clearLoads,
  compileNetwork,
  createLoads,
  type Network,
  overA,
  type Stations,
} from './network.js';
import type { ActiveSession, Scheduler } from './scheduler.js';
import type { Session } from './sessions.js';
import { PERIOD_MIN, type Topology } from './topology.js';

export interface Run {
  readonly sessions: readonly Session[];
  readonly topology: Topology;
  /** One for each of the topology's transformers, in their order. */
  readonly capKw: number | readonly number[];
  /** Used for this run alone: schedulers may remember. */
  readonly scheduler: Scheduler;
  readonly stations: Stations;
}

export interface Outcome {
  /** Energy delivered of energy requested. */
  readonly energyPct: number;
  /** Sessions that left less than 0.1 kWh short. */
  readonly demandsMetPct: number;
  /** Jain's index of delivered over requested, over all sessions. */
  readonly jain: number;
  /** The most that all cars drew together. */
  readonly peakA: number;
  /** The most that any row was over its limit, at what was offered; 0 when never. */
  readonly worstOverA: number;
  /** The same at what was drawn: a car that takes less than its offer can unbalance a transformer. */
  readonly worstDrawnOverA: number;
  /** Of the calls with at least one car. */
  readonly solveMs: { readonly p50: number; readonly p99: number };
  readonly calls: number;
  /** In the order of the sessions given. */
  readonly deliveredKwh: Float64Array;
}

const HOURS = PERIOD_MIN / 60;
/** What counts as full: the public simulator's. */
const FULL_KWH = 1e-3;
const SHORT_KWH = 0.1;

type Car = { -readonly [K in keyof ActiveSession]: ActiveSession[K] } & {
  readonly at: number;
  readonly carMaxKw: number;
  /** What its battery counts, which rounds apart from what the meter counts. */
  batteryKwh: number;
};

/** Throws an Error when a session's EVSE is unknown or taken, or a rate is none that the EVSE can offer. */
export function simulate({ sessions, topology, capKw, scheduler, stations }: Run): Outcome {
  const network = compileNetwork(topology, capKw, stations);
  const cars = sessions.map((session, at) => carOf(session, at, network));
  const meter = createMeter(network);
  const arrivals = cars.toSorted((a, b) => a.arrival - b.arrival || a.at - b.at);
  const plugged: (Car | undefined)[] = network.evses.map(() => undefined);
  let next = 0;
  let present = 0;
  for (let period = arrivals[0]?.arrival ?? 0; present > 0 || next < arrivals.length; period += 1) {
    if (present === 0) period = Math.max(period, arrivals[next]?.arrival ?? period);
    for (let e = 0; e < plugged.length; e += 1) {
      if ((plugged[e]?.departure ?? Number.POSITIVE_INFINITY) > period) continue;
      plugged[e] = undefined;
      present -= 1;
    }
    for (let car = arrivals[next]; car && car.arrival <= period; car = arrivals[next]) {
      if (plugged[car.evse]) throw new Error(`${car.id} arrives at a taken EVSE`);
      plugged[car.evse] = car;
      present += 1;
      next += 1;
    }
    const active = plugged.filter((car): car is Car => car !== undefined && car.remainingKwh > FULL_KWH);
    if (active.length > 0) meter.step(active, period, scheduler);
  }
  return outcomeOf(cars, meter.read());
}

function carOf(session: Session, at: number, network: Network): Car {
  const evse = network.indexOf.get(session.evse);
  const station = evse === undefined ? undefined : network.evses[evse];
  if (evse === undefined || !station) throw new Error(`${session.id}: no EVSE is called ${session.evse}`);
  const { id, arrival, departure, estimatedDeparture, requestedKwh, carMaxKw } = session;
  return {
    id,
    at,
    evse,
    arrival,
    departure,
    estimatedDeparture,
    requestedKwh,
    deliveredKwh: 0,
    remainingKwh: requestedKwh,
    remainingA: amperePeriods(requestedKwh, network.voltageV),
    minA: station.minA,
    maxA: station.maxA,
    carMaxA: Math.min(station.maxA, (carMaxKw * 1000) / network.voltageV),
    carMaxKw,
    batteryKwh: 0,
  };
}

interface Meter {
  step(active: readonly Car[], period: number, scheduler: Scheduler): void;
  read(): Measured;
}

interface Measured {
  readonly peakA: number;
  readonly worstOverA: number;
  readonly worstDrawnOverA: number;
  readonly solveMs: number[];
}

/** Asks the scheduler, lets the cars draw, and keeps what was seen. */
function createMeter(network: Network): Meter {
  const offered = createLoads(network);
  const drawn = createLoads(network);
  const solveMs: number[] = [];
  let peakA = 0;
  let worstOverA = 0;
  let worstDrawnOverA = 0;
  return {
    step(active, period, scheduler) {
      const startedAt = performance.now();
      const ratesA = scheduler.schedule(active, period, network);
      solveMs.push(performance.now() - startedAt);
      if (ratesA.length !== active.length) throw new Error(`${scheduler.name}: not one rate for each car`);
      clearLoads(offered);
      clearLoads(drawn);
      let sumA = 0;
      active.forEach((car, i) => {
        const rateA = ratesA[i] ?? Number.NaN;
        refuseWhatCannotBeOffered(network, car, rateA);
        addLoad(network, offered, car.evse, rateA);
        const drawnA = charge(car, rateA, network.voltageV);
        addLoad(network, drawn, car.evse, drawnA);
        sumA += drawnA;
      });
      peakA = Math.max(peakA, sumA);
      worstOverA = Math.max(worstOverA, overA(network, offered));
      worstDrawnOverA = Math.max(worstDrawnOverA, overA(network, drawn));
    },
    read: () => ({ peakA, worstOverA, worstDrawnOverA, solveMs }),
  };
}

/** Rounding that a station would not notice. */
const RATE_TOLERANCE_A = 1e-3;

function refuseWhatCannotBeOffered(network: Network, car: Car, rateA: number): void {
  const evse = network.evses[car.evse];
  const within = rateA >= 0 && rateA <= car.maxA + RATE_TOLERANCE_A;
  const stepped = !evse?.stepsA || evse.stepsA.some((step) => Math.abs(step - rateA) <= RATE_TOLERANCE_A);
  if (!within || !stepped) throw new Error(`${evse?.id} cannot offer ${rateA} A`);
}

/**
 * In the public simulator's order of operations: under least laxity first cars end up equally urgent to the
 * last bit or nearly so, and who is first then follows from rounding.
 *
 * @returns the current drawn.
 */
function charge(car: Car, offeredA: number, voltageV: number): number {
  const fillsKw = (car.requestedKwh - car.batteryKwh) / HOURS;
  const powerKw = Math.min((offeredA * voltageV) / 1000, car.carMaxKw, fillsKw);
  car.batteryKwh += powerKw * HOURS;
  const drawnA = (powerKw * 1000) / voltageV;
  car.deliveredKwh += ((drawnA * voltageV) / 1000) * HOURS;
  car.remainingKwh = car.requestedKwh - car.deliveredKwh;
  car.remainingA = amperePeriods(car.remainingKwh, voltageV);
  return drawnA;
}

const amperePeriods = (kwh: number, voltageV: number): number =>
  (((kwh * 1000) / voltageV) * 60) / PERIOD_MIN;

function outcomeOf(cars: readonly Car[], measured: Measured): Outcome {
  let requested = 0;
  let delivered = 0;
  let met = 0;
  let share = 0;
  let squares = 0;
  for (const car of cars) {
    requested += car.requestedKwh;
    delivered += car.deliveredKwh;
    if (car.remainingKwh < SHORT_KWH) met += 1;
    const part = car.deliveredKwh / car.requestedKwh;
    share += part;
    squares += part * part;
  }
  const { solveMs, ...seen } = measured;
  const sorted = solveMs.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  return {
    energyPct: requested === 0 ? 100 : (100 * delivered) / requested,
    demandsMetPct: cars.length === 0 ? 100 : (100 * met) / cars.length,
    jain: squares === 0 ? 1 : (share * share) / (cars.length * squares),
    ...seen,
    solveMs: { p50: quantile(0.5), p99: quantile(0.99) },
    calls: sorted.length,
    deliveredKwh: Float64Array.from(cars, (car) => car.deliveredKwh),
  };
}
