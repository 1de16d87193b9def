// What a client may say of time, and what it may not say in a DELETE.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());
const put = (payload: object) =>
  bench.api.inject({ method: 'PUT', url: `/api/v1/sites/garage/signals/import-price`, payload });
describe('instants far away', () => {
  it('a signal near the end of the calendar is listed or refused', async () => {
    const answer = await put({
      source: 'epex',
      from: '9999-12-31T00:00:00Z',
      periodS: 86_400,
      values: [1, 2, 3],
    });
    const list = await bench.api.inject({ method: 'GET', url: `/api/v1/sites/garage/signals` });
    expect(list.statusCode).toBe(200);
    expect([200, 400]).toContain(answer.statusCode);
  });
  it('an envelope there is refused, and the site answers', async () => {
    const answer = await bench.api.inject({
      method: 'PUT',
      url: '/api/v1/sites/garage/envelopes/op',
      payload: { limitA: 5, from: '9999-12-31T23:59:59-23:00' },
    });
    const s = await bench.api.inject({ method: 'GET', url: '/api/v1/sites/garage' });
    expect(answer.statusCode).toBeLessThan(500);
    expect(s.statusCode).toBe(200);
  });
  it('a signal before the calendar is listed or refused', async () => {
    await put({
      source: 'epex',
      from: '0000-01-01T00:00:00+23:00',
      periodS: 86_400,
      values: [1, 2, 3],
    });
    const list = await bench.api.inject({ method: 'GET', url: `/api/v1/sites/garage/signals` });
    expect(list.statusCode).toBe(200);
  });
});

const BODY = { from: '2026-03-01T23:00:00.000Z', periodS: 3600, values: [0.21] };
it('a body that names a source is refused, as it is for envelopes', async () => {
  const url = '/api/v1/sites/garage/signals/import-price';
  await bench.api.inject({ method: 'PUT', url, payload: { ...BODY, source: 'epex' } });
  await bench.api.inject({ method: 'PUT', url, payload: { ...BODY, source: 'api' } });
  const answer = await bench.api.inject({ method: 'DELETE', url, payload: { source: 'epex' } });
  expect(answer.statusCode).toBe(400);
});
