import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, GARAGE, startBench } from '../testing.js';

const FROM = '2026-03-01T23:00:00.000Z';
const BODY = { source: 'epex', from: FROM, periodS: 3600, values: [0.21, -0.05, 0.18] };

describe('signals', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  const put = (payload: object, signal = 'import-price', site = 'garage') =>
    bench.api.inject({ method: 'PUT', url: `/api/v1/sites/${site}/signals/${signal}`, payload });

  it('are recorded with their span', async () => {
    const answer = await put(BODY);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      site: 'garage',
      source: 'epex',
      signal: 'import-price',
      from: FROM,
      to: '2026-03-02T02:00:00.000Z',
      periodS: 3600,
      periods: 3,
      position: 2,
    });
    expect([...(bench.projection.state(GARAGE)?.signals.values() ?? [])]).toMatchObject([
      { ...BODY, site: 'garage', signal: 'import-price', from: Date.parse(FROM) },
    ]);
  });

  it('of the same source and kind replace each other, and no others', async () => {
    await put(BODY);
    await put({ ...BODY, values: [0.3] });
    await put({ ...BODY, source: 'supplier' });
    await put({ ...BODY, values: [12_000] }, 'pv');
    const kept = [...(bench.projection.state(GARAGE)?.signals.values() ?? [])];
    expect(kept.map(({ source, signal, values }) => [source, signal, values.length])).toEqual([
      ['epex', 'import-price', 1],
      ['supplier', 'import-price', 3],
      ['epex', 'pv', 1],
    ]);
  });

  it('need no name of a source', async () => {
    const { source: _, ...body } = BODY;
    expect((await put(body)).json().source).toBe('api');
  });

  it.each<[string, string, object, string]>([
    ['no values', 'pv', { values: [] }, '/values'],
    ['too many values', 'pv', { values: Array.from({ length: 3001 }, () => 0) }, '/values'],
    ['text among the values', 'pv', { values: [1, '2'] }, '/values/1'],
    ['a price in millionths', 'import-price', { values: [0.2, 210_000] }, '/values/1'],
    ['emissions below zero', 'emissions', { values: [-0.1] }, '/values/0'],
    ['emissions in grams', 'emissions', { values: [380] }, '/values/0'],
    ['photovoltaics below zero', 'pv', { values: [0, -5] }, '/values/1'],
    ['periods of a second', 'pv', { periodS: 1 }, '/periodS'],
    ['periods of a week', 'pv', { periodS: 604_800 }, '/periodS'],
    ['an instant without a zone', 'pv', { from: '2026-03-01T23:00:00' }, '/from'],
    ['a source that is no name', 'pv', { source: '../' }, '/source'],
    ['a misspelt member', 'pv', { value: [1] }, '/'],
  ])('with %s are refused', async (_, signal, change, path) => {
    const answer = await put({ ...BODY, values: [1], ...change }, signal);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual(
      expect.arrayContaining([expect.objectContaining({ in: 'body', path, message: expect.any(String) })]),
    );
    expect(bench.projection.position).toBe(1);
  });

  it('of an unknown kind or site are refused', async () => {
    expect((await put(BODY, 'weather')).statusCode).toBe(400);
    expect((await put(BODY, 'pv', 'depot')).statusCode).toBe(404);
  });
});
