import type { DomainEvent, SiteConfig } from '@ampledger/domain';
import { key, session } from '@ampledger/domain/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, GARAGE, garageConfig, START, startBench } from '../testing.js';

const URL = '/api/v1/sites/garage/plan';
const PLANNED: SiteConfig = {
  ...garageConfig(),
  plan: {
    periodS: 900,
    horizonS: 7200,
    deadlineMs: 2000,
    currency: 'EUR',
    importPerKwh: 0.3,
    exportPerKwh: 0,
    tariff: [],
    demandPerKw: 0,
    co2PerKg: 0,
    battery: null,
    pv: null,
    randomDelayS: 0,
  },
};
const made = (from = START): DomainEvent => ({
  type: 'PlanMade',
  data: {
    site: GARAGE,
    at: START,
    basis: 2,
    epoch: 0,
    from,
    periodS: 900,
    periods: 4,
    status: 'optimal',
    objective: 4.2,
    energyCost: 3,
    demandCost: 1,
    sessions: [
      {
        connector: key('CP1'),
        session: session('CP1', '7'),
        beforeA: null,
        first: 1,
        limitA: [16, 0, 8],
        unservedWh: 120,
      },
    ],
    expected: [{ id: 'hour-1', first: 2, limitA: [6], unservedWh: 0 }],
    battery: { storedWh: 2000, powerW: [1000, -500, 0, 0] },
  },
});

describe('the plan', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  const configure = () => bench.say({ type: 'SiteConfigured', data: { site: PLANNED, origin: 'file' } });

  it('is the one in force', async () => {
    await configure();
    const position = await bench.say(made());
    const answer = await bench.api.inject(URL);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      site: 'garage',
      at: '2026-03-01T12:00:00.000Z',
      from: '2026-03-01T12:00:00.000Z',
      to: '2026-03-01T13:00:00.000Z',
      periodS: 900,
      periods: 4,
      status: 'optimal',
      objective: 4.2,
      energyCost: 3,
      demandCost: 1,
      sessions: [{ connector: 'CP1/1', session: 'CP1:7', first: 1, limitA: [16, 0, 8], unservedWh: 120 }],
      batteryW: [1000, -500, 0, 0],
      position,
    });
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['asks for none', async () => undefined, /asks for no plan/],
    ['has not got one yet', configure, /No plan has been made/],
    [
      'had one that is over',
      async () => {
        await configure();
        await bench.say(made(START - 3_600_000));
      },
      /ended at 2026-03-01T12:00:00.000Z/,
    ],
  ])('is missing where the site %s, and the answer says why', async (_, given, detail) => {
    await given();
    const answer = await bench.api.inject(URL);
    expect(answer.json()).toMatchObject({
      status: 404,
      type: 'urn:ampledger:problem:no-plan',
      detail: expect.stringMatching(detail),
    });
  });

  it('of an unknown site is not there', async () => {
    const answer = await bench.api.inject('/api/v1/sites/depot/plan');
    expect(answer.json()).toMatchObject({ status: 404, type: 'urn:ampledger:problem:unknown-site' });
  });
});
