// Between one process and the broker: holds its produce requests back, or cuts its connections in the middle
// of one. The broker's address in answers is replaced by the proxy's, so that every connection comes here.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { stablePort } from './ports.js';

/** Of the protocol: size, then api key. */
const SIZE_BYTES = 4;
const PRODUCE = 0;

export interface HeldRequest {
  /** Resolves when a request is held. */
  readonly caught: Promise<void>;
  /** Sends it on, as it is. */
  release(): void;
}

/** `inside`: half of the request is sent. `before-answer`: all of it is, and the answer does not come back. */
export type Cut = 'inside' | 'before-answer';

export interface KafkaProxy {
  /** host:port */
  readonly bootstrap: string;
  /** Holds the next produce request that has all these texts in it. */
  hold(...texts: readonly string[]): HeldRequest;
  /** Cuts the connection at the next produce request; resolves when it is cut. */
  cut(where: Cut): Promise<void>;
  close(): Promise<void>;
}

interface Plan {
  wants(request: Buffer): boolean;
  meet(request: Buffer, link: Link): void;
}

interface Link {
  readonly client: Socket;
  readonly broker: Socket;
  /** Takes no answers back from now on. */
  mute(): void;
  end(): void;
}

export async function startKafkaProxy(brokerPort: number): Promise<KafkaProxy> {
  const port = await stablePort();
  const plans: Plan[] = [];
  const links = new Set<Link>();
  const server: Server = createServer((client) => join(client, { brokerPort, port, plans, links }));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return {
    bootstrap: `127.0.0.1:${port}`,
    hold: (...texts) => hold(plans, texts),
    cut: (where) => cut(plans, where),
    async close() {
      for (const link of links) link.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hold(plans: Plan[], texts: readonly string[]): HeldRequest {
  let caught: () => void = () => undefined;
  let release: (() => void) | undefined;
  plans.push({
    wants: (request) => texts.every((text) => request.includes(text)),
    meet(request, { client, broker }) {
      client.pause();
      release = () => {
        broker.write(request);
        client.resume();
      };
      caught();
    },
  });
  return {
    caught: new Promise((resolve) => {
      caught = resolve;
    }),
    release: () => release?.(),
  };
}

const cut = (plans: Plan[], where: Cut): Promise<void> =>
  new Promise((resolve) => {
    plans.push({
      wants: () => true,
      meet(request, link) {
        link.mute();
        const sent = where === 'inside' ? request.subarray(0, request.length >> 1) : request;
        link.broker.write(sent, () => {
          // What is written has left; the broker stores it, answers, and finds nobody.
          link.client.destroy();
          link.broker.end();
          resolve();
        });
      },
    });
  });

interface Joint {
  readonly brokerPort: number;
  readonly port: number;
  readonly plans: Plan[];
  readonly links: Set<Link>;
}

function join(client: Socket, { brokerPort, port, plans, links }: Joint): void {
  const broker = connect(brokerPort, '127.0.0.1');
  let isMuted = false;
  const link: Link = {
    client,
    broker,
    mute: () => {
      isMuted = true;
    },
    end: () => {
      client.destroy();
      broker.destroy();
    },
  };
  links.add(link);
  const requests = framesOf((request) => {
    const plan =
      request.readInt16BE(SIZE_BYTES) === PRODUCE ? plans.find((one) => one.wants(request)) : undefined;
    if (plan === undefined) {
      broker.write(request);
      return;
    }
    plans.splice(plans.indexOf(plan), 1);
    plan.meet(request, link);
  });
  const answers = framesOf((answer) => {
    if (!isMuted) client.write(readdressed(answer, brokerPort, port));
  });
  client.on('data', requests).on('error', () => undefined);
  broker.on('data', answers).on('error', () => undefined);
  client.on('close', () => broker.end());
  broker.on('close', () => {
    client.destroy();
    links.delete(link);
  });
}

/** Cuts a stream into frames, each with its size before it. */
function framesOf(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + rest.readInt32BE(0);
      if (rest.length < end) return;
      onFrame(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}

/** `127.0.0.1` as the protocol writes a string, and the port after it. */
function addressBytes(port: number): Buffer {
  const host = Buffer.from('127.0.0.1');
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  host.copy(bytes, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

function readdressed(answer: Buffer, from: number, to: number): Buffer {
  const wanted = addressBytes(from);
  let at = answer.indexOf(wanted);
  if (at === -1) return answer;
  const changed = Buffer.from(answer);
  while (at !== -1) {
    addressBytes(to).copy(changed, at);
    at = changed.indexOf(wanted, at + 1);
  }
  return changed;
}
