// How fast a cap reaches the stations: from the start of the PUT to the arrival of the last
// SetChargingProfile, every event on the way durable. The baseline is the least that could be done:
// an HTTP server that writes one frame of that size to every socket.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEngine } from '@ampledger/cli';
import { parseSiteFile } from '@ampledger/site-file';
import { WebSocketServer } from 'ws';
import { countOf, countsOf } from './arguments.js';

const HELP = `Usage: npm run bench -- loop [--stations LIST] [--rounds N]

Prints the time from a capping PUT to the first and the last SetChargingProfile on the wire, beside a server that
writes one such frame to every socket.

  --stations LIST   numbers of stations, with commas (default 60,1000)
  --rounds N        caps for each number of stations; the median counts (default 5)
`;

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** No frame for this long: everything that was to come has come. */
const QUIET_MS = 700;

interface Round {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly frames: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      stations: { type: 'string', default: '60,1000' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const rounds = countOf(values.rounds, { option: 'rounds' });
  const rows: string[] = [];
  for (const count of countsOf(values.stations, { option: 'stations' })) {
    process.stderr.write(`${count} stations ...\n`);
    const ours = await engineRounds(count, rounds);
    const bare = await bareRounds(count, rounds);
    rows.push(row(count, 'ampledger, durable', ours, bare), row(count, 'bare http and ws', bare, bare));
  }
  const head = ['stations', 'server', 'first ms', 'last ms', 'worst ms', 'frames', 'of bare'];
  process.stdout.write(`${line(head)}\n${rows.join('\n')}\n`);
}

const WIDTHS = [8, 20, 9, 9, 9, 7, 8];
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 1 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0))).join('  ');

function row(count: number, name: string, rounds: readonly Round[], bare: readonly Round[]): string {
  const last = median(rounds.map((r) => r.lastMs));
  const ratio = last / median(bare.map((r) => r.lastMs));
  const worst = Math.max(...rounds.map((r) => r.lastMs));
  const first = median(rounds.map((r) => r.firstMs));
  const frames = median(rounds.map((r) => r.frames));
  return line([
    String(count),
    name,
    first.toFixed(1),
    last.toFixed(1),
    worst.toFixed(1),
    String(frames),
    `${ratio.toFixed(1)}x`,
  ]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function engineRounds(count: number, rounds: number): Promise<readonly Round[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ampledger-bench-'));
  const parsed = parseSiteFile(siteFile(count));
  if (!parsed.ok) throw new Error('The benchmark’s own site file is bad');
  const engine = await startEngine({
    directory,
    sites: [parsed.value],
    host: '127.0.0.1',
    ocppPort: 0,
    apiPort: 0,
    tokens: null,
    log: QUIET,
  });
  const stations = await startStations(engine.ocppUrl, count, 'ocpp1.6');
  const envelope = `${engine.apiUrl}/api/v1/sites/bench/envelopes/operator`;
  try {
    await untilQuiet(stations, count);
    const measured: Round[] = [];
    for (let i = 0; i < rounds; i++) {
      measured.push(await measure(stations, count, () => put(envelope, { limitA: count * 8 })));
      await measure(stations, count, () => fetch(envelope, { method: 'DELETE' }));
    }
    return measured;
  } finally {
    stations.kill();
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const siteFile = (count: number): string => `
id: bench
timeZone: Europe/Berlin
grid:
  limit: ${count * 16} A
  stations:
    - ids: S0..S${count - 1}
control: { raiseInterval: 0 s, deadband: 0 A }
`;

const put = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** One HTTP request, one frame for each socket: nothing decided, nothing kept. */
async function bareRounds(count: number, rounds: number): Promise<readonly Round[]> {
  const frame = JSON.stringify([
    2,
    '00000000-0000-5000-8000-000000000000',
    'SetChargingProfile',
    { filler: 'x'.repeat(420) },
  ]);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer((_request, response) => {
    for (const socket of sockets.clients) socket.send(frame);
    response.end('{}');
  });
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, () => undefined),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stations = await startStations(`ws://127.0.0.1:${port}`, count, 'bare');
  try {
    const measured: Round[] = [];
    for (let i = 0; i < rounds; i++)
      measured.push(await measure(stations, count, () => put(`http://127.0.0.1:${port}/`, {})));
    return measured;
  } finally {
    stations.kill();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  }
}

async function startStations(url: string, count: number, protocol: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./loop-stations.js', import.meta.url));
  const child = fork(script, [url.replace(/\/$/, ''), String(count), protocol]);
  const [message] = await once(child, 'message');
  if (message !== 'ready') throw new Error('The stations did not come up');
  return child;
}

async function measure(
  stations: ChildProcess,
  count: number,
  trigger: () => Promise<Response>,
): Promise<Round> {
  stations.send('reset');
  const startedAt = performance.timeOrigin + performance.now();
  const response = await trigger();
  if (!response.ok) throw new Error(`The engine answered ${response.status}: ${await response.text()}`);
  const times = await untilQuiet(stations, count);
  const after = times.map((at) => at - startedAt);
  return { firstMs: Math.min(...after), lastMs: Math.max(...after), frames: after.length };
}

/** The arrival times of all frames, once every station has had one and no more have come for a while. */
async function untilQuiet(stations: ChildProcess, count: number): Promise<readonly number[]> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 4));
    stations.send('report');
    const [{ notes }] = (await once(stations, 'message')) as [
      { notes: readonly { at: number; station: number }[] },
    ];
    const heard = new Set(notes.map((note) => note.station));
    const newest = Math.max(0, ...notes.map((note) => note.at));
    if (heard.size === count && performance.timeOrigin + performance.now() - newest > QUIET_MS)
      return notes.map((note) => note.at);
  }
}
