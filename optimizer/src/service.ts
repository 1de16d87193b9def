// The optimizer's shell: watches the sites, solves those that changed, publishes what changed in
// their allocation. One decision at a time for each site, each on a state that has all before it.

import { type DomainEvent, eventFor } from '@ampledger/domain';
import { type Clock, CodedError, type SiteId, type Timer } from '@ampledger/kernel';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';
import { decideLimits } from './decide.js';
import { nextChangeAt } from './next-change.js';
import { SLOW_MS } from './problem.js';

export interface OptimizerDeps {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  /** How long changes are gathered before a site is solved, ms. */
  readonly tickMs?: number;
  readonly onSolved?: (site: SiteId, solveMs: number) => void;
}

export interface Optimizer {
  /** Rejects when publishing fails: the process should then end. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const TICK_MS = 20;
/** A log that cannot take events at the moment is asked again after this. */
const PUBLISH_RETRY_MS = 1_000;
/** The longest time between two looks at a site. */
const LOOK_MS = 60_000;

interface Watched {
  solvedRevision: number;
  timer: Timer | null;
  timerAt: number;
  running: Promise<void> | null;
  causationId: string | undefined;
}

export function startOptimizer(deps: OptimizerDeps): Optimizer {
  const { bus, projection, clock } = deps;
  const tickMs = deps.tickMs ?? TICK_MS;
  const watched = new Map<SiteId, Watched>();
  let closed = false;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  function watch(site: SiteId): Watched {
    const known = watched.get(site);
    if (known) return known;
    const made = { solvedRevision: -1, timer: null, timerAt: 0, running: null, causationId: undefined };
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
    const solved = solve(site, entry).catch((error: unknown) => {
      if (!(error instanceof CodedError && error.canRetry)) return fail(error);
      // Nothing was published: the site is solved again.
      entry.solvedRevision = -1;
      schedule(site, clock.now() + PUBLISH_RETRY_MS);
    });
    entry.running = solved.then(() => {
      entry.running = null;
      lookAgain(site, entry);
    });
  }

  async function solve(site: SiteId, entry: Watched): Promise<void> {
    const state = projection.state(site);
    const now = clock.now();
    if (state !== undefined && !closed) {
      entry.solvedRevision = state.revision;
      const started = deps.onSolved ? performance.now() : 0;
      const data = decideLimits(state, now);
      deps.onSolved?.(site, performance.now() - started);
      if (data !== null) await publish({ type: 'LimitsAllocated', data }, site, now, entry.causationId);
    }
  }

  function lookAgain(site: SiteId, entry: Watched): void {
    const after = projection.state(site);
    if (after === undefined || closed) return;
    if (after.revision !== entry.solvedRevision) schedule(site, clock.now() + tickMs);
    schedule(
      site,
      Math.min(nextChangeAt(after, clock.now()) ?? Number.POSITIVE_INFINITY, clock.now() + LOOK_MS),
    );
  }

  async function publish(
    event: DomainEvent,
    site: SiteId,
    now: number,
    causationId: string | undefined,
  ): Promise<void> {
    const basis = projection.position;
    const cause = causationId === undefined ? {} : { causationId };
    const [published] = await bus.publish([
      eventFor({ event, site, receivedAt: now, idParts: [now, basis], ...cause }),
    ]);
    if (published) await projection.reached(published.position);
  }

  function onBatch(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const site = event.key as SiteId;
      const entry = watch(site);
      if (event.type === 'LimitsAllocated') continue;
      // A call without an answer counts at its worst after a while: the others are then cut.
      if (event.type === 'CallRequested') schedule(site, clock.now() + SLOW_MS + 1);
      if (projection.state(site)?.revision === entry.solvedRevision) continue;
      entry.causationId = event.id;
      if (entry.running === null) schedule(site, clock.now() + tickMs);
    }
  }

  const stop = projection.onBatch(onBatch);
  for (const site of projection.siteIds()) schedule(site, clock.now());
  return {
    failed,
    async close() {
      closed = true;
      stop();
      for (const { timer } of watched.values()) timer?.cancel();
      await Promise.all([...watched.values()].map(({ running }) => running));
    },
  };
}
