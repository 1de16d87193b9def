// Looks ahead for the sites that ask for it, and records each plan. It runs beside the allocations and none of them
// waits for it: they follow the last plan as long as it lasts, and then policy alone.
//
// A site is planned anew at each period, and when what a plan depends on has changed; not more often than every half
// minute, and one plan at a time. What fails is tried again, each time after twice as long.

import { type EventType, eventFor, type SiteState } from '@ampledger/domain';
import { type Clock, CodedError, type SiteId, type Timer } from '@ampledger/kernel';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import type { Claims, Projection } from '@ampledger/projection';
import type { Plan, Planner, PlanOutcome, PlanProblem } from './plan/index.js';
import { dependsOn, PLANS_APART_MS } from './plan-due.js';
import { planProblemOf } from './plan-problem.js';
import { type PlanBasis, planBasis, planMade } from './plan-record.js';

export interface PlanningDeps {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  readonly claims: Claims;
  /** Called when the first site is planned. */
  readonly createPlanner: () => Planner;
  readonly onPlanned?: ((site: SiteId, report: PlanReport) => void) | undefined;
  /** Publishing failed for good. */
  readonly onFailed: (error: unknown) => void;
}

export interface PlanReport {
  /** `late`: nothing was found in time. */
  readonly outcome: 'optimal' | 'deadline' | 'late' | 'rejected' | 'failed';
  readonly tookMs: number;
  /** Why there is no plan; null where there is one. */
  readonly reason: string | null;
  /** How many in a row there were without a plan, with this one. */
  readonly failures: number;
}

export interface Planning {
  close(): Promise<void>;
}

/** Changes are gathered before a site is planned. */
const GATHER_MS = 1_000;
const BACK_OFF_MS_MAX = 900_000;
/** A site that another decides for is looked at again after this. */
const OTHERS_MS = 30_000;

/** What may change what a plan depends on. Meters and measured loads do, too, and are looked at with each period. */
const TRIGGERS: ReadonlySet<string> = new Set<EventType>([
  'SiteConfigured',
  'EngineStarted',
  'OwnerClaimed',
  'EnvelopeSet',
  'EnvelopeRemoved',
  'SignalSet',
  'SignalRemoved',
  'BatteryLevelReported',
  'SessionStarted',
  'SessionUpdated',
  'SessionEnded',
  'ChargingNeedsNotified',
  'StationConnected',
  'StationDisconnected',
  'ConnectorStatusChanged',
]);

interface Site {
  timer: Timer | null;
  timerAt: number;
  running: Promise<void> | null;
  /** What the last plan was made of: the site file, `dependsOn`, and its first period. */
  config: SiteState['config'] | null;
  basis: string;
  from: number;
  notBefore: number;
  failures: number;
}

export function startPlanning(deps: PlanningDeps): Planning {
  const { bus, projection, clock, claims } = deps;
  const sites = new Map<SiteId, Site>();
  let planner: Planner | null = null;
  let closed = false;

  function schedule(id: SiteId, site: Site, at: number): void {
    if (closed || (site.timer !== null && site.timerAt <= at)) return;
    site.timer?.cancel();
    site.timerAt = at;
    site.timer = clock.after(Math.max(0, at - clock.now()), () => {
      site.timer = null;
      if (site.running === null) look(id, site);
    });
  }

  function look(id: SiteId, site: Site): void {
    const state = projection.state(id);
    if (state === undefined || state.config.plan === null) return;
    const now = clock.now();
    if (!claims.holds(id)) return schedule(id, site, now + OTHERS_MS);
    if (now < site.notBefore) return schedule(id, site, site.notBefore);
    const periodMs = state.config.plan.periodS * 1000;
    const from = Math.floor(now / periodMs) * periodMs;
    schedule(id, site, from + periodMs);
    const basis = dependsOn(state);
    const { config } = state;
    if (basis === site.basis && from === site.from && config === site.config) return;
    Object.assign(site, { basis, from, config });
    const problem = planProblemOf(state, now);
    if (problem !== null) run(id, site, { problem, basis: planBasis(state, now, problem), state });
  }

  function run(id: SiteId, site: Site, asked: Asked): void {
    site.notBefore = clock.now() + PLANS_APART_MS;
    site.running = plan(id, site, asked)
      .catch((error: unknown) => {
        if (!(error instanceof CodedError && error.canRetry)) return deps.onFailed(error);
        // As with an allocation: what may have been published after all is not to come after what follows.
        claims.doubt(id);
        again(site);
      })
      .then(() => {
        site.running = null;
        // Whatever changed meanwhile, and what is to be tried again.
        schedule(id, site, Math.max(clock.now() + GATHER_MS, site.notBefore));
      });
  }

  async function plan(id: SiteId, site: Site, { problem, basis, state }: Asked): Promise<void> {
    planner ??= deps.createPlanner();
    const started = performance.now();
    const outcome = await planner.solve(problem, undefined, state.config.plan?.deadlineMs);
    if (outcome.kind === 'aborted' || closed) return;
    const made = planIn(outcome);
    if (made === null) again(site);
    else site.failures = 0;
    deps.onPlanned?.(id, {
      ...reportOf(outcome),
      tookMs: performance.now() - started,
      failures: site.failures,
    });
    if (made !== null) await publish(id, { problem, basis, state }, made);
  }

  function again(site: Site): void {
    site.basis = '';
    site.notBefore =
      clock.now() + Math.min(BACK_OFF_MS_MAX, PLANS_APART_MS * 2 ** Math.min(site.failures, 10));
    site.failures++;
  }

  async function publish(id: SiteId, { problem, basis }: Asked, made: Plan): Promise<void> {
    const state = projection.state(id);
    // Who decided when the plan was asked for may not any more, and the site may be another by now.
    const isOurs = claims.holds(id) && (state?.owners.optimizer?.epoch ?? 0) === basis.epoch;
    if (state === undefined || state.config.plan === null || !isOurs) return;
    const [published] = await bus.publish([
      eventFor({
        event: { type: 'PlanMade', data: planMade(id, basis, problem, made) },
        site: id,
        receivedAt: clock.now(),
        idParts: [basis.at, basis.basis, basis.epoch],
      }),
    ]);
    if (published) await projection.reached(published.position);
  }

  function onBatch(events: readonly RecordedEvent[]): void {
    for (const { key, type } of events) if (TRIGGERS.has(type)) watch(key as SiteId);
  }

  function watch(id: SiteId): void {
    const config = projection.state(id)?.config;
    const known = sites.get(id);
    if (known === undefined && (config === undefined || config.plan === null)) return;
    const site = known ?? newSite();
    sites.set(id, site);
    if (site.running === null) schedule(id, site, clock.now() + GATHER_MS);
  }

  const stop = projection.onBatch(onBatch);
  for (const id of projection.siteIds()) watch(id);
  return {
    async close() {
      closed = true;
      stop();
      for (const { timer } of sites.values()) timer?.cancel();
      await planner?.close();
      await Promise.all([...sites.values()].map(({ running }) => running));
    },
  };
}

interface Asked {
  readonly problem: PlanProblem;
  readonly basis: PlanBasis;
  readonly state: SiteState;
}

const newSite = (): Site => ({
  ...{ timer: null, timerAt: 0, running: null, notBefore: 0, failures: 0 },
  ...{ config: null, basis: '', from: 0 },
});

/** The plan that is to be recorded, if there is one: an old one is recorded already. */
function planIn(outcome: PlanOutcome): Plan | null {
  if (outcome.kind === 'planned') return outcome.plan;
  return outcome.kind === 'deadline' && !outcome.isOld ? outcome.plan : null;
}

function reportOf(
  outcome: Exclude<PlanOutcome, { kind: 'aborted' }>,
): Pick<PlanReport, 'outcome' | 'reason'> {
  switch (outcome.kind) {
    case 'planned':
      return { outcome: outcome.plan.status, reason: null };
    case 'deadline':
      return planIn(outcome) === null
        ? { outcome: 'late', reason: 'nothing was found in time' }
        : { outcome: 'deadline', reason: null };
    case 'rejected':
    case 'failed':
      return { outcome: outcome.kind, reason: outcome.reason };
  }
}
