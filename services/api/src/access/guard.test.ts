import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';
import { isLoopbackName } from './guard.js';
import { isLoopback } from './loopback.js';
import { type ApiToken, hashToken, type Role } from './token.js';

const token = (role: Role): ApiToken => ({ name: `the-${role}`, role, hash: hashToken(`amp_${role}`) });
const TOKENS = [token('operator'), token('utility'), token('analyst')];

const ENVELOPE = {
  method: 'PUT',
  url: '/api/v1/sites/garage/envelopes/operator',
  payload: { limitA: 10 },
} as const;
const LOAD = {
  method: 'PUT',
  url: '/api/v1/sites/garage/nodes/house/load',
  payload: { currentA: 1 },
} as const;
const NEEDS = {
  method: 'PUT',
  url: '/api/v1/sites/garage/connectors/CP1%2F1/needs',
  payload: { energyWh: 1 },
} as const;
const SIGNAL = {
  method: 'PUT',
  url: '/api/v1/sites/garage/signals/pv',
  payload: { from: '2026-03-01T12:00:00Z', periodS: 900, values: [1] },
} as const;
const PLAN = { method: 'GET', url: '/api/v1/sites/garage/plan' } as const;
const CALL = {
  method: 'POST',
  url: '/api/v1/stations/CP1/calls',
  payload: { action: 'Reset', payload: { type: 'Soft' } },
} as const;
const CONFIGURE = {
  method: 'PUT',
  url: '/api/v1/sites/garage',
  payload: '-',
  headers: { 'content-type': 'application/yaml' },
} as const;
const READ = { method: 'GET', url: '/api/v1/sites' } as const;
const METRICS = { method: 'GET', url: '/metrics' } as const;

let bench: Bench;
afterEach(() => bench.close());

describe('with tokens', () => {
  const ask = async (
    request: { url: string; method: 'GET' | 'PUT' | 'POST'; headers?: object; payload?: string | object },
    authorization?: string,
  ) => {
    const { headers, ...rest } = request;
    return bench.api.inject({
      ...rest,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    });
  };

  // 400, 404 and 409: the guard let it through, and the route said no.
  it.each([
    ['operator', READ, 200],
    ['operator', ENVELOPE, 200],
    ['operator', LOAD, 200],
    ['operator', NEEDS, 409],
    ['operator', SIGNAL, 200],
    ['operator', PLAN, 404],
    ['operator', CALL, 409],
    ['operator', CONFIGURE, 400],
    ['operator', METRICS, 200],
    ['utility', READ, 200],
    ['utility', ENVELOPE, 200],
    ['utility', LOAD, 403],
    ['utility', NEEDS, 403],
    ['utility', SIGNAL, 200],
    ['utility', PLAN, 404],
    ['utility', CALL, 403],
    ['utility', CONFIGURE, 403],
    ['analyst', READ, 200],
    ['analyst', METRICS, 200],
    ['analyst', ENVELOPE, 403],
    ['analyst', LOAD, 403],
    ['analyst', NEEDS, 403],
    ['analyst', SIGNAL, 403],
    ['analyst', PLAN, 404],
    ['analyst', CALL, 403],
    ['analyst', CONFIGURE, 403],
  ] as const)('%s may: %o → %i', async (role, request, status) => {
    bench = await startBench({ tokens: TOKENS });
    expect((await ask(request, `Bearer amp_${role}`)).statusCode).toBe(status);
  });

  it('asks for one', async () => {
    bench = await startBench({ tokens: TOKENS });
    for (const request of [READ, ENVELOPE, LOAD, NEEDS, SIGNAL, PLAN, CALL, CONFIGURE, METRICS]) {
      const answer = await ask(request);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(answer.json()).toMatchObject({ type: 'urn:ampledger:problem:token-required', status: 401 });
    }
    expect(bench.projection.position).toBe(1);
  });

  it.each([
    'Bearer amp_nobody',
    'Basic amp_operator',
    'Bearer',
    'amp_operator',
    `Bearer ${'x'.repeat(500)}`,
    'Bearer ,',
  ])('refuses %s', async (authorization) => {
    bench = await startBench({ tokens: TOKENS });
    expect((await ask(READ, authorization)).statusCode).toBe(401);
  });

  it('leaves open what tells nothing of a site', async () => {
    bench = await startBench({ tokens: TOKENS });
    for (const [url, status] of [
      ['/livez', 200],
      ['/readyz', 200],
      ['/openapi.json', 200],
      ['/docs', 200],
      ['/docs/static/swagger-ui.css', 200],
      ['/', 404],
      ['/nothing', 404],
    ] as const) {
      expect([url, (await ask({ method: 'GET', url })).statusCode]).toEqual([url, status]);
    }
  });

  it('tells the log who changed what', async () => {
    bench = await startBench({ tokens: TOKENS });
    await ask(ENVELOPE, 'Bearer amp_utility');
    await ask(LOAD, 'Bearer amp_analyst');
    await ask(READ, 'Bearer amp_analyst');
    await ask(ENVELOPE);
    expect(bench.logged.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({
        method: 'PUT',
        token: 'the-utility',
        status: 200,
        params: { siteId: 'garage', source: 'operator' },
      }),
      expect.objectContaining({ method: 'PUT', token: 'the-analyst', status: 403 }),
    ]);
  });

  it('guards HEAD as it guards GET', async () => {
    bench = await startBench({ tokens: TOKENS });
    const head = (url: string, headers = {}) => bench.api.inject({ method: 'HEAD', url, headers });
    expect((await head('/api/v1/sites')).statusCode).toBe(401);
    expect((await head('/api/v1/sites', { authorization: 'Bearer amp_analyst' })).statusCode).toBe(200);
    expect((await head('/livez')).statusCode).toBe(200);
    expect((await head('/api/v1/live', { authorization: 'Bearer amp_analyst' })).statusCode).toBe(405);
  });

  it('slows down who fails often, and never who has a token', async () => {
    bench = await startBench({ tokens: TOKENS });
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await ask(READ, 'Bearer amp_guess')).statusCode);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    expect((await ask(READ, 'Bearer amp_guess')).headers['retry-after']).toBe('60');
    expect((await ask(READ, 'Bearer amp_analyst')).statusCode).toBe(200);
    expect(bench.logged.filter(({ message }) => message === 'API token refused')).toHaveLength(10);
    expect(JSON.stringify(bench.logged)).not.toContain('amp_guess');
    await bench.clock.advance(60_000);
    expect((await ask(READ, 'Bearer amp_guess')).statusCode).toBe(401);
  });

  it('answers under any host name', async () => {
    bench = await startBench({ tokens: TOKENS });
    const answer = await ask({ ...READ, headers: { host: 'charging.example:8220' } }, 'Bearer amp_analyst');
    expect(answer.statusCode).toBe(200);
  });
});

describe('without tokens', () => {
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', '192.0.2.1:8220', 'localhost.'])(
    'does not answer to %s',
    async (host) => {
      bench = await startBench();
      const answer = await bench.api.inject({ url: '/api/v1/sites', headers: { host } });
      expect(answer.statusCode).toBe(421);
      expect(answer.json()).toMatchObject({ type: 'urn:ampledger:problem:wrong-host' });
    },
  );

  it.each(['0.0.0.0', '::', '192.0.2.1', 'charging.example'])('does not listen on %s', async (host) => {
    bench = await startBench();
    await expect(bench.api.listen({ host, port: 0 })).rejects.toMatchObject({
      code: 'TOKENS_REQUIRED',
      message: expect.stringContaining('ampledger token'),
    });
  });

  it('lets no page of another origin write', async () => {
    bench = await startBench();
    const answer = await bench.api.inject({
      method: 'OPTIONS',
      url: ENVELOPE.url,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.statusCode).toBe(405);
  });

  it('tells names and addresses of this machine from others', async () => {
    bench = await startBench();
    expect(['localhost', 'LOCALHOST:8220', '127.0.0.1:1', '[::1]:8220'].map(isLoopbackName)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['127.0.0.1.evil', '::', '128.0.0.1', '::ffff:8.8.8.8'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
