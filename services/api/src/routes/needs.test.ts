import type { DomainEvent } from '@ampledger/domain';
import { session, started } from '@ampledger/domain/testing';
import { stationId } from '@ampledger/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, connected, START, startBench } from '../testing.js';

const URL = '/api/v1/sites/garage/connectors/CP1%2F1/needs';
const EVENING = '2026-03-01T18:30:00.000Z';

describe('needs', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
    await bench.say(connected('CP1'));
    await bench.say(started('CP1', '7'));
  });
  afterEach(() => bench.close());

  const metered = (energyWh: number): DomainEvent => ({
    type: 'MeterSampled',
    data: {
      station: stationId('CP1'),
      evseId: 1,
      session: session('CP1', '7'),
      currentA: null,
      powerW: null,
      energyWh,
      socPct: null,
      remarks: [],
    },
  });
  const put = (payload: object, url = URL) => bench.api.inject({ method: 'PUT', url, payload });
  const told = async () =>
    (await bench.api.inject('/api/v1/events?type=ChargingNeedsNotified')).json().events as {
      data: object;
    }[];

  it('are those of the session that runs', async () => {
    const answer = await put({ energyWh: 20_000, departAt: EVENING, source: 'driver' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      connector: 'CP1/1',
      session: 'CP1:7',
      energyWh: 20_000,
      departAt: EVENING,
      source: 'driver',
      position: 4,
      changed: true,
    });
    expect((await told()).map(({ data }) => data)).toEqual([
      {
        station: 'CP1',
        evseId: 1,
        session: 'CP1:7',
        source: 'driver',
        energyWh: 20_000,
        departAt: Date.parse(EVENING),
        minA: null,
        maxA: null,
      },
    ]);
  });

  it('stand until they are said anew', async () => {
    await put({ energyWh: 20_000 });
    const answer = await put({ departAt: EVENING });
    expect(answer.json()).toMatchObject({ energyWh: 20_000, departAt: EVENING, source: 'api' });
  });

  it('said twice are said once', async () => {
    await put({ energyWh: 20_000, departAt: EVENING });
    expect((await put({ energyWh: 20_000, departAt: EVENING })).json()).toMatchObject({ changed: false });
    expect(await told()).toHaveLength(1);
  });

  it('begin anew from what the meter shows by then', async () => {
    await put({ energyWh: 20_000 });
    await bench.say(metered(6000));
    expect((await put({ energyWh: 20_000 })).json()).toMatchObject({ changed: true });
    expect(await told()).toHaveLength(2);
  });

  it('are refused where nobody charges', async () => {
    const answer = await put({ energyWh: 1 }, URL.replace('CP1', 'CP2'));
    expect(answer.json()).toMatchObject({ status: 409, type: 'urn:ampledger:problem:no-session' });
  });

  it.each<[string, object, string]>([
    ['nothing', {}, '/energyWh'],
    ['less than nothing', { energyWh: -1 }, '/energyWh'],
    ['more than a battery holds', { energyWh: 2e6 }, '/energyWh'],
    ['a departure without a zone', { departAt: '2026-03-01T18:30:00' }, '/departAt'],
    ['a departure that is over', { departAt: new Date(START).toISOString() }, '/departAt'],
    ['a departure in a year', { departAt: '2027-03-01T00:00:00Z' }, '/departAt'],
    ['another source', { energyWh: 1, source: 'iso15118' }, '/source'],
    ['a misspelt member', { energyWh: 1, departure: EVENING }, '/'],
  ])('of %s are refused', async (_, body, path) => {
    const answer = await put(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual([
      expect.objectContaining({ in: 'body', path, message: expect.any(String) }),
    ]);
    expect(await told()).toEqual([]);
  });

  it.each([
    ['site', '/api/v1/sites/depot/connectors/CP1%2F1/needs', 'unknown-site'],
    ['connector', '/api/v1/sites/garage/connectors/CP1%2F2/needs', 'unknown-connector'],
    ['station', '/api/v1/sites/garage/connectors/CP9%2F1/needs', 'unknown-connector'],
  ])('of an unknown %s are refused', async (_, url, kind) => {
    const answer = await put({ energyWh: 1 }, url);
    expect(answer.json()).toMatchObject({ status: 404, type: `urn:ampledger:problem:${kind}` });
  });
});
