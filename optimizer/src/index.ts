export * from './allocate.js';
export * from './certify/index.js';
export * from './decide.js';
export * from './next-change.js';
export {
  checkPlan,
  createPlanner,
  isAsGood,
  loadSolver,
  type Plan,
  type Planner,
  type PlannerOptions,
  type PlanOutcome,
  type PlanProblem,
  solvePlan,
} from './plan/index.js';
export * from './plan-due.js';
export * from './plan-problem.js';
export * from './plan-record.js';
export { plannedAt } from './planned.js';
export type { PlanReport } from './planning.js';
export * from './problem.js';
export * from './service.js';
