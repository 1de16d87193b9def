// The optimizer's shell: watches the sites, solves those that changed, publishes what changed in
// their allocation. One decision at a time for each site, each on a state that has all before it.

import { type DomainEvent, eventFor, type SiteState } from '@ampledger/domain';
import {
  type Clock,
  CodedError,
  NO_TRACES,
  type SiteId,
  type Span,
  type Timer,
  type Tracer,
} from '@ampledger/kernel';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import { type Claims, type Projection, SOLE_OWNER } from '@ampledger/projection';
import { certifySite, type Finding } from './certify/index.js';
import { decideLimits } from './decide.js';
import { nextChangeAt } from './next-change.js';
import { createPlanner, type Planner } from './plan/planner.js';
import { type PlanReport, startPlanning } from './planning.js';
import { SLOW_MS } from './problem.js';

export interface OptimizerDeps {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  /** Default: this process is the only one. */
  readonly claims?: Claims;
  readonly tracer?: Tracer;
  /** How long changes are gathered before a site is solved, ms. */
  readonly tickMs?: number;
  readonly onSolved?: (site: SiteId, solveMs: number) => void;
  /** Of every so many decisions of a site the first is certified; 0: none. */
  readonly certifyEvery?: number;
  readonly onCertified?: (site: SiteId, findings: readonly Finding[]) => void;
  /** Called once, and only where a site asks for a plan. Default: one with a thread of its own. */
  readonly createPlanner?: () => Planner;
  readonly onPlanned?: (site: SiteId, report: PlanReport) => void;
}

export interface Optimizer {
  /** Rejects when publishing fails: the process should then end. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const TICK_MS = 20;
const CERTIFY_EVERY = 50;
/** A log that cannot take events at the moment is asked again after this. */
const PUBLISH_RETRY_MS = 1_000;
/** Each site's own deadline is in its file. */
const PLAN_DEADLINE_MS = 2_000;
/** The longest time between two looks at a site. */
const LOOK_MS = 60_000;

interface Watched {
  solvedRevision: number;
  timer: Timer | null;
  timerAt: number;
  running: Promise<void> | null;
  cause: { readonly id: string; readonly trace: string | undefined } | undefined;
  decisions: number;
}

interface Solved {
  readonly entry: Watched;
  readonly now: number;
  readonly span: Span;
  readonly state: SiteState;
}

export function startOptimizer(deps: OptimizerDeps): Optimizer {
  const { bus, projection, clock, claims = SOLE_OWNER, tracer = NO_TRACES } = deps;
  const tickMs = deps.tickMs ?? TICK_MS;
  const watched = new Map<SiteId, Watched>();
  let closed = false;
  let fail: (error: unknown) => undefined = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => void reject(error);
  });
  failed.catch(() => undefined);

  function watch(site: SiteId): Watched {
    const known = watched.get(site);
    if (known) return known;
    const made = {
      solvedRevision: -1,
      timer: null,
      timerAt: 0,
      running: null,
      cause: undefined,
      decisions: 0,
    };
    watched.set(site, made);
    return made;
  }

  function schedule(site: SiteId, at: number): void {
    const entry = watch(site);
    if (closed || (entry.timer !== null && entry.timerAt <= at)) return;
    entry.timer?.cancel();
    entry.timerAt = at;
    entry.timer = clock.after(Math.max(0, at - clock.now()), () => {
      entry.timer = null;
      if (entry.running === null) run(site, entry);
    });
  }

  function run(site: SiteId, entry: Watched): void {
    entry.running = solve(site, entry)
      .then(
        () => tickMs,
        (error: unknown) => {
          if (!(error instanceof CodedError && error.canRetry)) return fail(error);
          // The site is solved again, on a state that has what may have been published after all.
          claims.doubt(site);
          entry.solvedRevision = -1;
          return PUBLISH_RETRY_MS;
        },
      )
      .then((pauseMs) => {
        entry.running = null;
        if (pauseMs !== undefined) lookAgain(site, entry, pauseMs);
      });
  }

  async function solve(site: SiteId, entry: Watched): Promise<void> {
    if (projection.state(site) === undefined) return;
    await claims.claim(site);
    const state = projection.state(site);
    if (state === undefined || closed) return;
    const now = clock.now();
    // Also where another decides: the next look is soon enough to ask whether the site is ours again.
    entry.solvedRevision = state.revision;
    // Asked of the very state that is solved: one that another claims carries the other's epoch.
    if (!claims.holds(site)) return;
    const span = tracer.start('allocate', entry.cause?.trace);
    const started = deps.onSolved ? performance.now() : 0;
    const data = decideLimits(state, now);
    deps.onSolved?.(site, performance.now() - started);
    // On the very state: publishing lets others go on.
    const findings = data !== null && isSampled(entry) ? certifySite(state, now) : null;
    try {
      if (data !== null) await publish({ type: 'LimitsAllocated', data }, { entry, now, span, state });
      if (findings !== null) deps.onCertified?.(site, findings);
    } finally {
      span.end({ site, changed: data?.allocations.length ?? 0 });
    }
  }

  function isSampled(entry: Watched): boolean {
    const every = deps.certifyEvery ?? CERTIFY_EVERY;
    return every > 0 && entry.decisions++ % every === 0;
  }

  function lookAgain(site: SiteId, entry: Watched, pauseMs: number): void {
    const after = projection.state(site);
    if (after === undefined || closed) return;
    if (after.revision !== entry.solvedRevision) schedule(site, clock.now() + pauseMs);
    schedule(
      site,
      Math.min(nextChangeAt(after, clock.now()) ?? Number.POSITIVE_INFINITY, clock.now() + LOOK_MS),
    );
  }

  async function publish(event: DomainEvent, { entry, now, span, state }: Solved): Promise<void> {
    const [published] = await bus.publish([
      eventFor({
        event,
        site: state.site,
        receivedAt: now,
        idParts: [now, state.seq, state.owners.optimizer?.epoch ?? 0],
        causationId: entry.cause?.id,
        trace: span.traceparent ?? entry.cause?.trace,
      }),
    ]);
    if (published) await projection.reached(published.position);
  }

  function onBatch(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const site = event.key as SiteId;
      const entry = watch(site);
      if (event.type === 'LimitsAllocated' || event.type === 'OwnerClaimed') continue;
      // A call without an answer counts at its worst after a while: the others are then cut.
      if (event.type === 'CallRequested') schedule(site, clock.now() + SLOW_MS + 1);
      if (projection.state(site)?.revision === entry.solvedRevision) continue;
      entry.cause = { id: event.id, trace: event.meta.trace };
      if (entry.running === null) schedule(site, clock.now() + tickMs);
    }
  }

  const stop = projection.onBatch(onBatch);
  const planning = startPlanning({
    ...{ bus, projection, clock, claims, onPlanned: deps.onPlanned, onFailed: (error) => fail(error) },
    createPlanner: deps.createPlanner ?? (() => createPlanner({ deadlineMs: PLAN_DEADLINE_MS })),
  });
  for (const site of projection.siteIds()) schedule(site, clock.now());
  return {
    failed,
    async close() {
      closed = true;
      stop();
      for (const { timer } of watched.values()) timer?.cancel();
      await Promise.all([planning.close(), ...[...watched.values()].map(({ running }) => running)]);
    },
  };
}
