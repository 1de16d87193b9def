// The stations of the ingress benchmark, in a process of their own: each sends a MeterValues, waits
// for the answer, and sends the next. Told what to do by a message; says `begun` when the warm-up is
// over, and at the end what it measured since.

import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';

export interface LoadOrder {
  readonly url: string;
  readonly stations: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadReport {
  readonly perS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers within the span that is measured. */
  readonly answers: number;
  /** Answers that were CALLERRORs, at any time. */
  readonly errors: number;
}

const SAMPLES_MAX = 2_000_000;

const CURRENTS = ['L1', 'L2', 'L3']
  .map((phase) => `{"value":"16.0","measurand":"Current.Import","unit":"A","phase":"${phase}"}`)
  .join(',');
const POWER = '{"value":"11040.5","measurand":"Power.Active.Import","unit":"W"}';

/** One report of a three-phase car, as stations send it each minute. Put together in the cheapest way. */
export function meterValues(id: string, count: number, at: number): string {
  const timestamp = new Date(at + count * 1000).toISOString();
  const energy = `{"value":"${100_000 + count}","measurand":"Energy.Active.Import.Register","unit":"Wh"}`;
  const sampledValue = `[${energy},${POWER},${CURRENTS}]`;
  const meterValue = `[{"timestamp":"${timestamp}","sampledValue":${sampledValue}}]`;
  return `[2,"${id}","MeterValues",{"connectorId":1,"transactionId":7,"meterValue":${meterValue}}]`;
}

class Recorder {
  readonly #latencies = new Float64Array(SAMPLES_MAX);
  #count = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;
  #answers = 0;
  errors = 0;

  span(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
  }
  get until(): number {
    return this.#to;
  }
  record(sentAt: number, now: number): void {
    if (now < this.#from || now > this.#to) return;
    this.#answers += 1;
    if (this.#count === SAMPLES_MAX) return;
    this.#latencies[this.#count++] = now - sentAt;
  }
  report(): LoadReport {
    const sorted = this.#latencies.slice(0, this.#count).sort();
    const quantile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
    const answers = this.#answers;
    const perS = answers / ((this.#to - this.#from) / 1000);
    return { perS, p50Ms: quantile(0.5), p99Ms: quantile(0.99), answers, errors: this.errors };
  }
}

async function openSocket(url: string, station: number): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/CP-${station}`, 'ocpp1.6', { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('close', reject);
  });
  return socket;
}

/** Resolves when the station has its last answer. */
function drive(socket: WebSocket, station: number, recorder: Recorder): Promise<void> {
  let count = 0;
  let sentAt = 0;
  const send = (): void => {
    count += 1;
    const text = meterValues(`${station}-${count}`, count, Date.UTC(2026, 0, 1));
    sentAt = performance.now();
    socket.send(text);
  };
  return new Promise((resolve, reject) => {
    socket.on('close', () => reject(new Error(`station ${station} was dropped`)));
    socket.on('message', (data: Buffer) => {
      const now = performance.now();
      recorder.record(sentAt, now);
      // `[4,`: a CALLERROR.
      if (data[1] === 0x34) recorder.errors += 1;
      if (now < recorder.until) send();
      else resolve();
    });
    send();
  });
}

async function load(order: LoadOrder): Promise<LoadReport> {
  const sockets: WebSocket[] = [];
  for (let station = 0; station < order.stations; station++)
    sockets.push(await openSocket(order.url, station));
  const recorder = new Recorder();
  const from = performance.now() + order.warmUpMs;
  recorder.span(from, from + order.durationMs);
  setTimeout(() => process.send?.('begun'), order.warmUpMs);
  await Promise.all(sockets.map((socket, station) => drive(socket, station, recorder)));
  for (const socket of sockets) socket.removeAllListeners('close').terminate();
  return recorder.report();
}

process.on('message', (order: LoadOrder) => {
  load(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${error}\n`);
      process.exit(1);
    },
  );
});
