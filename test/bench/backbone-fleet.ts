// The stations of the backbone benchmark, in a process of their own: OCPP 1.6, one running transaction each,
// with the least of JSON that will do. Told what to do by messages, one order at a time; answers each with one.

import { now } from './backbone-clock.js';
import { fail, Station } from './backbone-station.js';

export type FleetOrder =
  | { readonly kind: 'connect'; readonly url: string; readonly sites: number; readonly each: number }
  /** Every station sends the next message when it has the answer to the last. */
  | ({ readonly kind: 'saturate' } & Span)
  /** Every station sends one each `intervalMs`, all of them spread over it. */
  | ({ readonly kind: 'pace'; readonly intervalMs: number } & Span)
  /** As `pace`; and in each site one car in turn draws a little above its limit, and keeps to it again. */
  | ({ readonly kind: 'move'; readonly intervalMs: number; readonly everyMs: number } & Span);

/** What counts, epoch milliseconds; what is before is for warming up. */
export interface Span {
  readonly fromAt: number;
  readonly toAt: number;
}

export interface Rates {
  readonly perS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answers: number;
  readonly errors: number;
}

/** Instants are epoch milliseconds with fractions. */
export interface Move {
  readonly site: number;
  /** Id of the OCPP message that said so. */
  readonly message: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** The first SetChargingProfile that another station of the site got after it; null: none before the next move. */
  readonly firstAt: number | null;
}

export interface Arrival {
  readonly call: string;
  readonly at: number;
}

export interface FleetReport extends Rates {
  readonly moves: readonly Move[];
  readonly arrivals: readonly Arrival[];
}

const CONNECTING_AT_ONCE = 50;
const SAMPLES_MAX = 2_000_000;
/** Above its limit, and within what counts as a matter of precision: the others make room, nobody is accused. */
const OVER_A = 0.9;

class Samples {
  readonly #latencies = new Float64Array(SAMPLES_MAX);
  #count = 0;
  answers = 0;
  errors = 0;

  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  note(sentAt: number, at: number): void {
    if (at < this.from || at > this.to) return;
    this.answers += 1;
    if (this.#count < SAMPLES_MAX) this.#latencies[this.#count++] = at - sentAt;
  }

  rates(): Rates {
    const sorted = this.#latencies.slice(0, this.#count).sort();
    const quantile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
    const { answers, errors } = this;
    const perS = (answers * 1_000) / (this.to - this.from);
    return { perS, p50Ms: quantile(0.5), p99Ms: quantile(0.99), answers, errors };
  }
}

const NO_MOVES = { moves: [], arrivals: [] };

let stations: Station[] = [];

async function connect({ url, sites, each }: Extract<FleetOrder, { kind: 'connect' }>): Promise<FleetReport> {
  for (const station of stations) station.close();
  stations = Array.from({ length: sites * each }, (_, i) => new Station(Math.floor(i / each), i % each));
  const samples = new Samples(now(), Number.POSITIVE_INFINITY);
  const waiting = [...stations];
  const worker = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await one.connect(url);
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, worker));
  return { ...samples.rates(), perS: (stations.length * 1_000) / (now() - samples.from), ...NO_MOVES };
}

async function saturate(order: Extract<FleetOrder, { kind: 'saturate' }>): Promise<FleetReport> {
  const samples = new Samples(order.fromAt, order.toAt);
  await Promise.all(
    stations.map(
      (station) =>
        new Promise<void>((resolve) => {
          const next = (): void => void station.meter(answered);
          const answered = (text: string, sentAt: number, at: number): void => {
            samples.note(sentAt, at);
            if (text.charCodeAt(1) !== 0x33) samples.errors += 1;
            if (at < samples.to) next();
            else resolve();
          };
          next();
        }),
    ),
  );
  return { ...samples.rates(), ...NO_MOVES };
}

/** Resolves when the time is over and every station has its answer. */
function pace(samples: Samples, intervalMs: number): Promise<void> {
  const meter = (station: Station): void => {
    // A car that is moved says so itself.
    if (!station.isFree) return;
    station.meter((text, sentAt, at) => {
      samples.note(sentAt, at);
      if (text.charCodeAt(1) !== 0x33) samples.errors += 1;
    });
  };
  const timers = stations.map((station, i) => {
    const first = (intervalMs * i) / stations.length;
    const begin = setTimeout(() => {
      meter(station);
      repeating.push(setInterval(() => meter(station), intervalMs));
    }, first);
    return begin;
  });
  const repeating: NodeJS.Timeout[] = [];
  return new Promise((resolve) => {
    setTimeout(() => {
      for (const timer of [...timers, ...repeating]) clearTimeout(timer);
      const idle = setInterval(() => {
        if (!stations.every(({ isFree }) => isFree)) return;
        clearInterval(idle);
        resolve();
      }, 20);
    }, samples.to - now());
  });
}

async function paced(order: Extract<FleetOrder, { kind: 'pace' }>): Promise<FleetReport> {
  const samples = new Samples(order.fromAt, order.toAt);
  await pace(samples, order.intervalMs);
  return { ...samples.rates(), ...NO_MOVES };
}

interface Watched {
  moves: { -readonly [K in keyof Move]: Move[K] }[];
  stations: Station[];
}

async function move(order: Extract<FleetOrder, { kind: 'move' }>): Promise<FleetReport> {
  const samples = new Samples(order.fromAt, order.toAt);
  const settledMs = order.fromAt - now();
  const arrivals: Arrival[] = [];
  const sites = new Map<number, Watched>();
  for (const station of stations) {
    const site: Watched = sites.get(station.site) ?? { moves: [], stations: [] };
    sites.set(station.site, site);
    site.stations.push(station);
    station.onProfile = (call) => {
      const at = now();
      arrivals.push({ call, at });
      const last = site.moves.at(-1);
      if (last !== undefined && last.firstAt === null && station !== site.stations[0]) last.firstAt = at;
    };
  }
  const timers: NodeJS.Timeout[] = [];
  for (const [index, site] of sites) {
    const begin = settledMs + (order.everyMs * index) / sites.size;
    setTimeout(() => {
      step(site, index);
      timers.push(setInterval(() => step(site, index), order.everyMs));
    }, begin);
  }
  await pace(samples, order.intervalMs);
  for (const timer of timers) clearInterval(timer);
  const moves = [...sites.values()].flatMap((site) => site.moves.slice(0, -1));
  return { ...samples.rates(), moves, arrivals };
}

function step({ stations: [first], moves }: Watched, site: number): void {
  if (first === undefined || !first.isFree) return;
  first.overA = first.overA === 0 ? OVER_A : 0;
  const sentAt = now();
  const made = { site, message: '', sentAt, answeredAt: Number.NaN, firstAt: null };
  moves.push(made);
  made.message = first.meter((_text, _sentAt, at) => {
    made.answeredAt = at;
  });
}

function obey(order: FleetOrder): Promise<FleetReport> {
  switch (order.kind) {
    case 'connect':
      return connect(order);
    case 'saturate':
      return saturate(order);
    case 'pace':
      return paced(order);
    case 'move':
      return move(order);
  }
}

process.on('message', (order: FleetOrder) => {
  obey(order).then(
    (report) => process.send?.(report),
    (error: unknown) => fail(String(error)),
  );
});
process.once('disconnect', () => process.exit(0));
