// Stands between a client and the broker, knows where a request begins, and does to it what networks do.

import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './broker.js';

const PRODUCE = 0;

/** `for good`: before the answer, and new connections are refused from then on. */
export type Cut = 'before the answer' | 'in the middle' | 'for good';

export interface FaultyLink {
  readonly port: number;
  /** The next Produce request reaches the broker whole or half, and then the connection is gone. */
  cutNextProduce(how: Cut): void;
  /** How many were cut. */
  cuts(): number;
  /** From now on nothing comes through the connections that there are; new ones are fine. */
  swallow(): void;
  /** Ends all connections and refuses new ones, or takes them again. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function startProxy(target: number): Promise<FaultyLink> {
  const port = await freePort();
  const links = new Set<{ readonly ends: readonly Socket[]; isSwallowing: boolean }>();
  let next: Cut | undefined;
  let cuts = 0;
  let isRefusing = false;

  const endAll = (): void => {
    for (const { ends } of links) for (const socket of ends) socket.destroy();
  };
  const refuse = (value: boolean): void => {
    isRefusing = value;
    if (value) endAll();
  };

  const server = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const broker = connect(target, '127.0.0.1');
    const link = { ends: [client, broker], isSwallowing: false };
    links.add(link);
    const end = (): void => {
      links.delete(link);
      for (const socket of link.ends) socket.destroy();
    };
    for (const socket of link.ends) socket.on('error', end).on('close', end);
    let cutting: Cut | undefined;
    const pass = framesOf((frame) => {
      if (link.isSwallowing) return;
      if (next === undefined || frame.readInt16BE(4) !== PRODUCE) {
        broker.write(frame);
        return;
      }
      const how = next;
      next = undefined;
      cuts += 1;
      cutting = how;
      if (how === 'in the middle') broker.write(frame.subarray(0, Math.floor(frame.length / 2)), end);
      else broker.write(frame);
    });
    client.on('data', pass);
    broker.on('data', (data) => {
      // That there is an answer says that the broker has stored it.
      if (cutting === 'for good') refuse(true);
      if (cutting) end();
      else if (!link.isSwallowing) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    cutNextProduce(how) {
      next = how;
    },
    cuts: () => cuts,
    swallow() {
      for (const link of links) link.isSwallowing = true;
    },
    refuse,
    async close() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whole requests, each with its length before it. */
function framesOf(onFrame: (frame: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      onFrame(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}
