import type { PlanConfig } from '@ampledger/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, GARAGE, garageConfig, PLAN, startBench } from '../testing.js';

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
      note: expect.stringMatching(/asks for no plan/),
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

  it.each<[string, Partial<PlanConfig>, string, object, RegExp | null]>([
    ['with a price', {}, 'import-price', {}, null],
    ['with a forecast and no photovoltaics', {}, 'pv', {}, /no `plan.pv`/],
    ['with emissions that cost nothing', {}, 'emissions', {}, /no `plan.co2Price`/],
    ['with emissions that cost something', { co2PerKg: 0.1 }, 'emissions', {}, null],
    ['with what is over', {}, 'import-price', { from: '2026-02-01T00:00:00Z' }, /periods are over/],
  ])('of a site that plans say whether they are used: %s', async (_, plan, signal, change, note) => {
    await bench.say({
      type: 'SiteConfigured',
      data: { site: { ...garageConfig(), plan: { ...PLAN, ...plan } }, origin: 'file' },
    });
    const answer = await put({ ...BODY, values: [0.2], ...change }, signal);
    expect(answer.json().note).toEqual(note === null ? null : expect.stringMatching(note));
  });

  it('are listed, and taken back by who said them', async () => {
    await put(BODY);
    await put({ ...BODY, source: 'supplier', values: [0.3] });
    const list = async () => (await bench.api.inject('/api/v1/sites/garage/signals')).json().signals;
    expect(await list()).toMatchObject([
      {
        source: 'epex',
        signal: 'import-price',
        from: FROM,
        to: '2026-03-02T02:00:00.000Z',
        values: BODY.values,
      },
      { source: 'supplier', signal: 'import-price' },
    ]);
    const remove = (signal: string, query: string) =>
      bench.api.inject({ method: 'DELETE', url: `/api/v1/sites/garage/signals/${signal}${query}` });
    expect((await remove('import-price', '?source=epex')).json()).toEqual({ position: 4 });
    expect(await list()).toMatchObject([{ source: 'supplier' }]);
    for (const [signal, query] of [
      ['import-price', '?source=epex'],
      ['import-price', ''],
      ['pv', '?source=supplier'],
    ] as const)
      expect((await remove(signal, query)).json()).toMatchObject({
        status: 404,
        type: 'urn:ampledger:problem:unknown-signal',
      });
    expect((await remove('weather', '')).statusCode).toBe(400);
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
