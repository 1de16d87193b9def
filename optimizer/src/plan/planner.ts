// Plans in a thread of their own, one after another, with a deadline for each. Every question gets an answer,
// whatever becomes of the thread.

import { buildPlan, type PlanLp } from './build-plan.js';
import { checkProblem } from './check-problem.js';
import type { LpReply, LpRequest } from './lp-messages.js';
import type { Plan } from './plan.js';
import type { PlanProblem } from './problem.js';
import { readPlan } from './read-plan.js';
import { FALLBACK_OPTIONS, iterationsMax, SOLVER_OPTIONS, STATUS } from './solver-options.js';
import { createSolverThread, type ThreadAnswer } from './thread.js';

export type PlanOutcome =
  | { readonly kind: 'planned'; readonly plan: Plan; readonly effort: PlanEffort }
  /**
   * The deadline passed. `plan` is the feasible one that was found in time (its status is `deadline`), else the
   * site's last plan, which was made for an earlier problem (`isOld`); null: there is none. Asking again starts
   * from the basis that was reached.
   */
  | { readonly kind: 'deadline'; readonly plan: Plan | null; readonly isOld: boolean }
  /** The problem is none. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The solver or its thread failed; trying again may help. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'aborted' };

export interface PlanEffort {
  readonly iterations: number;
  /** From nothing; from the site's last model with other numbers; from the basis of one with other rows or columns. */
  readonly start: LpReply['start'];
  /** In the thread. */
  readonly solveMs: number;
}

export interface Planner {
  /**
   * Never rejects. Problems are solved in the order in which they come; those of one site start from its last one.
   * To abort what runs ends the thread, and with it what it knew of all sites.
   * @param deadlineMs for this one; default: the planner's own.
   */
  solve(problem: PlanProblem, signal?: AbortSignal, deadlineMs?: number): Promise<PlanOutcome>;
  /** Ends the thread; what is still open is answered with `aborted`. */
  close(): Promise<void>;
}

export interface PlannerOptions {
  /** How long the solver may take for one problem. */
  readonly deadlineMs: number;
  /** How much longer the thread may take to stop before it is ended by force. */
  readonly graceMs?: number;
  /** How long the thread may take to start. */
  readonly startMs?: number;
  /** JavaScript heap of the thread, megabytes; the solver's own memory is WebAssembly's and not in it. */
  readonly heapMb?: number;
  /** Questions that may wait; more are answered with `failed`. */
  readonly waitingMax?: number;
}

const DEFAULTS = { graceMs: 500, startMs: 10_000, heapMb: 256, waitingMax: 100 };
/** Sites whose last plan is remembered. */
const PLANS_MAX = 1_000;

interface Job {
  readonly id: number;
  readonly problem: PlanProblem;
  readonly deadlineMs: number;
  answer(outcome: PlanOutcome): void;
}

export function createPlanner(options: PlannerOptions): Planner {
  const { deadlineMs: deadlineMsOfAll, waitingMax, ...limits } = { ...DEFAULTS, ...options };
  const thread = createSolverThread(limits);
  const lastPlans = createLastPlans();
  const waiting: Job[] = [];
  let running: Job | null = null;
  let nextId = 1;
  let closed = false;

  const planOne = async ({ id, problem, deadlineMs }: Job): Promise<PlanOutcome> => {
    const built = buildPlan(problem);
    const answered = await thread.run(requestOf(id, problem.site, built, deadlineMs));
    const outcome = outcomeOf(problem, built, answered, lastPlans.of(problem.site));
    if ('plan' in outcome && outcome.plan !== null) lastPlans.keep(outcome.plan);
    return outcome;
  };
  const work = async (): Promise<void> => {
    if (running !== null) return;
    for (running = waiting.shift() ?? null; running !== null; running = waiting.shift() ?? null) {
      // Whatever is thrown is this problem's alone: the next one still gets its answer.
      const outcome = await planOne(running).catch(
        (error: unknown): PlanOutcome => ({ kind: 'failed', reason: String(error) }),
      );
      running.answer(outcome);
    }
  };
  const abort = (job: Job): void => {
    const at = waiting.indexOf(job);
    if (at >= 0) {
      waiting.splice(at, 1);
      job.answer({ kind: 'aborted' });
    } else if (running === job) void thread.end();
  };
  const ask = (
    problem: PlanProblem,
    signal: AbortSignal | undefined,
    deadlineMs: number,
  ): Promise<PlanOutcome> =>
    new Promise((resolve) => {
      const onAbort = (): void => abort(job);
      const job: Job = {
        id: nextId++,
        problem,
        deadlineMs,
        answer: (outcome) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(outcome);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.push(job);
      void work();
    });

  return {
    async solve(problem, signal, deadlineMs = deadlineMsOfAll) {
      const reason = checkProblem(problem);
      if (reason !== null) return { kind: 'rejected', reason };
      if (closed || signal?.aborted) return { kind: 'aborted' };
      if (waiting.length >= waitingMax) return { kind: 'failed', reason: 'too many problems wait' };
      return ask(problem, signal, deadlineMs);
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.answer({ kind: 'aborted' });
      await thread.end();
    },
  };
}

const requestOf = (id: number, site: string, { lp }: PlanLp, deadlineMs: number): LpRequest => ({
  id,
  key: site,
  lp,
  options: { ...SOLVER_OPTIONS, simplex_iteration_limit: iterationsMax(lp) },
  fallback: { ...FALLBACK_OPTIONS, simplex_iteration_limit: iterationsMax(lp) },
  timeLimitMs: deadlineMs,
});

function outcomeOf(
  problem: PlanProblem,
  built: PlanLp,
  answered: ThreadAnswer,
  last: Plan | null,
): PlanOutcome {
  switch (answered.kind) {
    case 'reply':
      return read(problem, built, answered.reply, last);
    case 'late':
      return { kind: 'deadline', plan: last, isOld: last !== null };
    case 'failed':
      return answered;
    case 'ended':
      return { kind: 'aborted' };
  }
}

function read(problem: PlanProblem, built: PlanLp, reply: LpReply, last: Plan | null): PlanOutcome {
  const { status, values, iterations, start, tookMs } = reply;
  if (status === STATUS.optimal && values !== null) {
    const plan = readPlan(problem, built, values, 'optimal');
    return { kind: 'planned', plan, effort: { iterations, start, solveMs: tookMs } };
  }
  if (status !== STATUS.timeLimit) return { kind: 'failed', reason: `HiGHS status ${status}` };
  if (values === null) return { kind: 'deadline', plan: last, isOld: last !== null };
  return { kind: 'deadline', plan: readPlan(problem, built, values, 'deadline'), isOld: false };
}

interface LastPlans {
  of(site: string): Plan | null;
  keep(plan: Plan): void;
}

function createLastPlans(): LastPlans {
  const plans = new Map<string, Plan>();
  return {
    of: (site) => plans.get(site) ?? null,
    keep: (plan) => {
      plans.delete(plan.site);
      plans.set(plan.site, plan);
      for (const site of plans.keys()) {
        if (plans.size <= PLANS_MAX) break;
        plans.delete(site);
      }
    },
  };
}
