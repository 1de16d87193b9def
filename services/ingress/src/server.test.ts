// The door, with real clients on real sockets.

import { once } from 'node:events';
import { type ClientRequestArgs, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Protocol } from '@ampledger/domain';
import { type StationId, stationId, systemClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import type { RecordedEvent } from '@ampledger/ports';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { IngressOptions } from './contract.js';
import { createIngress } from './ingress.js';
import { hashPassword } from './password.js';
import { type ListenOptions, listenIngress } from './server.js';
import { directoryOf, memoryLogger, stationConfig } from './test-station.js';

const PASSWORD = 'correct horse battery';
const hash = await hashPassword(PASSWORD, { cost: 1_024 });
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function engine(listen: Partial<ListenOptions> = {}, options: Partial<IngressOptions> = {}) {
  const memory = createMemoryLog();
  const { log, lines } = memoryLogger();
  const directory = directoryOf([
    stationConfig(stationId('CP-1')),
    stationConfig(stationId('CP-2')),
    stationConfig(stationId('SECURE'), hash),
  ]);
  const ingress = createIngress({
    bus: memory.bus,
    directory,
    clock: systemClock,
    pseudonymKey: Buffer.alloc(32, 1),
    log,
    options,
  });
  const listening = await listenIngress({ ingress, host: '127.0.0.1', port: 0, ...listen });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await ingress.close();
    await listening.close();
  };
  open.push(close);
  const events = async (): Promise<readonly RecordedEvent[]> => {
    const all: RecordedEvent[] = [];
    for await (const page of memory.store.readAll()) all.push(...page);
    return all;
  };
  return { ingress, port: listening.port, lines, events, close };
}

type Outcome =
  | { readonly kind: 'open'; readonly socket: WebSocket }
  | { readonly kind: 'http'; readonly status: number; readonly headers: Record<string, unknown> }
  | { readonly kind: 'closed'; readonly code: number };

/** Opens a WebSocket and waits for what becomes of it. */
function dial(
  port: number,
  path: string,
  protocols: string | string[] = 'ocpp1.6',
  options: ClientOptions = {},
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, options);
  return new Promise<Outcome>((resolve) => {
    socket.on('open', () => resolve({ kind: 'open', socket }));
    socket.on('unexpected-response', (_request, response) => {
      resolve({ kind: 'http', status: response.statusCode ?? 0, headers: response.headers });
      response.destroy();
    });
    socket.on('close', (code) => resolve({ kind: 'closed', code }));
    socket.on('error', () => {});
  });
}

async function station(
  port: number,
  protocol: Protocol = 'ocpp1.6',
  id = 'CP-1',
  options: ClientOptions = {},
) {
  const outcome = await dial(port, `/ocpp/${id}`, protocol, options);
  if (outcome.kind !== 'open') throw new Error(`not open: ${JSON.stringify(outcome)}`);
  const { socket } = outcome;
  return {
    socket,
    closed: once(socket, 'close') as Promise<[number, Buffer]>,
    async call(id: string, action: string, payload: object): Promise<unknown> {
      const answered = once(socket, 'message');
      socket.send(JSON.stringify([2, id, action, payload]));
      const [data] = await answered;
      return JSON.parse(String(data));
    },
  };
}

const basic = (user: string, password: string): ClientOptions => ({
  headers: { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
});

/** Speaks HTTP by hand and returns what comes back until the end, or until `last` is in it. */
function raw(port: number, text: string, last?: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
    if (last !== undefined && answer.includes(last)) socket.destroy();
  });
  socket.on('error', () => {});
  return new Promise((resolve) => socket.on('close', () => resolve(answer)));
}

describe('the handshake', () => {
  it.each<[string, string, string | string[], ClientOptions, number]>([
    ['an unknown station', '/ocpp/stranger', 'ocpp1.6', {}, 404],
    ['another path', '/stations/CP-1', 'ocpp1.6', {}, 404],
    ['another case of a name', '/ocpp/cp-1', 'ocpp1.6', {}, 404],
    ['a path in the identity', '/ocpp/a%2F..%2Fb', 'ocpp1.6', {}, 400],
    ['a malformed escape', '/ocpp/%E0%A4%A', 'ocpp1.6', {}, 400],
    ['a twice encoded identity', '/ocpp/CP%252D1', 'ocpp1.6', {}, 400],
    ['no password where one is needed', '/ocpp/SECURE', 'ocpp1.6', {}, 401],
    ['a wrong password', '/ocpp/SECURE', 'ocpp1.6', basic('SECURE', 'guess'), 401],
    ['another station’s name', '/ocpp/SECURE', 'ocpp1.6', basic('CP-1', PASSWORD), 401],
    ['foreign credentials on an open station', '/ocpp/CP-1', 'ocpp1.6', basic('SECURE', PASSWORD), 401],
    ['another scheme', '/ocpp/SECURE', 'ocpp1.6', { headers: { Authorization: 'Bearer x' } }, 401],
  ])('refuses %s', async (_name, path, protocols, options, status) => {
    const { port, events } = await engine();
    expect(await dial(port, path, protocols, options)).toMatchObject({ kind: 'http', status });
    expect(await events()).toEqual([]);
  });

  it.each<[string, string | string[]]>([
    ['no subprotocol', []],
    ['only unknown ones', ['ocpp1.5', 'soap']],
  ])('with %s completes without one and closes', async (_name, protocols) => {
    const { port, events } = await engine();
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    const offered =
      protocols.length === 0 ? '' : `Sec-WebSocket-Protocol: ${[protocols].flat().join(', ')}\r\n`;
    const answer = await raw(
      port,
      `GET /ocpp/CP-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${offered}\r\n`,
      'none of the subprotocols',
    );
    expect(answer).toContain('101 Switching Protocols');
    expect(answer).not.toContain('Sec-WebSocket-Protocol');
    // FIN and opcode 8, the length, code 1002, the reason.
    expect(answer).toContain('\u0003\ufffdnone of the subprotocols');
    expect(await events()).toEqual([]);
  });

  it('takes the version from the subprotocol alone, and the newest of several', async () => {
    const { port, ingress } = await engine();
    const outcome = await dial(port, '/ocpp/CP-1?version=ocpp1.6', ['ocpp1.6', 'ocpp2.0.1']);
    if (outcome.kind !== 'open') throw new Error('refused');
    expect(outcome.socket.protocol).toBe('ocpp2.0.1');
    expect(ingress.isConnected('CP-1' as StationId)).toBe(true);
  });

  it('takes a station with its password, and one that needs none', async () => {
    const { port } = await engine();
    const secure = await station(port, 'ocpp1.6', 'SECURE', basic('SECURE', PASSWORD));
    expect(await secure.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    const plain = await station(port, 'ocpp2.0.1', 'CP-2');
    expect(await plain.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
  });

  it('slows down guessing, per source and name, and leaves the connected station alone', async () => {
    const { port, lines } = await engine({ throttle: { freeAttempts: 2, firstDelayMs: 60_000 } });
    const good = await station(port, 'ocpp1.6', 'SECURE', basic('SECURE', PASSWORD));
    const statuses: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      const outcome = await dial(port, '/ocpp/SECURE', 'ocpp1.6', basic('SECURE', `guess ${i}`));
      statuses.push(outcome.kind === 'http' ? outcome.status : outcome.kind);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect(await good.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    expect((await dial(port, '/ocpp/CP-1')).kind).toBe('open');
    expect(JSON.stringify(lines)).not.toContain('guess');
  });

  it('slows down the search for names', async () => {
    const { port } = await engine({ throttle: { freeAttempts: 1, firstDelayMs: 60_000 } });
    const statuses: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const outcome = await dial(port, `/ocpp/guess-${i}`);
      statuses.push(outcome.kind === 'http' ? outcome.status : outcome.kind);
    }
    expect(statuses).toEqual([404, 404, 429, 429]);
    expect((await dial(port, '/ocpp/CP-1')).kind).toBe('open');
  });

  it('spreads a storm of connections', async () => {
    const { port } = await engine({ upgradesBurst: 1, upgradesPerSecond: 0.001 });
    expect((await dial(port, '/ocpp/CP-1')).kind).toBe('open');
    expect(await dial(port, '/ocpp/CP-2')).toMatchObject({
      kind: 'http',
      status: 503,
      headers: { 'retry-after': '5' },
    });
  });

  it('answers what is no WebSocket with 426', async () => {
    const { port } = await engine();
    const args: ClientRequestArgs = { port, host: '127.0.0.1', path: '/ocpp/CP-1' };
    const sent = request(args).end();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(426);
    response.resume();
  });

  it('ends a request whose headers drip', async () => {
    const { port } = await engine({ headersTimeoutMs: 50 });
    expect(await raw(port, 'GET /ocpp/CP-1 HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1.1 408|^$/);
  });

  it('refuses headers of more than 8 kB', async () => {
    const { port } = await engine();
    expect(await raw(port, `GET /ocpp/CP-1 HTTP/1.1\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`)).toContain('431');
  });

  it('takes no more sockets of one address than allowed', async () => {
    const { port } = await engine({ socketsPerAddressMax: 1 });
    expect((await dial(port, '/ocpp/CP-1')).kind).toBe('open');
    expect(await dial(port, '/ocpp/CP-2')).toMatchObject({ kind: 'closed' });
  });
});

describe('an open connection', () => {
  it('is refused with 409 while the station is connected and alive', async () => {
    const { port } = await engine();
    const first = await station(port);
    expect(await dial(port, '/ocpp/CP-1')).toMatchObject({ kind: 'http', status: 409 });
    expect(await first.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
  });

  it('replaces one that does not answer pings any more', async () => {
    const { port, events } = await engine({}, { probeTimeoutMs: 50 });
    const first = await station(port, 'ocpp1.6', 'CP-1', { autoPong: false });
    const second = await station(port);
    expect(await second.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    await first.closed;
    expect(await second.call('2', 'Heartbeat', {})).toMatchObject([3, '2', {}]);
    expect((await events()).map((event) => event.type)).toEqual([
      'StationConnected',
      'StationDisconnected',
      'StationConnected',
    ]);
  });

  it.each<[string, (socket: WebSocket) => void, number]>([
    [
      'a frame of 300 kB',
      (socket) => socket.send(`[2,"1","Heartbeat",{"x":"${'x'.repeat(300_000)}"}]`),
      1009,
    ],
    [
      'a binary frame',
      (socket) => socket.send(Buffer.from('[2,"1","Heartbeat",{}]'), { binary: true }),
      1003,
    ],
    [
      'text that is no UTF-8',
      (socket) => socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false }),
      1007,
    ],
    [
      'a hundred calls at once',
      (socket) => {
        for (let i = 0; i < 100; i++)
          socket.send(
            `[2,"${i}","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}]`,
          );
      },
      1008,
    ],
    [
      'a thousand and one fragments',
      (socket) => {
        for (let i = 0; i <= 1_025; i++) socket.send('x', { fin: false });
      },
      1008,
    ],
  ])('is closed for %s', async (_name, misbehave, code) => {
    const { port, ingress } = await engine();
    const bad = await station(port);
    misbehave(bad.socket);
    expect((await bad.closed)[0]).toBe(code);
    const next = await station(port, 'ocpp1.6', 'CP-2');
    expect(await next.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    expect(ingress.connectionCount()).toBe(1);
  });

  it('may be compressed with OCPP 2.0.1, and a bomb is bounded by what it inflates to', async () => {
    const { port } = await engine();
    const good = await station(port, 'ocpp2.0.1', 'CP-1', { perMessageDeflate: { threshold: 0 } });
    expect(good.socket.extensions).toContain('permessage-deflate');
    expect(await good.call('1', 'Heartbeat', {})).toMatchObject([3, '1', {}]);
    good.socket.send(`"${'x'.repeat(10_000_000)}"`);
    expect((await good.closed)[0]).toBe(1009);
  });

  it('is not compressed with OCPP 1.6, nor where it is switched off', async () => {
    const { port } = await engine();
    expect((await station(port)).socket.extensions).toBe('');
    const off = await engine({ compression: false });
    expect((await station(off.port, 'ocpp2.0.1')).socket.extensions).toBe('');
  });

  it('ends with 1001 within a second when the engine closes, also for a peer that does not listen', async () => {
    const { port, close, events } = await engine();
    const polite = await station(port);
    const deaf = await station(port, 'ocpp1.6', 'CP-2');
    deaf.socket.pause();
    const startedAt = performance.now();
    await close();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect((await polite.closed)[0]).toBe(1001);
    expect((await events()).filter((event) => event.type === 'StationDisconnected')).toHaveLength(2);
    deaf.socket.terminate();
  });
});
