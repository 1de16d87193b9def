import { nodeId } from '@ampledger/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, GARAGE, garageConfig, PLAN, START, startBench } from '../testing.js';

const BATTERY = {
  ...{ node: nodeId('main'), capacityWh: 10_000, reserveWh: 0 },
  ...{ chargeW: 4_000, dischargeW: 4_000, efficiency: 0.9 },
};

describe("a battery's level", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
    const site = { ...garageConfig(), plan: { ...PLAN, battery: BATTERY } };
    await bench.say({ type: 'SiteConfigured', data: { site, origin: 'file' } });
  });
  afterEach(() => bench.close());

  const put = (payload: object, site = 'garage') =>
    bench.api.inject({ method: 'PUT', url: `/api/v1/sites/${site}/battery`, payload });

  it.each([
    ['watt-hours', { storedWh: 7_400 }, 7_400],
    ['a share of its capacity', { percent: 74 }, 7_400],
    ['nothing at all', { percent: 0 }, 0],
  ])('is told as %s', async (_, body, storedWh) => {
    const answer = await put(body);
    expect(answer.json()).toEqual({
      ...{ site: 'garage', storedWh, capacityWh: 10_000, position: 3 },
      heardAt: '2026-03-01T12:00:00.000Z',
    });
    expect(bench.projection.state(GARAGE)?.battery).toEqual({ storedWh, at: START });
  });

  it.each<[string, object]>([
    ['no level', {}],
    ['two', { storedWh: 1, percent: 1 }],
    ['more than it holds', { storedWh: 10_001 }],
    ['more than all', { percent: 101 }],
    ['less than nothing', { storedWh: -1 }],
  ])('is refused where it is %s', async (_, body) => {
    const answer = await put(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toMatchObject([{ in: 'body' }]);
    expect(bench.projection.position).toBe(2);
  });

  it('is of no use to a site without a battery, which says so', async () => {
    await bench.say({ type: 'SiteConfigured', data: { site: garageConfig(), origin: 'file' } });
    expect((await put({ percent: 50 })).json()).toMatchObject({
      status: 409,
      type: 'urn:ampledger:problem:no-battery',
    });
    expect((await put({ percent: 50 }, 'depot')).statusCode).toBe(404);
  });
});
