// Replays a whole log and checks what it promises: one pass over the pages, one over the events.

import { type DomainEvent, EVENT_SCHEMAS, isEventType, type SiteState, upcast } from '@ampledger/domain';
import type { EmbeddedLog } from '@ampledger/embedded-log';
import type { SiteId } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent } from '@ampledger/projection';
import { DecisionCheck, readDecisions } from './decisions.js';
import { type CheckResult, Findings, type Violation } from './finding.js';
import { type Overload, OverloadWatch } from './overloads.js';
import { PlanCheck, readPlans } from './plans.js';
import { RaiseCheck, readRaises } from './raises.js';
import { type SnapshotCheck, startSnapshotCheck } from './snapshots.js';

export interface VerifyReport {
  readonly holds: boolean;
  readonly events: number;
  readonly lastPosition: number;
  readonly sites: number;
  readonly checks: readonly CheckResult[];
  readonly violations: readonly Violation[];
  /** The longest time that a link was counted over its limit by what the engine does not decide. */
  readonly longestOverload: (Overload & { readonly resolutionMs: number }) | null;
}

export interface VerifyProgress {
  readonly phase: 'pages' | 'events';
  readonly position: number;
  readonly lastPosition: number;
}

/** Damage that keeps the log from being read to its end is thrown, as a PortError CORRUPT. */
export async function verifyLog(
  log: EmbeddedLog,
  onProgress: (progress: VerifyProgress) => void = () => undefined,
): Promise<VerifyReport> {
  const findings = new Findings();
  await verifyPages(log, findings, onProgress);
  const replay = new Replay(findings, {
    decisions: new DecisionCheck(await readDecisions(log.store), findings),
    plans: new PlanCheck(await readPlans(log.store), findings),
    raises: new RaiseCheck(await readRaises(log.store), findings),
    snapshots: await startSnapshotCheck(log.snapshots, findings),
  });
  const lastPosition = await log.store.lastPosition();
  for await (const page of log.store.readAll()) {
    for (const event of page) {
      const waiting = replay.next(event);
      if (waiting !== undefined) await waiting;
    }
    onProgress({ phase: 'events', position: page.at(-1)?.position ?? 0, lastPosition });
  }
  return replay.finish(lastPosition);
}

async function verifyPages(
  log: EmbeddedLog,
  findings: Findings,
  onProgress: (progress: VerifyProgress) => void,
): Promise<void> {
  let pages = 0;
  for await (const progress of log.verifyPages()) {
    findings.checked('pages', progress.pages - pages);
    pages = progress.pages;
    onProgress({ phase: 'pages', position: progress.position, lastPosition: progress.lastPosition });
  }
}

interface Checks {
  readonly decisions: DecisionCheck;
  readonly plans: PlanCheck;
  readonly raises: RaiseCheck;
  readonly snapshots: SnapshotCheck;
}

class Replay {
  readonly #findings: Findings;
  readonly #checks: Checks;
  readonly #fold: Fold = emptyFold();
  readonly #overloads = new OverloadWatch();
  readonly #sites = new Set<SiteId>();
  #events = 0;

  constructor(findings: Findings, checks: Checks) {
    this.#findings = findings;
    this.#checks = checks;
  }

  /** A promise only where there is something to wait for. */
  next(event: RecordedEvent): Promise<void> | undefined {
    const site = event.key as SiteId;
    const { snapshots } = this.#checks;
    if (!snapshots.isDue(site, event.position)) {
      this.#replay(site, event);
      return undefined;
    }
    return snapshots
      .beforeEvent(site, this.#fold.sites.get(site), event.position)
      .then(() => this.#replay(site, event));
  }

  #replay(site: SiteId, event: RecordedEvent): void {
    this.#events += 1;
    this.#sites.add(site);
    const known = this.#check(event);
    if (known === undefined) return;
    const before = this.#fold.sites.get(site);
    this.#checks.decisions.beforeEvent(site, before);
    this.#checks.plans.beforeEvent(site, before);
    this.#checks.raises.beforeEvent(site, before);
    this.#foldChecked(event, known, before);
    const after = this.#fold.sites.get(site);
    if (after !== undefined) this.#overloads.look(after, event.meta.receivedAt);
  }

  #foldChecked(event: RecordedEvent, { type, data }: DomainEvent, before: SiteState | undefined): void {
    const { decisions, plans, raises } = this.#checks;
    if (type === 'EngineStarted' || (type === 'OwnerClaimed' && data.role === 'optimizer'))
      for (const check of [decisions, plans]) check.decidesFrom(data);
    if (type === 'LimitsAllocated') decisions.compare(event.position, data, before);
    if (type === 'PlanMade') plans.compare(event.position, data, before);
    if (type === 'CallRequested') raises.compare(event.position, data, before);
    if (type === 'SiteRemoved') for (const check of [decisions, plans, raises]) check.siteRemoved(data.site);
    foldEvent(this.#fold, event);
  }

  /** The event as it is folded; undefined for what is none of ours, which is not folded. */
  #check(event: RecordedEvent): DomainEvent | undefined {
    this.#findings.checked('events');
    const current = upcast(event);
    const problem = problemOf(event, current);
    if (problem !== undefined) this.#findings.failed('events', event.position, `${event.type}: ${problem}`);
    return current.kind === 'current' ? ({ type: event.type, data: current.data } as DomainEvent) : undefined;
  }

  async finish(lastPosition: number): Promise<VerifyReport> {
    for (const [site, state] of this.#fold.sites) {
      await this.#checks.snapshots.beforeEvent(site, state, Number.POSITIVE_INFINITY);
    }
    const checks = this.#findings.results();
    const { longest, stepMs } = this.#overloads;
    return {
      holds: checks.every(({ failed }) => failed === 0),
      events: this.#events,
      lastPosition,
      sites: this.#sites.size,
      checks,
      violations: this.#findings.violations,
      longestOverload: longest === null ? null : { ...longest, resolutionMs: stepMs },
    };
  }
}

function problemOf(event: RecordedEvent, current: ReturnType<typeof upcast>): string | undefined {
  if (current.kind === 'too-new') {
    throw new PortError(
      'INVALID',
      `Event ${event.position} is of a later release than this one: verify with that one.`,
    );
  }
  if (current.kind === 'unknown-type' || !isEventType(event.type)) return 'no type that this release knows';
  const checked = EVENT_SCHEMAS[event.type].safeParse(current.data);
  if (checked.success) return undefined;
  const issue = checked.error.issues[0];
  return issue === undefined ? 'the data fails its schema' : `${issue.path.join('.')}: ${issue.message}`;
}
