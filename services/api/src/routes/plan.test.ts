import type { DomainEvent, SiteConfig } from '@ampledger/domain';
import { key, session } from '@ampledger/domain/testing';
import { nodeId } from '@ampledger/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, GARAGE, garageConfig, PLAN, START, startBench } from '../testing.js';

const URL = '/api/v1/sites/garage/plan';
const HOUR_MS = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();
const PLANNED: SiteConfig = {
  ...garageConfig(),
  plan: {
    ...PLAN,
    demandPerKw: 10,
    battery: {
      ...{ node: nodeId('house'), capacityWh: 5_000, reserveWh: 100 },
      ...{ chargeW: 4_000, dischargeW: 4_000, efficiency: 0.81 },
    },
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
        ...{ unservedWh: 120, wholeA: [12, 0, 12] },
        assumed: {
          ...{ departAt: START + 3_150_000, departKnown: true, energyWh: 8_000 },
          ...{ wattsPerA: 690, efficiency: 0.9 },
        },
      },
    ],
    expected: [{ id: 'hour-1', first: 2, limitA: [6], unservedWh: 0, wattsPerA: 230 }],
    battery: { storedWh: 2000, measuredAt: START - 60_000, powerW: [1000, -500, 0, 0] },
    outlook: {
      ...{ limitW: [43_470, 43_470, null, 20_000], otherW: [500, 400, 300, 200], pvW: [0, 0, 100, 0] },
      ...{ importPerKwh: [0.3, 0.3, 0.2, 0.2], exportPerKwh: [0.1, 0.1, 0.1, 0.1] },
      ...{ co2KgPerKwh: [0, 0, 0.3, 0], peakSoFarW: 9_000 },
    },
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
    const { periods, connectors, ...rest } = answer.json();
    expect(rest).toEqual({
      ...{
        site: 'garage',
        status: 'optimal',
        madeAt: iso(START),
        from: iso(START),
        to: iso(START + HOUR_MS),
      },
      ...{ timeZone: 'Europe/Berlin', periodS: 900, currentPeriod: 0, currency: 'EUR' },
      ...{ cost: { energy: 3, demand: 1 }, objective: 4.2, position },
      demandCharge: { perKw: 10, peakSoFarW: 9_000, plannedPeakW: 9_100 },
      battery: {
        ...{ node: 'house', capacityWh: 5_000, reserveWh: 100 },
        ...{ storedWh: 2_000, measuredAt: iso(START - 60_000) },
      },
    });
    expect(connectors).toEqual([
      {
        ...{ connector: 'CP1/1', session: 'CP1:7', departsAt: iso(START + 3_150_000), departureKnown: true },
        // It leaves in the middle of the last period.
        ...{ needWh: 8_000, plannedWh: Math.round(0.9 * 690 * (16 / 4 + 8 / 8)), unservedWh: 120 },
        ...{ limitA: [0, 12, 0, 12], powerW: [0, 8_280, 0, 8_280] },
      },
    ]);
    expect(periods).toHaveLength(4);
    expect(periods[0]).toEqual({
      ...{ from: iso(START), to: iso(START + 900_000), limitW: 43_470, otherLoadW: 500, pvW: 0 },
      ...{ carsW: 0, expectedCarsW: 0, batteryW: 1_000, batteryWh: 2_225, gridW: 1_500 },
      ...{ importPerKwh: 0.3, exportPerKwh: 0.1, co2KgPerKwh: 0 },
    });
    expect(periods[2]).toMatchObject({
      ...{ limitW: null, otherLoadW: 300, pvW: 100, carsW: 0, expectedCarsW: 1_380, gridW: 1_580 },
      ...{ batteryWh: 2_086, importPerKwh: 0.2, co2KgPerKwh: 0.3 },
    });
    expect(periods[1]).toMatchObject({ carsW: 8_280, gridW: 8_180 });
  });

  it('of an earlier release says what it can', async () => {
    await configure();
    const old = made();
    if (old.type !== 'PlanMade') throw new Error();
    const sessions = old.data.sessions.map((one) => ({ ...one, assumed: null, wholeA: null }));
    await bench.say({ type: 'PlanMade', data: { ...old.data, sessions, battery: null, outlook: null } });
    const { periods, connectors, battery, demandCharge } = (await bench.api.inject(URL)).json();
    expect(periods[1]).toMatchObject({ carsW: null, gridW: null, importPerKwh: null, batteryW: null });
    expect(connectors[0]).toMatchObject({ limitA: [0, 16, 0, 8], powerW: null, departsAt: null });
    expect({ battery, demandCharge }).toMatchObject({ battery: null, demandCharge: { peakSoFarW: null } });
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
