// Ports for servers that are killed and come back. They lie outside the range from which the system gives
// ports to outgoing connections: a client that dials a dead server could otherwise be given, and keep, its port.

import { createServer } from 'node:net';

const FIRST = 20_000;
const COUNT = 12_000;
const TRIES_MAX = 100;

let next = FIRST + Math.floor(Math.random() * COUNT);

export async function stablePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    next = FIRST + ((next - FIRST + 1) % COUNT);
    const port = next;
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${FIRST} on`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
