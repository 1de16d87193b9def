// The feed against a real HTTP server; its waiting times pass on a virtual clock.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VirtualClock } from '@ampledger/kernel';
import { afterEach, expect, test } from 'vitest';
import { aSite, NOON, onWire } from '../testing.js';
import { createApi } from './api.js';
import { createSiteFeed, type FeedChange, type SiteFeed } from './site-feed.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Engine {
  /** Open live streams, oldest first. */
  readonly streams: ServerResponse[];
  readonly requests: string[];
  position: number;
  status: number;
  readonly url: string;
  readonly server: Server;
}

async function startEngine(): Promise<Engine> {
  const server = createServer((request, response) => answer(engine, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const engine: Engine = {
    streams: [],
    requests: [],
    position: 1,
    status: 200,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    server,
  };
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return engine;
}

function answer(engine: Engine, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', engine.url);
  engine.requests.push(`${pathname} ${request.headers.authorization ?? ''}`.trim());
  const body = bodyOf(engine, pathname);
  if (body !== undefined) {
    response.writeHead(engine.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': open\n\n');
  engine.streams.push(response);
}

/** undefined: the live stream. */
function bodyOf(engine: Engine, pathname: string): object | undefined {
  if (engine.status !== 200) return { title: 'Refused', detail: 'Send an API token.' };
  if (pathname === '/api/v1/sites/garage') return onWire(aSite({ position: engine.position }));
  return pathname === '/api/v1/events' ? { events: [EVENT], next: null } : undefined;
}

const EVENT = { position: 1, type: 'EngineStarted', receivedAt: new Date(NOON).toISOString(), data: {} };
const siteMessage = (position: number): string =>
  `event: site\ndata: ${JSON.stringify(onWire(aSite({ position })))}\n\n`;

function startFeed(engine: Engine, token: string | null = null) {
  const clock = new VirtualClock(NOON);
  const changes: FeedChange[] = [];
  const waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  const api = createApi({ baseUrl: engine.url, fetch, token: () => token });
  const feed: SiteFeed = createSiteFeed({
    api,
    clock,
    site: 'garage',
    onChange(change) {
      changes.push(change);
      for (const { done, resolve } of waiting) if (done()) resolve();
    },
  });
  closers.push(() => feed.close());
  const count = (kind: FeedChange['kind']): number => changes.filter((change) => change.kind === kind).length;
  const reaches = (kind: FeedChange['kind'], times: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): boolean => count(kind) >= times;
      if (done()) resolve();
      else waiting.push({ done, resolve });
    });
  return { clock, changes, feed, reaches, count };
}

const positions = (changes: readonly FeedChange[]): readonly number[] =>
  changes.flatMap((change) => (change.kind === 'view' ? [change.view.position] : []));

test('shows the state, then what the stream says, in its order', async () => {
  const engine = await startEngine();
  engine.position = 5;
  const { changes, reaches } = startFeed(engine, 'secret');
  await reaches('live', 1);
  expect(changes.map(({ kind }) => kind)).toEqual(['view', 'events', 'live']);
  expect(engine.requests).toContain('/api/v1/live Bearer secret');

  engine.streams[0]?.write(
    `${siteMessage(4)}${siteMessage(6)}event: event\ndata: ${JSON.stringify(EVENT)}\n\n`,
  );
  await reaches('events', 2);
  expect(positions(changes)).toEqual([5, 6]);
});

test('says when the connection is lost, and comes back by itself', async () => {
  const engine = await startEngine();
  const { clock, changes, reaches } = startFeed(engine);
  await reaches('live', 1);
  engine.streams[0]?.destroy();
  await reaches('lost', 1);
  expect(changes.at(-1)).toMatchObject({ kind: 'lost', status: 0 });

  engine.position = 2;
  await clock.advance(500);
  await reaches('live', 2);
  expect(positions(changes)).toEqual([1, 2]);
});

test('an engine whose log begins anew is followed after the reconnection', async () => {
  const engine = await startEngine();
  engine.position = 900;
  const { clock, changes, reaches } = startFeed(engine);
  await reaches('live', 1);
  engine.position = 1;
  engine.streams[0]?.end();
  await reaches('lost', 1);
  await clock.advance(500);
  await reaches('live', 2);
  expect(positions(changes)).toEqual([900, 1]);
});

test('a silent stream is asked for a sign of life, and given up when none comes', async () => {
  const engine = await startEngine();
  const { clock, changes, reaches } = startFeed(engine);
  await reaches('live', 1);
  await clock.advance(10_000);
  await reaches('view', 2);
  engine.status = 503;
  await clock.advance(10_000);
  await reaches('lost', 1);
  expect(changes.at(-1)).toMatchObject({ kind: 'lost', status: 503, message: 'Send an API token.' });
});

test('a refused token is reported once and not tried again', async () => {
  const engine = await startEngine();
  engine.status = 401;
  const { clock, changes, reaches } = startFeed(engine);
  await reaches('lost', 1);
  await clock.advance(3_600_000);
  expect(engine.requests).toHaveLength(1);
  expect(changes).toEqual([{ kind: 'lost', status: 401, message: 'Send an API token.' }]);
});

test('nothing is said after close', async () => {
  const engine = await startEngine();
  const { clock, changes, feed, reaches } = startFeed(engine);
  await reaches('live', 1);
  const closed = new Promise((resolve) => engine.streams[0]?.once('close', resolve));
  feed.close();
  await closed;
  await clock.advance(60_000);
  expect(changes).toHaveLength(3);
});
