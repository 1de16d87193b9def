// What it costs to keep what stations say: durable MeterValues through ingress and the embedded log,
// against a bare echo and against a strict server that keeps nothing. One process serves, another
// one plays the stations, the three servers take turns.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_CONNECTOR, type StationConfig } from '@ampledger/domain';
import { openEmbeddedLog } from '@ampledger/embedded-log';
import {
  createIngress,
  type Logger,
  listenIngress,
  type StationDirectory,
  type StationPlace,
} from '@ampledger/ingress';
import { nodeId, type StationId, sessionId, siteId, stationId, systemClock } from '@ampledger/kernel';
import { warmSchemas } from '@ampledger/ocpp';
import { RPCServer } from 'ocpp-rpc';
import { WebSocketServer } from 'ws';
import { amountOf, countOf, existingDirectory, namesOf } from './arguments.js';
import type { LoadOrder, LoadReport } from './ingress-load.js';

const HELP = `Usage: npm run bench -- ingress [--seconds N] [--stations N] [--rounds N] [--only NAME] [--dir DIRECTORY]

Prints messages per second and the time to an answer, for MeterValues that are durable before they are
answered, and the processor time of a message, with ratios to a bare ws echo and to the strict ocpp-rpc server, which keeps nothing.

  --seconds N    how long each figure is measured (default 5)
  --stations N   stations, each with one message on its way at a time (default 200)
  --rounds N     how often the three servers take turns; the median counts (default 3)
  --only NAME    one of the three servers alone (ws, ocpp-rpc, ampledger), for a profile
  --dir DIR      where the log is written and removed again (default the system's temporary directory)
`;

const WARM_UP_MS = 2_000;

interface Measured extends LoadReport {
  /** Processor time of the serving process for one message, its threads and the kernel included. */
  readonly cpuUs: number;
}

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

type Start = (stations: number, directory: string) => Promise<Server>;

const SERVERS: readonly (readonly [name: string, start: Start])[] = [
  ['ws echo', startEcho],
  ['ocpp-rpc strict', startStrict],
  ['ampledger', startIngress],
];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      stations: { type: 'string', default: '200' },
      rounds: { type: 'string', default: '3' },
      dir: { type: 'string', default: tmpdir() },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const stations = countOf(values.stations, { option: 'stations' });
  const durationMs = amountOf(values.seconds, { option: 'seconds' }) * 1000;
  const rounds = countOf(values.rounds, { option: 'rounds' });
  const dir = existingDirectory(values.dir, { option: 'dir' });
  const servers = chosen(values.only);
  const reports = new Map<string, Measured[]>(servers.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of servers) {
      reports.get(name)?.push(await measure(start, stations, durationMs, dir));
    }
  }
  print(reports);
}

/** Each is asked for by the first word of its name. */
function chosen(only: string | undefined): typeof SERVERS {
  if (only === undefined) return SERVERS;
  const word = ([name]: (typeof SERVERS)[number]): string => name.split(' ')[0] ?? name;
  const names = namesOf(only, { option: 'only', known: SERVERS.map(word) });
  return SERVERS.filter((server) => names.includes(word(server)));
}

async function measure(start: Start, stations: number, durationMs: number, dir: string): Promise<Measured> {
  const directory = await mkdtemp(join(dir, 'ampledger-bench-'));
  const server = await start(stations, directory);
  const load = fork(new URL('./ingress-load.js', import.meta.url));
  const ended = once(load, 'exit').then(() => {
    throw new Error('the load process ended early');
  });
  ended.catch(() => {});
  try {
    load.send({ url: server.url, stations, warmUpMs: WARM_UP_MS, durationMs } satisfies LoadOrder);
    // What compiling costs while it warms up is nobody's message.
    await Promise.race([once(load, 'message'), ended]);
    const before = process.cpuUsage();
    const [report] = (await Promise.race([once(load, 'message'), ended])) as [LoadReport];
    const { user, system } = process.cpuUsage(before);
    if (report.errors > 0) throw new Error(`${report.errors} messages were answered with an error`);
    return { ...report, cpuUs: (user + system) / report.answers };
  } finally {
    load.kill();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function startEcho(): Promise<Server> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startStrict(): Promise<Server> {
  const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true });
  server.auth((accept) => accept());
  server.on('client', (client) => client.handle('MeterValues', () => ({})));
  const http = await server.listen(0, '127.0.0.1');
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => void (await server.close({ force: true, awaitPending: false })),
  };
}

async function startIngress(stations: number, directory: string): Promise<Server> {
  warmSchemas();
  const log = await openEmbeddedLog({
    directory,
    onWarning: (message) => process.stderr.write(`${message}\n`),
  });
  const ingress = createIngress({
    bus: log.bus,
    directory: directoryOf(stations),
    clock: systemClock,
    pseudonymKey: Buffer.alloc(32, 1),
    log: stderrLogger,
  });
  const listening = await listenIngress({ ingress, host: '127.0.0.1', port: 0 });
  return {
    url: `ws://127.0.0.1:${listening.port}/ocpp`,
    async close() {
      await ingress.close();
      await listening.close();
      await log.close();
    },
  };
}

const stderrLogger: Logger = {
  info: () => {},
  warn: (fields, message) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  error: (fields, message) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
};

/** Stations with one car charging each, all of one site. */
function directoryOf(count: number): StationDirectory {
  const places = new Map<StationId, StationPlace>();
  for (let i = 0; i < count; i++) {
    const station = stationId(`CP-${i}`);
    const open = { session: sessionId(station, '7'), transaction: '7', evseId: 1, idToken: null };
    places.set(station, { site: siteId('bench'), config: configOf(station), openSessions: [open] });
  }
  return { find: (station) => places.get(station) };
}

const configOf = (id: StationId): StationConfig => ({
  id,
  node: nodeId('grid'),
  passwordHash: null,
  connectors: [
    {
      ...DEFAULT_CONNECTOR,
      evseId: 1,
      phases: [0, 1, 2],
      wiredPhases: 3,
      minA: 6,
      maxA: 32,
      priority: 1,
      weight: 1,
      fallbackA: 6,
      idleA: 6,
    },
  ],
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function print(reports: ReadonlyMap<string, readonly Measured[]>): void {
  const of = (name: string, pick: (report: Measured) => number): number =>
    median((reports.get(name) ?? []).map(pick));
  const own = of('ampledger', (report) => report.perS);
  process.stdout.write('server             messages/s    p50 ms    p99 ms   cpu us/message   ampledger is\n');
  for (const name of reports.keys()) {
    const perS = of(name, (report) => report.perS);
    const p50Ms = of(name, (report) => report.p50Ms).toFixed(2);
    const p99Ms = of(name, (report) => report.p99Ms).toFixed(2);
    const cpuUs = of(name, (report) => report.cpuUs).toFixed(1);
    const ratio = `${(own / perS).toFixed(2)} x`;
    process.stdout.write(
      `${name.padEnd(18)}${perS.toFixed(0).padStart(11)}${p50Ms.padStart(10)}${p99Ms.padStart(10)}${cpuUs.padStart(17)}${ratio.padStart(15)}\n`,
    );
  }
}
