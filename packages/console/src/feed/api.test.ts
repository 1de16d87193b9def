// What the client puts on the wire, as a real server hears it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { NOON } from '../testing.js';
import { type ApiError, createApi } from './api.js';

async function hear(status: number, body: string) {
  const heard: { method: string; url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({
        method: request.method ?? '',
        url: request.url ?? '',
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(status).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/under/`;
  return { heard, api: createApi({ baseUrl, fetch, token: () => null }), close: () => server.close() };
}

test('caps and their removal', async () => {
  const { heard, api, close } = await hear(200, '{}');
  await api.setCap('garage', { node: 'grid', unit: 'A', value: 40, to: NOON });
  await api.setCap('garage', { node: 'feeder', unit: 'kW', value: 22.5, to: null });
  await api.removeCap('garage', 'feeder');
  expect(heard.map(({ method, url, body }) => [method, url, body === '' ? null : JSON.parse(body)])).toEqual([
    [
      'PUT',
      '/under/api/v1/sites/garage/envelopes/operator',
      { node: 'grid', limitA: 40, to: '2026-03-02T11:00:00.000Z' },
    ],
    ['PUT', '/under/api/v1/sites/garage/envelopes/operator', { node: 'feeder', limitW: 22_500 }],
    ['DELETE', '/under/api/v1/sites/garage/envelopes/operator?node=feeder', null],
  ]);
  close();
});

test('the plan, and that there is none', async () => {
  const at = new Date(NOON).toISOString();
  const wire = JSON.stringify({ madeAt: at, from: at, to: at, periods: [{ from: at }], connectors: [] });
  const there = await hear(200, wire);
  expect(await there.api.plan('garage')).toMatchObject({ madeAt: NOON, periods: [{ from: NOON }] });
  expect(there.heard[0]?.url).toBe('/under/api/v1/sites/garage/plan');
  there.close();
  const older = await hear(200, '{"site":"garage"}');
  expect(await older.api.plan('garage')).toBeNull();
  older.close();
  const none = await hear(404, '{"type":"urn:ampledger:problem:no-plan","detail":"It asks for no plan."}');
  expect(await none.api.plan('garage')).toBeNull();
  none.close();
  const refused = await hear(401, '{}');
  await expect(refused.api.plan('garage')).rejects.toMatchObject({ status: 401 });
  refused.close();
});

test('events are asked for by type and until a moment', async () => {
  const { heard, api, close } = await hear(200, '{"events":[],"next":null}');
  await api.events('garage', { limit: 50, types: ['SessionStarted', 'SessionEnded'], until: NOON });
  const { searchParams } = new URL(heard[0]?.url ?? '', 'http://x');
  expect([...searchParams]).toEqual([
    ['site', 'garage'],
    ['limit', '50'],
    ['direction', 'backwards'],
    ['type', 'SessionStarted'],
    ['type', 'SessionEnded'],
    ['to', '2026-03-02T11:00:00.000Z'],
  ]);
  close();
});

test.each([
  ['{"title":"Bad","detail":"expected less"}', 'expected less'],
  ['{"title":"Bad"}', 'Bad'],
  ['<html>', 'The engine answered 400 Bad Request.'],
  ['null', 'The engine answered 400 Bad Request.'],
])('a refusal %s says %s', async (body, message) => {
  const { api, close } = await hear(400, body);
  await expect(api.sites()).rejects.toMatchObject({ status: 400, message } satisfies Partial<ApiError>);
  close();
});

test('an engine that is not there', async () => {
  const { api, close } = await hear(200, '');
  close();
  await expect(api.sites()).rejects.toMatchObject({ status: 0, message: 'The engine cannot be reached.' });
});
