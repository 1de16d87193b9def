// The stations' door: an HTTP server that does nothing but admit, upgrade, and hand sockets to the core.

import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { StationId } from '@ampledger/kernel';
import { type WebSocket, WebSocketServer } from 'ws';
import { Admission, type HttpRefusal } from './admission.js';
import type { Ingress } from './contract.js';
import type { ThrottleOptions } from './failure-throttle.js';
import { chooseProtocol, offeredProtocols } from './handshake.js';
import { createPasswordVerifier, type PasswordVerifier } from './password.js';
import { attach, WebStationSocket } from './station-socket.js';
import { createTokenBucket } from './token-bucket.js';

export interface ListenOptions {
  readonly ingress: Ingress;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Default 256 KiB, counted after inflation. */
  readonly frameMaxBytes?: number;
  /** Whether OCPP 2.x stations may compress (RFC 7692). Default true. */
  readonly compression?: boolean;
  readonly socketsMax?: number;
  readonly socketsPerAddressMax?: number;
  readonly upgradesPerSecond?: number;
  readonly upgradesBurst?: number;
  readonly headersTimeoutMs?: number;
  readonly throttle?: Partial<ThrottleOptions>;
  readonly passwords?: PasswordVerifier;
}

export interface Listening {
  readonly port: number;
  /** Stops taking connections and drops those that are not with the core. Close the core first. */
  close(): Promise<void>;
}

const HEADER_MAX_BYTES = 8_192;
/** Options of ws that its types do not know: how long a peer may take to answer our closing handshake. */
const UNTYPED_BOUNDS = { maxFragments: 1_024, closeTimeout: 5_000 };
const GRACE_MS = 500;

export async function listenIngress(options: ListenOptions): Promise<Listening> {
  const { ingress } = options;
  const admission = new Admission({
    ingress,
    clock: ingress.clock,
    passwords: options.passwords ?? createPasswordVerifier(),
    gate: createTokenBucket({
      clock: ingress.clock,
      perSecond: options.upgradesPerSecond ?? 500,
      burst: options.upgradesBurst ?? 2_000,
    }),
    ...(options.throttle === undefined ? {} : { throttle: options.throttle }),
  });
  const upgrade = createUpgrade(ingress, admission, options);
  const headersTimeout = options.headersTimeoutMs ?? 10_000;
  const server = createServer({
    maxHeaderSize: HEADER_MAX_BYTES,
    headersTimeout,
    requestTimeout: headersTimeout,
    connectionsCheckingInterval: Math.min(1_000, headersTimeout),
    keepAliveTimeout: 1,
  });
  server.maxConnections = options.socketsMax ?? 20_000;
  const sockets = trackSockets(server, options.socketsPerAddressMax ?? 10_000);
  server.on('request', (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  });
  server.on('upgrade', upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 4_096 }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        // Peers that do not take part in the closing handshake are not waited for.
        const timer = ingress.clock.after(GRACE_MS, () => {
          for (const socket of sockets) socket.destroy();
        });
        server.close(() => {
          timer.cancel();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Every socket that is open, at most `perAddressMax` from one address. */
function trackSockets(server: Server, perAddressMax: number): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = counts.get(address) ?? 0;
    if (count >= perAddressMax) {
      socket.destroy();
      return;
    }
    open.add(socket);
    counts.set(address, count + 1);
    socket.once('close', () => {
      open.delete(socket);
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
  return open;
}

function createUpgrade(ingress: Ingress, admission: Admission, options: ListenOptions) {
  const frameMaxBytes = options.frameMaxBytes ?? 262_144;
  const plain = socketServer(frameMaxBytes, false);
  const compressing = options.compression === false ? plain : socketServer(frameMaxBytes, true);

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const remote = request.socket.remoteAddress ?? '';
    const outcome = await admission.admit({ url: request.url ?? '', headers: request.headers, remote });
    if (socket.destroyed) return;
    if (!outcome.ok) {
      refuse(socket, outcome.error);
      return;
    }
    const protocol = chooseProtocol(offeredProtocols(request.headers['sec-websocket-protocol']));
    // Compression is a matter of OCPP 2.x (part 4, 3.4); 1.6 stations may offer it without knowing it.
    const server = protocol === 'ocpp1.6' ? plain : compressing;
    server.handleUpgrade(request, socket, head, (ws) => greet(ingress, ws, outcome.value, remote));
  }
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Nobody else listens until the upgrade; a peer that leaves meanwhile is no failure.
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head).catch((error: unknown) => {
      ingress.log.error({ err: error }, 'an upgrade failed');
      socket.destroy();
    });
  };
}

const socketServer = (frameMaxBytes: number, compress: boolean): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: frameMaxBytes,
    ...UNTYPED_BOUNDS,
    // OCPP-J 1.6, 3.3: none of ours offered: the handshake completes without one, then we close.
    handleProtocols: (offered) => chooseProtocol(offered) ?? false,
    perMessageDeflate: compress && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      concurrencyLimit: 4,
      threshold: 1_024,
    },
  });

function greet(ingress: Ingress, ws: WebSocket, station: StationId, remote: string): void {
  const protocol = chooseProtocol([ws.protocol]);
  ws.on('error', (error) => {
    // ws has answered what breaks its limits (1009, 1007, 1002) and will close.
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      ingress.audit({ kind: 'OversizedFrame', station, remote });
    }
  });
  if (protocol === undefined) {
    ingress.audit({ kind: 'UnsupportedProtocol', station, remote });
    ws.close(1002, 'none of the subprotocols is supported');
    return;
  }
  // Nothing may be heard before the core listens.
  ws.pause();
  void ingress.connect({ station, protocol, remote, socket: new WebStationSocket(ws) }).then((connection) => {
    if (!connection.ok) {
      ws.resume();
      ws.close(connection.error.reason === 'closing' ? 1001 : 1008, connection.error.reason);
      return;
    }
    attach(ws, connection.value, () => ingress.audit({ kind: 'BinaryFrame', station, remote }));
    ws.resume();
    if (ws.readyState === ws.CLOSED) connection.value.onClosed(1006, '');
  });
}

function refuse(socket: Duplex, { status, reason, retryAfterS }: HttpRefusal): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${reason.length}`,
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="ocpp"'] : []),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${reason}`);
}
