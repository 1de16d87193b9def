// Plans on their way: asked for, recorded, followed; and not waited for, not believed from who may not decide.

import type { EventData } from '@ampledger/domain';
import { SITE } from '@ampledger/domain/testing';
import { settle } from '@ampledger/kernel';
import type { Planner, PlanOutcome, PlanReport } from '@ampledger/optimizer';
import { createClaims } from '@ampledger/projection';
import { afterEach, describe, expect, it } from 'vitest';
import { type Depot, depotOf, NIGHT_TARIFF, plannerInThisThread, startDepot } from './test-depot.js';

/** A Monday. */
const SIX_PM = Date.parse('2026-01-05T18:00:00+01:00');
const SEVEN_AM = Date.parse('2026-01-06T07:00:00+01:00');

let depot: Depot | null = null;
afterEach(async () => {
  await depot?.close();
  depot = null;
});

async function nightDepot(
  stations: readonly string[],
  limitA: number,
  plan: Partial<typeof NIGHT_TARIFF> | null = {},
): Promise<Depot> {
  const planner = await plannerInThisThread();
  const config = depotOf(stations, limitA, plan === null ? null : { ...NIGHT_TARIFF, ...plan });
  depot = await startDepot(config, SIX_PM, { createPlanner: () => planner });
  return depot;
}

const plansOf = ({ events }: Depot): readonly EventData<'PlanMade'>[] =>
  events.flatMap(({ type, data }) => (type === 'PlanMade' ? [data as EventData<'PlanMade'>] : []));

describe('a night with a tariff', () => {
  it('has its load in the cheap hours, and every car full when it leaves', async () => {
    const night = await nightDepot(['A', 'B', 'C'], 32);
    for (const station of ['A', 'B', 'C'])
      await night.arrive(station, { energyWh: 25_000, departAt: SEVEN_AM });
    let earlyWh = 0;
    await night.pass(4);
    for (const station of ['A', 'B', 'C']) earlyWh += night.energyWh(station);
    await night.pass(9);
    for (const station of ['A', 'B', 'C']) expect(night.energyWh(station)).toBeGreaterThanOrEqual(24_900);
    // Policy alone would have had all of it in the first four hours: 32 A on three phases are 88 kWh.
    expect(earlyWh).toBeLessThan(1_500);
  });

  it('begins before it is cheap where the cheap hours are too few', async () => {
    const night = await nightDepot(['A', 'B'], 16);
    for (const station of ['A', 'B']) await night.arrive(station, { energyWh: 55_000, departAt: SEVEN_AM });
    await night.pass(13);
    for (const station of ['A', 'B']) expect(night.energyWh(station)).toBeGreaterThanOrEqual(54_500);
  });

  it('gives a car that leaves soon all it can, whatever it costs', async () => {
    const night = await nightDepot(['A'], 16);
    await night.arrive('A', { energyWh: 11_000, departAt: SIX_PM + 3_600_000 });
    await night.pass(1);
    expect(night.energyWh('A')).toBeGreaterThan(10_900);
  });

  it('lets a car of which nothing is known charge as without a plan', async () => {
    const night = await nightDepot(['A', 'B'], 32);
    await night.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    await night.arrive('B', null);
    await night.pass(1);
    expect(night.limitA('A')).toBe(0);
    expect(night.limitA('B')).toBe(16);
  });

  it('serves a car of a few amperes in turns, never below its minimum', async () => {
    // A peak costs, so that the plan spreads the energy over the whole night: 8.3 kWh in 13 hours are below 1 A.
    const night = await nightDepot(['A'], 32, { demandPerKw: 50, tariff: [], importPerKwh: 0.1 });
    await night.arrive('A', { energyWh: 20_000, departAt: SEVEN_AM });
    const seen = new Set<number>();
    let on = 0;
    await night.pass(12.9, () => {
      const limitA = night.limitA('A');
      seen.add(limitA);
      on += limitA > 0 ? 1 : 0;
    });
    expect(night.energyWh('A')).toBeGreaterThan(19_500);
    for (const limitA of seen) expect(limitA === 0 || limitA >= 6).toBe(true);
    expect(seen.has(0)).toBe(true);
    // 6 A are 4.1 kW.
    expect(on).toBeGreaterThan(200);
  });
});

describe('an optimizer', () => {
  it('starts no planner where no site asks for a plan', async () => {
    const config = depotOf(['A'], 16, null);
    let made = 0;
    const planner = await plannerInThisThread();
    depot = await startDepot(config, SIX_PM, {
      createPlanner: () => {
        made++;
        return planner;
      },
    });
    await depot.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    await depot.pass(1);
    expect(made).toBe(0);
    expect(plansOf(depot)).toEqual([]);
    expect(depot.limitA('A')).toBe(16);
  });

  it('plans with each period and on what changes, and not more often than each half minute', async () => {
    const night = await nightDepot(['A', 'B', 'C'], 32);
    for (const station of ['A', 'B', 'C']) {
      await night.arrive(station, { energyWh: 10_000, departAt: SEVEN_AM });
      await night.clock.advance(3_000);
    }
    await night.clock.advance(60_000);
    const first = plansOf(night).map(({ at }) => (at - SIX_PM) / 1000);
    expect(first.length).toBe(2);
    expect((first[1] ?? 0) - (first[0] ?? 0)).toBeGreaterThanOrEqual(30);
    expect(plansOf(night).at(-1)?.sessions.length).toBe(3);
    await night.clock.advance(3 * 900_000);
    expect(
      plansOf(night)
        .slice(2)
        .map(({ at }) => (at - SIX_PM) % 900_000),
    ).toEqual([0, 0, 0]);
  });

  it('does not plan again for a source that only says the same again', async () => {
    const night = await nightDepot(['A'], 32);
    await night.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    const cap = () =>
      night.say({
        type: 'EnvelopeSet',
        data: {
          ...{
            site: SITE,
            source: 'grid-operator',
            limitA: [20, 20, 20],
            limitW: null,
            from: null,
            to: null,
          },
          node: night.projection.state(SITE)?.config.nodes[0]?.id as never,
          ...{ fallback: null, silenceS: 120, heardAt: night.clock.now() },
        },
      });
    for (let i = 0; i < 10; i++) {
      await cap();
      await night.clock.advance(60_000);
    }
    expect(plansOf(night).length).toBeLessThanOrEqual(2);
  });

  it('follows policy while there is no plan, tries again ever later, and says so once', async () => {
    const reports: PlanReport[] = [];
    const outcomes: PlanOutcome[] = [];
    const solver = await plannerInThisThread();
    let works = false;
    const planner: Planner = {
      ...solver,
      solve: async (problem) => {
        const outcome: PlanOutcome = works
          ? await solver.solve(problem)
          : { kind: 'deadline', plan: null, isOld: false };
        outcomes.push(outcome);
        return outcome;
      },
    };
    depot = await startDepot(depotOf(['A'], 16, NIGHT_TARIFF), SIX_PM, {
      createPlanner: () => planner,
      onPlanned: (_, report) => reports.push(report),
    });
    await depot.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    await depot.clock.advance(600_000);
    expect(depot.limitA('A')).toBe(16);
    expect(plansOf(depot)).toEqual([]);
    expect(outcomes.length).toBe(5);
    expect(reports.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5]);
    expect(reports[0]).toMatchObject({ outcome: 'late', reason: 'nothing was found in time' });
    works = true;
    await depot.clock.advance(900_000);
    expect(plansOf(depot).length).toBeGreaterThan(0);
    expect(reports.at(-1)).toMatchObject({ outcome: 'optimal', reason: null, failures: 0 });
    expect(depot.limitA('A')).toBe(0);
  });

  it('does not wait for a plan, and keeps none that comes when another decides', async () => {
    const solver = await plannerInThisThread();
    const open: (() => void)[] = [];
    const planner: Planner = {
      ...solver,
      solve: async (problem) => {
        await new Promise<void>((resolve) => open.push(resolve));
        return solver.solve(problem);
      },
    };
    const config = depotOf(['A'], 16, NIGHT_TARIFF);
    depot = await startDepot(config, SIX_PM, { createPlanner: () => planner });
    const { log, projection, clock } = depot;
    await depot.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    await clock.advance(20_000);
    expect(open.length).toBe(1);
    expect(depot.limitA('A')).toBe(16);
    const others = { bus: log.bus, projection, clock, owner: 'others' };
    const claims = createClaims({ ...others, role: 'optimizer', version: '1' });
    await claims.claim(SITE);
    open[0]?.();
    await settle();
    await clock.advance(1_000);
    expect(plansOf(depot)).toEqual([]);
    expect(projection.state(SITE)?.plan).toBeNull();
    for (const resolve of open) resolve();
  });

  it('ends while a plan is being made', async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const planner: Planner = {
      solve: async (): Promise<PlanOutcome> => {
        await ended;
        return { kind: 'aborted' };
      },
      close: async () => end(),
    };
    depot = await startDepot(depotOf(['A'], 16, NIGHT_TARIFF), SIX_PM, { createPlanner: () => planner });
    await depot.arrive('A', { energyWh: 10_000, departAt: SEVEN_AM });
    await depot.clock.advance(5_000);
    await depot.close();
    expect(plansOf(depot)).toEqual([]);
    depot = null;
  });
});

describe('a random delay', () => {
  it('comes before a charge, and before a change by the plan, but not before a cut that keeps a limit', async () => {
    const night = await nightDepot(['A', 'B'], 32, { randomDelayS: 600 });
    await night.arrive('A', { energyWh: 20_000, departAt: SEVEN_AM });
    await night.arrive('B', null);
    await night.clock.advance(1_000);
    expect(night.limitA('B')).toBe(0);
    let beganAt = 0;
    let earliest = Number.POSITIVE_INFINITY;
    await night.pass(6, (at) => {
      if (beganAt === 0 && night.limitA('B') > 0) beganAt = at;
      if (night.limitA('A') > 0) earliest = Math.min(earliest, at);
    });
    expect(beganAt).toBeGreaterThan(SIX_PM + 60_000);
    expect(beganAt).toBeLessThanOrEqual(SIX_PM + 660_000);
    const tenPm = SIX_PM + 4 * 3_600_000;
    expect(earliest).toBeGreaterThan(tenPm + 60_000);
    expect(earliest).toBeLessThanOrEqual(tenPm + 660_000 + 900_000);
    await night.say({
      type: 'EnvelopeSet',
      data: {
        ...{ site: SITE, source: 'grid-operator', limitA: [8, 8, 8], limitW: null, from: null, to: null },
        node: night.projection.state(SITE)?.config.nodes[0]?.id as never,
        ...{ fallback: null, silenceS: null, heardAt: night.clock.now() },
      },
    });
    await night.clock.advance(100);
    expect(night.limitA('A') + night.limitA('B')).toBeLessThanOrEqual(8);
    await night.pass(7);
    expect(night.energyWh('A')).toBeGreaterThanOrEqual(19_800);
  });
});
