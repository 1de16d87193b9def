import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { siteSchema } from '../schema/site.js';
import { type Bench, connected, START, startBench } from '../testing.js';

const FILE = `id: garage
name: Renamed
timeZone: Europe/Berlin
grid:
  id: main
  limit: 80 A
  stations:
    - id: CP1
`;
const put = (bench: Bench, payload: string, type = 'application/yaml', id = 'garage') =>
  bench.api.inject({ method: 'PUT', url: `/api/v1/sites/${id}`, payload, headers: { 'content-type': type } });

describe('sites', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  it('lists the sites', async () => {
    const answer = await bench.api.inject('/api/v1/sites');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      sites: [
        {
          id: 'garage',
          name: 'Garage',
          timeZone: 'Europe/Berlin',
          position: 1,
          stations: 2,
          connectors: 2,
          connectorsOnline: 0,
          sessions: 0,
        },
      ],
    });
  });

  it('shows the state with instants as ISO 8601', async () => {
    await bench.say(connected('CP1'));
    const answer = await bench.api.inject('/api/v1/sites/garage');
    expect(answer.statusCode).toBe(200);
    const site = answer.json();
    expect(site).toMatchObject({ id: 'garage', at: '2026-03-01T12:00:00.000Z', position: 2 });
    expect(site.nodes).toHaveLength(2);
    expect(site.stations[0]).toMatchObject({
      id: 'CP1',
      online: true,
      connectedAt: '2026-03-01T12:00:00.000Z',
    });
  });

  it('shows any moment of the past', async () => {
    await bench.clock.advance(60_000);
    await bench.say(connected('CP1'));
    await bench.clock.advance(60_000);
    const at = async (ms: number) => {
      const query = encodeURIComponent(new Date(START + ms).toISOString());
      return bench.api.inject(`/api/v1/sites/garage?at=${query}`);
    };
    expect((await at(30_000)).json().stations[0].online).toBe(false);
    expect((await at(60_000)).json().stations[0].online).toBe(true);
    expect((await at(60_000)).json().at).toBe('2026-03-01T12:01:00.000Z');
    expect((await at(-1)).statusCode).toBe(404);
    expect((await at(200_000)).statusCode).toBe(400);
    expect((await bench.api.inject('/api/v1/sites/garage?at=yesterday')).json()).toMatchObject({
      type: 'urn:ampledger:problem:invalid-request',
      errors: [{ in: 'query', path: '/at' }],
    });
  });

  it('shows all that its schema says, and nothing else, while a car charges', async () => {
    const session = 'CP1:7';
    const connector = 'CP1/1';
    const shared = { gainA: 0.5, sharers: 2, until: START + 900_000 };
    const because = { kind: 'waiting', node: 'house', phase: 1, envelope: 'rating', capacity: 4, ...shared };
    const events = [
      connected('CP1'),
      {
        type: 'StationBooted',
        data: { station: 'CP1', vendor: 'V', model: 'M', serialNumber: null, firmware: '1', reason: null },
      },
      {
        type: 'SessionStarted',
        data: { station: 'CP1', evseId: 1, session, transaction: '7', idToken: 'abc', meterStartWh: 100 },
      },
      {
        type: 'MeterSampled',
        data: {
          station: 'CP1',
          evseId: 1,
          session,
          currentA: [10, 10, 9.5],
          powerW: null,
          energyWh: 900,
          socPct: null,
          remarks: [],
        },
      },
      {
        type: 'LimitsAllocated',
        data: {
          site: 'garage',
          at: START,
          basis: 4,
          epoch: 0,
          allocations: [{ connector, limitA: 16, fairA: 4, because }],
        },
      },
      {
        type: 'EnvelopeSet',
        data: {
          site: 'garage',
          source: 'x',
          node: 'main',
          limitA: null,
          limitW: 9000,
          from: START,
          to: null,
          fallback: null,
          silenceS: null,
          heardAt: START,
        },
      },
    ];
    for (const event of events) await bench.say(event as never);
    const running = (await bench.api.inject('/api/v1/sites/garage')).json();
    expect(z.strictObject(siteSchema.shape).parse(running)).toEqual(running);
    expect(running.connectors[0].session).toMatchObject({
      id: session,
      startedAt: '2026-03-01T12:00:00.000Z',
    });

    const end = {
      station: 'CP1',
      evseId: 1,
      session,
      transaction: '7',
      meterStopWh: 2000,
      reason: 'EVDisconnected',
    };
    await bench.say({ type: 'SessionEnded', data: end } as never);
    const ended = (await bench.api.inject('/api/v1/sites/garage')).json();
    expect(siteSchema.parse(ended)).toEqual(ended);
    expect(ended.recentSessions[0]).toMatchObject({ connector, endedAt: '2026-03-01T12:00:00.000Z' });
  });

  it('does not know other sites', async () => {
    const answer = await bench.api.inject('/api/v1/sites/depot');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toEqual({
      type: 'urn:ampledger:problem:unknown-site',
      title: 'Unknown site',
      status: 404,
      detail: 'There is no site "depot". There is: garage.',
    });
  });

  it('reconfigures a site, once', async () => {
    const first = await put(bench, FILE);
    expect(first.json()).toEqual({ site: 'garage', position: 2, changed: true });
    expect(first.statusCode).toBe(200);
    expect((await bench.api.inject('/api/v1/sites/garage')).json()).toMatchObject({
      name: 'Renamed',
      position: 2,
    });
    expect((await put(bench, FILE)).json()).toEqual({ site: 'garage', position: 2, changed: false });
  });

  it('takes a new site, and JSON', async () => {
    const json = JSON.stringify({
      id: 'depot',
      timeZone: 'UTC',
      grid: { id: 'main', limit: '80 A', stations: [{ id: 'D1' }] },
    });
    const answer = await put(bench, json, 'application/json; charset=utf-8', 'depot');
    expect(answer.statusCode).toBe(201);
    expect((await bench.api.inject('/api/v1/stations/D1')).json()).toMatchObject({ id: 'D1', site: 'depot' });
  });

  it('names the line, the path and what was expected of each problem, and changes nothing', async () => {
    const answer = await put(
      bench,
      FILE.replace('80 A', '80 apples').replace('Europe/Berlin', 'Europe/Nowhere'),
    );
    expect(answer.statusCode).toBe(400);
    const { type, errors } = answer.json();
    expect(type).toBe('urn:ampledger:problem:invalid-site-file');
    expect(errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ in: 'body', path: 'timeZone', line: 3, expected: expect.any(String) }),
        expect.objectContaining({ in: 'body', path: 'grid.limit', line: 6, expected: expect.any(String) }),
      ]),
    );
    expect((await bench.api.inject('/api/v1/sites/garage')).json()).toMatchObject({
      name: 'Garage',
      position: 1,
    });
  });

  it.each([
    ['another site’s file', FILE.replace('id: garage', 'id: other'), 'application/yaml', 'garage', 400],
    ['a station of another site', FILE.replace('id: garage', 'id: other'), 'application/yaml', 'other', 409],
    ['plain text', FILE, 'text/plain', 'garage', 415],
    ['a form', FILE, 'application/x-www-form-urlencoded', 'garage', 415],
    ['nothing', '', 'application/yaml', 'garage', 400],
    ['five megabytes', '#'.repeat(5 * 1024 * 1024), 'application/yaml', 'garage', 413],
  ])('refuses %s', async (_what, file, type, id, status) => {
    const answer = await put(bench, file, type, id);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(bench.projection.position).toBe(1);
  });
});
