import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventWire } from '../schema/event.js';
import { type Bench, connected, GARAGE, garageConfig, START, startBench } from '../testing.js';

const load = (currentA: number) =>
  ({ type: 'NodeLoadMeasured', data: { site: GARAGE, node: 'house', loadA: [currentA, 0, 0] } }) as never;

describe('events', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ limits: { scannedEventsMax: 2_000, exportsMax: 1 } });
  });
  afterEach(() => bench.close());

  const get = async (query: string) => (await bench.api.inject(`/api/v1/events?${query}`)).json();
  const positions = async (query: string) =>
    ((await get(query)).events as EventWire[]).map((event) => event.position);
  const lines = async (query: string) => {
    const answer = await bench.api.inject({
      url: `/api/v1/events?${query}`,
      headers: { accept: 'application/x-ndjson' },
    });
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    return answer.body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as EventWire);
  };

  it('shows an event whole, without the password hash', async () => {
    const { events, next } = await get('');
    expect(next).toBeNull();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      position: 1,
      type: 'SiteConfigured',
      version: 2,
      site: 'garage',
      revision: 0,
      receivedAt: '2026-03-01T12:00:00.000Z',
      stationAt: null,
      causationId: null,
      correlationId: null,
      frame: null,
    });
    expect(events[0].data.site.stations[0].passwordHash).toBe('[redacted]');
  });

  it('filters', async () => {
    await bench.clock.advance(7_200_000);
    await bench.say(connected('CP1'));
    await bench.say(connected('CP2'));
    await bench.say({ type: 'ConnectorObeyedAgain', data: { connector: 'CP2/1' } } as never);
    await bench.clock.advance(7_200_000);
    await bench.say(load(1));
    const at = (ms: number) => new Date(START + ms).toISOString();
    expect(await positions('station=CP2')).toEqual([3, 4]);
    expect(await positions('type=StationConnected')).toEqual([2, 3]);
    expect(await positions('type=StationConnected&type=NodeLoadMeasured&direction=backwards')).toEqual([
      5, 3, 2,
    ]);
    expect(await positions(`from=${at(7_200_000)}&to=${at(7_200_000)}`)).toEqual([2, 3, 4]);
    expect(await positions(`from=${at(7_200_001)}`)).toEqual([5]);
    expect(await positions(`to=${at(7_199_999)}&direction=backwards`)).toEqual([1]);
    expect(await positions(`from=${at(1)}&to=${at(8_000_000)}&direction=backwards`)).toEqual([4, 3, 2]);
    expect(await positions('after=3')).toEqual([4, 5]);
    expect(await positions('after=3&direction=backwards')).toEqual([2, 1]);
    expect(await positions('site=depot')).toEqual([]);
  });

  it('goes on from page to page, both ways', async () => {
    for (let n = 0; n < 250; n++) await bench.say(load(n));
    for (const direction of ['forwards', 'backwards']) {
      const seen: number[] = [];
      let after = '';
      for (let page = 0; page < 10; page++) {
        const { events, next } = await get(`limit=100&direction=${direction}${after}&site=garage`);
        seen.push(...(events as EventWire[]).map((event) => event.position));
        if (next === null) break;
        after = `&after=${next}`;
      }
      const all = Array.from({ length: 251 }, (_, index) => index + 1);
      expect(seen).toEqual(direction === 'forwards' ? all : all.reverse());
    }
  });

  it('looks at a bounded number of events for one page', async () => {
    for (let n = 0; n < 3_500; n++) await bench.say(load(n));
    await bench.say(connected('CP1'));
    const first = await get('station=CP1');
    expect(first).toEqual({ events: [], next: 2000 });
    const second = await get(`station=CP1&after=${first.next}`);
    expect(second.events).toHaveLength(1);
  });

  it('exports as lines, as many as there are', async () => {
    for (let n = 0; n < 1_500; n++) await bench.say(load(n));
    const exported = await lines('type=NodeLoadMeasured&from=2026-03-01T12:00:00Z');
    expect(exported).toHaveLength(1_500);
    expect(exported.at(-1)?.position).toBe(1_501);
    expect(await lines('limit=3&direction=backwards')).toHaveLength(3);
    expect(await lines('station=CP9')).toHaveLength(0);
  });

  it('reads an export only as fast as it is taken, and stops when nobody takes it', async () => {
    for (let n = 0; n < 3_500; n++) await bench.say(load(n));
    const { port } = await bench.api.listen({ port: 0 });
    const abort = new AbortController();
    const open = () =>
      fetch(`http://127.0.0.1:${port}/api/v1/events`, {
        headers: { accept: 'application/x-ndjson' },
        signal: abort.signal,
      });
    const first = await open();
    const reader = first.body?.getReader();
    await reader?.read();
    const second = await open();
    expect(second.status).toBe(503);
    await second.text();
    abort.abort();
    await expect(reader?.read()).rejects.toThrow();
    await expect
      .poll(
        async () =>
          (await bench.api.inject({ url: '/api/v1/events', headers: { accept: 'application/x-ndjson' } }))
            .statusCode,
      )
      .toBe(200);
  });

  it('gives up an export that nobody reads', async () => {
    for (let n = 0; n < 30_000; n++) await bench.say(load(n));
    const { port } = await bench.api.listen({ port: 0 });
    const headers = { accept: 'application/x-ndjson' };
    const stalled = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers });
    await expect
      .poll(async () => {
        await bench.clock.advance(60_000);
        return (await bench.api.inject({ url: '/api/v1/events?limit=1', headers })).statusCode;
      })
      .toBe(200);
    await expect(stalled.text()).rejects.toThrow();
  });

  it.each([
    ['limit=0'],
    ['limit=10001'],
    ['limit=ten'],
    ['type=Nothing'],
    ['after=-1'],
    ['direction=sideways'],
    ['from=today'],
    ['colour=red'],
  ])('refuses %s', async (query) => {
    expect(await get(query)).toMatchObject({ status: 400, errors: [{ in: 'query' }] });
  });

  it('keeps a site with a hash out of the live stream and exports too', async () => {
    await bench.say({ type: 'SiteConfigured', data: { site: garageConfig('x'), origin: 'api' } });
    expect(JSON.stringify(await lines(''))).not.toContain('scrypt$');
  });
});
