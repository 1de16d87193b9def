// What a client gets for a request that cannot be: a problem that says what to do, never a failure of ours.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';

const SITE = '/api/v1/sites/garage';
const ENVELOPE = `${SITE}/envelopes/operator`;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('refusals', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.close());

  type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  const ask = (method: Method, url: string, payload?: string, headers: Record<string, string> = JSON_TYPE) =>
    bench.api.inject({ method, url, ...(payload === undefined ? {} : { payload, headers }) });

  it.each<[Method, string, string | undefined, number, string]>([
    ['PUT', ENVELOPE, 'null', 400, 'expected object, received null'],
    ['PUT', ENVELOPE, '', 400, 'cannot be empty'],
    [
      'PUT',
      ENVELOPE,
      '{"limitA":1,"untill":2}',
      400,
      'there is no "untill"; there is: node, limitA, limitW, from, to, fallbackA, fallbackW, silenceS',
    ],
    ['PUT', ENVELOPE, '{"limitA":1,"to":"yesterday"}', 400, 'such as 2026-03-01T17:30:00Z'],
    ['PUT', ENVELOPE, '{"limitA":1,"to":"2026-03-01T11:00:00Z"}', 400, 'is over'],
    ['PUT', ENVELOPE, '{"limitA":1,"node":"cellar"}', 404, 'There is: main, house.'],
    ['PUT', '/api/v1/sites/depot/envelopes/operator', '{"limitA":1}', 404, 'There is: garage.'],
    ['PUT', `${SITE}/envelopes/${'a'.repeat(300)}`, '{"limitA":1}', 400, 'longer than any name'],
    ['POST', ENVELOPE, '{"limitA":1}', 405, 'takes DELETE, PUT, not POST'],
    ['GET', ENVELOPE, undefined, 405, 'takes DELETE, PUT, not GET'],
    ['DELETE', SITE, undefined, 405, 'takes GET, HEAD, PUT, not DELETE'],
    ['GET', `${SITE}/nothing`, undefined, 404, 'There is no GET /api/v1/sites/garage/nothing.'],
    ['GET', '/%', undefined, 400, 'not a valid url'],
    [
      'PUT',
      `${SITE}/connectors/CP1/1/needs`,
      '{"energyWh":1}',
      404,
      "Write the connector's slash as %2F: /api/v1/sites/garage/connectors/CP1%2F1/needs",
    ],
    ['PUT', `${SITE}/connectors/CP1%2F7/needs`, '{"energyWh":1}', 404, 'There is: CP1/1.'],
    ['PUT', `${SITE}/connectors/CP1/needs`, '{"energyWh":1}', 404, 'There is: CP1/1.'],
    ['GET', `${SITE}?at=2026-03-01`, undefined, 400, 'such as 2026-03-01T17:30:00Z'],
    ['GET', `${SITE}?when=now`, undefined, 400, 'there is no "when"; there is: at'],
    ['GET', '/api/v1/stations?site=depot', undefined, 404, 'There is: garage.'],
    ['GET', '/api/v1/events?limit=many', undefined, 400, 'expected a whole number'],
    [
      'GET',
      '/api/v1/events?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
      undefined,
      400,
      'no earlier than `from`',
    ],
    ['POST', '/api/v1/stations/CP1/calls', '{"action":"Reset"}', 400, '/payload'],
    ['POST', '/api/v1/stations/CP1/calls', '{"action":"constructor","payload":{}}', 409, 'not connected'],
  ])('%s %s %s: %i', async (method, url, payload, status, detail) => {
    const answer = await ask(method, url, payload);
    expect(answer.json()).toMatchObject({ status, detail: expect.stringContaining(detail) });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(bench.projection.position).toBe(1);
  });

  it('says which methods there are', async () => {
    expect((await ask('PATCH', ENVELOPE, '{}')).headers.allow).toBe('DELETE, PUT');
  });

  it.each([
    [ENVELOPE, 'text/plain', '"content-type: application/json"'],
    [SITE, 'text/plain', '"content-type: application/yaml" or "application/json"'],
  ])('names the content type that %s takes', async (url, type, expected) => {
    const answer = await ask('PUT', url, 'id: garage', { 'content-type': type });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().detail).toContain(expected);
  });

  it('takes a site file under the older names of YAML', async () => {
    const answer = await ask('PUT', SITE, 'id: [', { 'content-type': 'text/yaml' });
    expect(answer.json()).toMatchObject({ type: 'urn:ampledger:problem:invalid-site-file' });
  });
});
