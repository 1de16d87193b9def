import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';

const URL = '/api/v1/sites/garage/envelopes/operator';

describe('envelopes', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  const put = (payload: object, url = URL) => bench.api.inject({ method: 'PUT', url, payload });
  const nodes = async () => (await bench.api.inject('/api/v1/sites/garage')).json().nodes;

  it('caps the site at its grid connection', async () => {
    const answer = await put({ limitA: 30 });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      envelope: {
        site: 'garage',
        source: 'operator',
        node: 'main',
        limitA: [30, 30, 30],
        limitW: null,
        from: null,
        to: null,
        fallback: null,
        silenceS: null,
        heardAt: '2026-03-01T12:00:00.000Z',
      },
      position: 2,
    });
    expect((await nodes())[0]).toMatchObject({ limitA: [30, 30, 30], limitBy: 'operator' });
  });

  it('takes a limit per phase, a span, and a fallback after silence', async () => {
    const answer = await put({
      node: 'house',
      limitA: [10, 12, 14],
      from: '2026-03-01T13:00:00+01:00',
      to: '2026-03-01T14:00:00Z',
      fallbackW: 4000,
      silenceS: 300,
    });
    expect(answer.json().envelope).toMatchObject({
      node: 'house',
      limitA: [10, 12, 14],
      from: '2026-03-01T12:00:00.000Z',
      to: '2026-03-01T14:00:00.000Z',
      fallback: { limitA: null, limitW: 4000 },
      silenceS: 300,
    });
  });

  it('takes the same again as a sign of life', async () => {
    const body = { limitW: 11_000, fallbackA: 6, silenceS: 60 };
    const first = await put(body);
    await bench.clock.advance(30_000);
    const second = await put(body);
    expect(second.json().position).toBe(first.json().position + 1);
    expect(second.json().envelope.heardAt).toBe('2026-03-01T12:00:30.000Z');
  });

  it('lifts a cap', async () => {
    await put({ node: 'house', limitA: 20 });
    expect((await nodes())[1].limitA).toEqual([20, 20, 20]);
    const answer = await bench.api.inject({ method: 'DELETE', url: `${URL}?node=house` });
    expect(answer.json()).toEqual({ position: 3 });
    expect((await nodes())[1].limitA).toEqual([40, 40, 40]);
    const again = await bench.api.inject({ method: 'DELETE', url: `${URL}?node=house` });
    expect(again.json()).toMatchObject({ status: 404, type: 'urn:ampledger:problem:unknown-envelope' });
  });

  it('says at which node a source has its cap, and lifts none but the one that is named', async () => {
    await put({ node: 'house', limitA: 20 });
    const lost = await bench.api.inject({ method: 'DELETE', url: URL });
    expect(lost.statusCode).toBe(404);
    expect(lost.json().detail).toBe(
      '"operator" has set no envelope at the node "main", but at house: name the node, ?node=house.',
    );
    const stranger = await bench.api.inject({ method: 'DELETE', url: URL.replace('operator', 'dso') });
    expect(stranger.json().detail).toContain('nor at any other node');
    expect((await nodes())[1].limitA).toEqual([20, 20, 20]);
  });

  it('takes a DELETE with a content type and no body, as many clients send it, and none with a body', async () => {
    await put({ limitA: 20 });
    const remove = (payload: string) =>
      bench.api.inject({
        method: 'DELETE',
        url: URL,
        headers: { 'content-type': 'application/json' },
        payload,
      });
    const named = await remove('{"node":"house"}');
    expect(named.statusCode).toBe(400);
    expect(named.json().detail).toContain('?node=');
    expect((await nodes())[0].limitA).toEqual([20, 20, 20]);
    expect((await remove('')).statusCode).toBe(200);
    expect((await nodes())[0].limitA).toEqual([63, 63, 63]);
  });

  it.each([
    ['no limit', {}, '/limitA'],
    ['two limits', { limitA: 10, limitW: 10 }, '/limitA'],
    ['a negative limit', { limitA: -1 }, '/limitA'],
    ['two phases', { limitA: [1, 2] }, '/limitA'],
    ['text', { limitA: '16 A' }, '/limitA'],
    [
      'an end before the beginning',
      { limitA: 1, from: '2026-03-01T13:00:00Z', to: '2026-03-01T13:00:00Z' },
      '/to',
    ],
    ['an instant without a zone', { limitA: 1, to: '2026-03-01T13:00:00' }, '/to'],
    ['a fallback without silence', { limitA: 1, fallbackA: 1 }, '/silenceS'],
    ['silence without a fallback', { limitA: 1, silenceS: 1 }, '/fallbackA'],
    ['two fallbacks', { limitA: 1, fallbackA: 1, fallbackW: 1, silenceS: 1 }, '/fallbackA'],
    ['a misspelt member', { limitA: 1, untill: 'x' }, '/'],
  ])('refuses %s', async (_what, body, path) => {
    const answer = await put(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual(
      expect.arrayContaining([expect.objectContaining({ in: 'body', path, message: expect.any(String) })]),
    );
    expect(bench.projection.position).toBe(1);
  });

  it.each([
    ['an unknown site', '/api/v1/sites/depot/envelopes/operator', {}, 404],
    ['an unknown node', URL, { node: 'cellar' }, 404],
    ['a reserved source', '/api/v1/sites/garage/envelopes/rating', {}, 400],
    ['a source that is no name', '/api/v1/sites/garage/envelopes/%2e%2e%2f', {}, 400],
  ])('refuses %s', async (_what, url, more, status) => {
    expect((await put({ limitA: 10, ...more }, url)).statusCode).toBe(status);
  });

  it.each([
    ['no content type', undefined],
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
  ])('refuses a body with %s', async (_what, type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await bench.api.inject({ method: 'PUT', url: URL, payload: '{"limitA":1}', headers });
    expect(answer.statusCode).toBe(415);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it.each([
    ['a body that is no JSON', '{"limitA":', 400],
    ['a poisoned prototype', '{"limitA":1,"__proto__":{"limitW":1}}', 400],
    ['a large body', JSON.stringify({ limitA: 1, pad: 'x'.repeat(300_000) }), 413],
  ])('refuses %s', async (_what, payload, status) => {
    const headers = { 'content-type': 'application/json' };
    expect((await bench.api.inject({ method: 'PUT', url: URL, payload, headers })).statusCode).toBe(status);
  });
});
