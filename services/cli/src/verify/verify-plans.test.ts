// Plans of a log are asked for and worked out again: sound ones pass, and any that was altered does not.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventData } from '@ampledger/domain';
import { openEmbeddedLog } from '@ampledger/embedded-log';
import type { RecordedEvent } from '@ampledger/ports';
import { beforeAll, describe, expect, it } from 'vitest';
import { depotOf, NIGHT_TARIFF, plannerInThisThread, startDepot } from '../planning/test-depot.js';
import { readPlans } from './plans.js';
import { verifyLog } from './verify-log.js';

type PlanMade = EventData<'PlanMade'>;

const SIX_PM = Date.parse('2026-01-05T18:00:00+01:00');
const SEVEN_AM = Date.parse('2026-01-06T07:00:00+01:00');

async function recorded(plan: typeof NIGHT_TARIFF | null): Promise<readonly RecordedEvent[]> {
  const planner = await plannerInThisThread();
  const depot = await startDepot(depotOf(['A', 'B'], 32, plan), SIX_PM, { createPlanner: () => planner });
  await depot.arrive('A', { energyWh: 20_000, departAt: SEVEN_AM });
  await depot.pass(0.6);
  await depot.arrive('B', null);
  await depot.pass(0.6);
  await depot.close();
  const events: RecordedEvent[] = [];
  for await (const page of depot.log.store.readAll()) events.push(...page);
  return events;
}

let planned: readonly RecordedEvent[];
let unplanned: readonly RecordedEvent[];
beforeAll(async () => {
  planned = await recorded({
    ...NIGHT_TARIFF,
    demandPerKw: 3,
    battery: {
      ...{ node: 'grid' as never, capacityWh: 10_000, reserveWh: 1_000, efficiency: 0.9 },
      ...{ chargeW: 4_000, dischargeW: 4_000 },
    },
    randomDelayS: 300,
  });
  unplanned = await recorded(null);
});

async function verified(events: readonly RecordedEvent[]) {
  const directory = mkdtempSync(join(tmpdir(), 'ampledger-plans-'));
  const log = await openEmbeddedLog({ directory, onWarning: () => undefined });
  try {
    await log.bus.publish(events.map(({ position: _, revision: __, ...event }) => structuredClone(event)));
    const { solver } = await readPlans(log.store);
    const report = await verifyLog(log);
    const plans = report.checks.find(({ check }) => check === 'plans');
    const faults = report.violations.filter(({ check }) => check === 'plans').map(({ message }) => message);
    return { report, plans, faults, isLoaded: solver !== null };
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The second plan of the log, altered. */
function withAltered(alter: (plan: PlanMade) => Partial<PlanMade>): readonly RecordedEvent[] {
  const second = planned.filter(({ type }) => type === 'PlanMade')[1];
  return planned.map((event) =>
    event === second
      ? { ...event, data: { ...event.data, ...alter(structuredClone(event.data) as PlanMade) } }
      : event,
  );
}

const currents = (change: (amperes: number, period: number) => number) => (plan: PlanMade) => ({
  sessions: plan.sessions.map((session) => ({
    ...session,
    limitA: session.limitA.map((amperes, i) => change(amperes, session.first + i)),
  })),
});

describe('the plans of a log', () => {
  it('hold, and are as good as those worked out again', async () => {
    const { report, plans } = await verified(planned);
    expect(report.violations).toEqual([]);
    expect(report.holds).toBe(true);
    expect(plans?.checked).toBeGreaterThan(4);
    expect(plans).toMatchObject({ failed: 0, skipped: 0 });
  });

  it('load no solver where there are none', async () => {
    const { report, plans, isLoaded } = await verified(unplanned);
    expect(report.holds).toBe(true);
    expect(plans).toMatchObject({ checked: 0 });
    expect(isLoaded).toBe(false);
  });

  it.each<[string, (plan: PlanMade) => Partial<PlanMade>, RegExp]>([
    ['a current above the connector’s', currents((amperes) => amperes + 20), /A in period/],
    [
      'energy that is not what the car gets',
      currents((amperes, period) => (period % 2 === 0 ? 0 : amperes)),
      /short of/,
    ],
    [
      'an objective that is better than it is',
      ({ objective }) => ({ objective: objective - 1 }),
      /objective/,
    ],
    [
      'currents to be followed that are not those of the plan',
      ({ sessions }) => ({
        sessions: sessions.map((session) => ({ ...session, wholeA: session.limitA.map(() => 6) })),
      }),
      /does not follow from its plan/,
    ],
    ['other sessions', ({ sessions }) => ({ sessions: sessions.slice(1) }), /not of this problem/],
    ['another start', ({ from }) => ({ from: from - 900_000 }), /not of this problem/],
    ['a basis that is not before it', () => ({ basis: 1e6 }), /claims to know/],
    ['a basis at which no car was there', () => ({ basis: 5 }), /nothing to plan/],
  ])('fail with %s', async (_, alter, message) => {
    const { report, plans, faults } = await verified(withAltered(alter));
    expect(report.holds).toBe(false);
    expect(plans?.failed).toBe(1);
    expect(faults).toEqual([expect.stringMatching(message)]);
  });

  it('fail where another would have been better, though the one that was made holds and costs what it says', async () => {
    let honest: Partial<PlanMade> = {};
    let unservedWh = 0;
    const idle = (plan: PlanMade): Partial<PlanMade> => ({
      sessions: currents(() => 0)(plan).sessions.map((session) => ({ ...session, unservedWh })),
      ...honest,
    });
    for (let i = 0; i < 4; i++) {
      const { faults } = await verified(withAltered(idle));
      const [, field = '', is] = /^(\w+) is said to be .*, and is (.*)$/.exec(faults[0] ?? '') ?? [];
      unservedWh = Number(/is short of ([0-9.]+) Wh/.exec(faults[0] ?? '')?.[1] ?? unservedWh);
      if (is !== undefined) honest = { ...honest, [field]: Number(is) };
    }
    const { faults } = await verified(withAltered(idle));
    expect(faults).toEqual([expect.stringMatching(/objective is .*, and worked out again/)]);
    // A plan of an earlier release says nothing of what is followed.
    const late = (plan: PlanMade) => ({ ...idle(plan), status: 'deadline' as const, outlook: null });
    expect((await verified(withAltered(late))).faults).toEqual([]);
  });
});
