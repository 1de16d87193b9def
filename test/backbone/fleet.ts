// Simulated stations at two doors: a station whose door is gone tries the other one. What a station got an
// answer for is noted, to be looked for in the event store.

import { addPhases, systemClock, ZERO } from '@ampledger/kernel';
import {
  type Arrivals,
  createArrivals,
  createRandom,
  createSimulatedStation,
  type Dial,
  type Fleet,
  type SimulatedStation,
  webSocketDial,
} from '@ampledger/simulator';
import { createAnsweredLedger } from '../e2e/answered-ledger.js';
import type { TestSite } from './sites.js';
import { until } from './until.js';

export interface FleetSettings {
  readonly sites: readonly TestSite[];
  readonly doors: readonly string[];
  readonly seed: string;
  readonly meterIntervalS?: number;
}

export interface BackboneFleet extends Fleet {
  /** What makes each answered message about a transaction that message and no other. */
  readonly answered: ReadonlySet<string>;
  /** `<station> <message id>` of what was answered of boots and statuses: those are not sent twice. */
  readonly answeredIds: ReadonlySet<string>;
  /** Ids of the calls that reached a station. */
  readonly callsHeard: ReadonlySet<string>;
  get(id: string): SimulatedStation;
  doorOf(id: string): number;
  /** Hangs up and dials the other door. */
  move(id: string): void;
  /** Does so when the next call arrives, before it is answered; resolves with that call's id. */
  moveAtNextCall(id: string, action: string): Promise<string>;
  /** Resolves when every station is connected and holds its default limit, so that cars may come. */
  commissioned(): Promise<void>;
  /** Cars come and go, `speed` times faster than in life. */
  arrive(speed: number): void;
  /** No more cars come or go; resolves when the stations have been answered everything that they sent. */
  settle(): Promise<void>;
}

/** Batteries fill so many times faster than in life: sessions end. */
const SPEED = 60;
const START_WITHIN_MS = 3_000;
/** Sent once: after an answer that is lost, the station does not repeat them. */
const SENT_ONCE = new Set(['BootNotification', 'StatusNotification']);

export function createBackboneFleet(settings: FleetSettings): BackboneFleet {
  const { sites, doors, seed, meterIntervalS = 2 } = settings;
  const ledger = createLedger();
  const places = new Map<string, number>();
  const specs = sites.flatMap((site) => site.stations);
  const stations = specs.map(({ id, protocol }, i) => {
    places.set(id, i % doors.length);
    const random = createRandom(`${seed}/${id}`);
    return createSimulatedStation({
      id,
      protocol,
      random,
      connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
      voltageV: 230,
      clock: systemClock,
      dial: eitherDoor(doors, places),
      meterIntervalS,
      speed: SPEED,
      startAfterMs: random() * START_WITHIN_MS,
      backOff: { minS: 0.2, rangeS: 0.5, repeats: 3 },
      log: ledger.onFrame,
    });
  });
  const byId = new Map(stations.map((station) => [station.id, station]));
  const get = (id: string): SimulatedStation => {
    const station = byId.get(id);
    if (station === undefined) throw new Error(`There is no station ${id}`);
    return station;
  };
  const move = (id: string): void => {
    places.set(id, ((places.get(id) ?? 0) + 1) % doors.length);
    get(id).goOffline(0);
  };
  let arrivals: Arrivals | undefined;
  return {
    stations,
    answered: ledger.answered,
    answeredIds: ledger.answeredIds,
    callsHeard: ledger.callsHeard,
    station: (id) => byId.get(id),
    get,
    doorOf: (id) => places.get(id) ?? 0,
    move,
    moveAtNextCall: (id, action) =>
      new Promise((resolve) =>
        ledger.onNextCall(id, action, (call) => {
          move(id);
          resolve(call);
        }),
      ),
    drawA: () => stations.reduce((sum, station) => addPhases(sum, station.drawA(1)), ZERO),
    subscribe(listener) {
      const ends = stations.map((station) => station.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    async commissioned() {
      const isReady = (station: SimulatedStation): boolean =>
        station.connected && station.compositeLimitA(1) === 0;
      await until('all stations are commissioned', () => {
        const missing = stations.filter((station) => !isReady(station));
        if (missing.length === 0) return true;
        throw new Error(`${missing.length} are not, such as ${missing[0]?.id}`);
      });
    },
    arrive(speed) {
      arrivals = createArrivals({ seed, clock: systemClock, stations, profile: 'busy', speed });
    },
    async settle() {
      arrivals?.close();
      await until('the stations have said everything', () => {
        const talking = stations.filter((station) => !station.connected || station.queued > 0);
        if (talking.length === 0) return true;
        throw new Error(`${talking.length} have not, such as ${talking[0]?.id}`);
      });
    },
    close() {
      arrivals?.close();
      for (const station of stations) station.close();
    },
  };
}

function createLedger() {
  const transactions = createAnsweredLedger();
  const waiting = new Set<string>();
  const answeredIds = new Set<string>();
  const callsHeard = new Set<string>();
  const onCall = new Map<string, (call: string) => void>();
  return {
    answered: transactions.answered,
    answeredIds,
    callsHeard,
    /** Told before the station looks at the call. */
    onNextCall: (station: string, action: string, listener: (call: string) => void): void =>
      void onCall.set(`${station} ${action}`, listener),
    onFrame(line: { readonly station: string; readonly way: 'in' | 'out'; readonly text: string }): void {
      transactions.onFrame(line);
      const [kind, id, action] = JSON.parse(line.text) as readonly unknown[];
      const name = `${line.station} ${String(id)}`;
      if (line.way === 'out' && kind === 2 && SENT_ONCE.has(String(action))) waiting.add(name);
      if (line.way !== 'in') return;
      if (kind === 2) {
        callsHeard.add(String(id));
        const place = `${line.station} ${String(action)}`;
        const listener = onCall.get(place);
        onCall.delete(place);
        listener?.(String(id));
      } else if (waiting.delete(name) && kind === 3) answeredIds.add(name);
    },
  };
}

/** Dials the door that is the station's now; when that does not open, or closes, the next one is. */
function eitherDoor(doors: readonly string[], places: Map<string, number>): Dial {
  const dials = doors.map((url) => webSocketDial({ url }));
  return (station, handlers) => {
    const at = places.get(station.id) ?? 0;
    const dial = dials[at % dials.length];
    if (dial === undefined) throw new Error('There is no door');
    return dial(station, {
      ...handlers,
      onClose(code, reason) {
        // Moved on purpose: it has another place already.
        if (places.get(station.id) === at) places.set(station.id, (at + 1) % doors.length);
        handlers.onClose(code, reason);
      },
    });
  };
}
