// Every recorded plan, against the problem that its state asks: it has to hold, link by link and period by period, and
// to be as good as one that is worked out again from nothing. Another release may have asked otherwise: its plans
// are not checked by this one. What the deadline ended has to hold; how good it could have been is nobody's promise.

import type { EventData, SiteState } from '@ampledger/domain';
import type { SiteId } from '@ampledger/kernel';
import {
  checkPlan,
  isAsGood,
  loadSolver,
  type Plan,
  type PlanProblem,
  planOf,
  planProblemOf,
  solvePlan,
  wholeOf,
} from '@ampledger/optimizer';
import type { EventStore } from '@ampledger/ports';
import { VERSION } from '../version.js';
import type { Decision } from './decisions.js';
import { type Due, readDue } from './due.js';
import type { Findings } from './finding.js';

type PlanMade = EventData<'PlanMade'>;
type Solver = Awaited<ReturnType<typeof loadSolver>>;

export class PlanCheck {
  readonly #findings: Findings;
  readonly #due: Due<Decision>;
  readonly #solver: Solver | null;
  /** Asked again, until the recorded plan comes by. */
  readonly #asked = new Map<number, PlanProblem | null>();
  readonly #release = new Map<SiteId, string>();

  constructor({ due, solver }: Plans, findings: Findings) {
    this.#findings = findings;
    this.#due = due;
    this.#solver = solver;
  }

  /** To be called before the site's next event is folded into its state. */
  beforeEvent(site: SiteId, state: SiteState | undefined): void {
    if (state === undefined) return;
    for (const { position, at, basis } of this.#due.take(site, state.seq))
      if (basis >= 0) this.#asked.set(position, planProblemOf(state, at));
  }

  siteRemoved(site: SiteId): void {
    this.#due.removed(site);
  }

  /** From here on, this release decides for the site. */
  decidesFrom({ site, version }: Pick<EventData<'EngineStarted'>, 'site' | 'version'>): void {
    this.#release.set(site, version);
  }

  compare(position: number, recorded: PlanMade, state: SiteState | undefined): void {
    const problem = this.#asked.get(position);
    this.#asked.delete(position);
    if (recorded.basis < 0 || (this.#release.get(recorded.site) ?? VERSION) !== VERSION) {
      this.#findings.skipped('plans');
      return;
    }
    this.#findings.checked('plans');
    const fault =
      recorded.basis > (state?.seq ?? 0)
        ? `the plan claims to know event ${recorded.basis} of its site, which is not before it`
        : this.#faultOf(problem ?? null, recorded);
    if (fault !== null) this.#findings.failed('plans', position, fault);
  }

  #faultOf(problem: PlanProblem | null, recorded: PlanMade): string | null {
    if (problem === null) return 'asked again, there was nothing to plan';
    const plan = planOf(recorded);
    const fault = violationOf(problem, plan);
    if (fault !== null) return fault;
    const unwhole = unwholeOf(problem, plan, recorded);
    if (recorded.status !== 'optimal' || this.#solver === null) return unwhole;
    const again = solvePlan(this.#solver, problem);
    if (again.kind === 'failed') return `it could not be worked out again: ${again.reason}`;
    if (isAsGood(problem, plan, again.plan)) return unwhole;
    return `its objective is ${plan.objective}, and worked out again ${again.plan.objective}`;
  }
}

/** What is followed comes from the plan alone. Version 1 recorded nothing of it, and nothing of the outlook either. */
function unwholeOf(problem: PlanProblem, plan: Plan, { sessions, outlook }: PlanMade): string | null {
  if (outlook === null) return null;
  const whole = wholeOf(problem, plan);
  const other = sessions.find(({ wholeA }, i) => JSON.stringify(wholeA) !== JSON.stringify(whole[i] ?? null));
  return other === undefined ? null : `${other.connector} is set to what does not follow from its plan`;
}

function violationOf(problem: PlanProblem, plan: Plan): string | null {
  try {
    return checkPlan(problem, plan).violations[0] ?? null;
  } catch (error) {
    // The plan is of other sessions or other periods than its state asks for.
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

export interface Plans {
  readonly due: Due<Decision>;
  /** null: there is no plan in the log, and nothing was loaded. */
  readonly solver: Solver | null;
}

/** All plans of the log. */
export async function readPlans(store: EventStore): Promise<Plans> {
  let count = 0;
  const due = await readDue(store, 'PlanMade', ({ position }, data) => {
    const { at, basis } = data as PlanMade;
    count++;
    return { position, at, basis };
  });
  return { due, solver: count === 0 ? null : await loadSolver() };
}
