// The engine's plans in virtual time: made when it would make them, of the same problem, by the same programme; but
// without a deadline and with the state as it is at that moment, so that the same recording gives the same plans.

import type { SiteConfig } from '@ampledger/domain';
import {
  dependsOn,
  type loadSolver,
  PLANS_APART_MS,
  periodStart,
  planBasis,
  planMade,
  planProblemOf,
  solvePlan,
} from '@ampledger/optimizer';
import type { VirtualSite } from './virtual-site.js';

export type Solver = Awaited<ReturnType<typeof loadSolver>>;

export class VirtualPlans {
  readonly #solver: Solver;
  /** What the last plan was made of. */
  #config: SiteConfig | null = null;
  #basis = '';
  #from = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(solver: Solver) {
    this.#solver = solver;
  }

  /** Plans the site anew where that is due. Where there is nothing to plan the last plan stands. */
  look(site: VirtualSite, at: number): void {
    const { state } = site;
    const from = periodStart(state, at);
    if (from === null || at < this.#notBefore) return;
    const basis = dependsOn(state);
    if (basis === this.#basis && from === this.#from && state.config === this.#config) return;
    this.#config = state.config;
    this.#basis = basis;
    this.#from = from;
    const problem = planProblemOf(state, at);
    if (problem === null) return;
    this.#notBefore = at + PLANS_APART_MS;
    const known = planBasis(state, at, problem);
    const solved = solvePlan(this.#solver, problem);
    // No problem is known to end otherwise; the plan before holds, as in the engine.
    if (solved.kind !== 'planned') return;
    site.fold({ type: 'PlanMade', data: planMade(state.site, known, problem, solved.plan) }, at);
  }

  /** When the next plan is due though nothing happens. */
  nextAt(site: VirtualSite, at: number): number {
    const { plan } = site.config;
    const from = periodStart(site.state, at);
    if (plan === null || from === null) return Number.POSITIVE_INFINITY;
    return this.#notBefore > at
      ? Math.min(this.#notBefore, from + plan.periodS * 1000)
      : from + plan.periodS * 1000;
  }
}
