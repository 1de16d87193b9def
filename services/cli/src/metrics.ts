// What the composition root measures, beside what each service measures itself.

import type { MetricDefinition } from '@ampledger/api';
import { METRIC_DEFINITIONS as INGRESS_DEFINITIONS } from '@ampledger/ingress';

export const SOLVE_SECONDS = 'ampledger_optimizer_solve_seconds';
export const PLAN_SECONDS = 'ampledger_optimizer_plan_seconds';
export const PLANS = 'ampledger_optimizer_plans_total';
export const CERTIFICATES = 'ampledger_optimizer_certificates_total';
export const LOG_METRIC = {
  lastPosition: 'ampledger_log_last_position',
  commits: 'ampledger_log_commits',
  queuedEvents: 'ampledger_log_queued_events',
} as const;

/** Measured by the engine that runs alone, and by the optimizer as a process. */
export const PLAN_DEFINITIONS: readonly MetricDefinition[] = [
  { name: PLAN_SECONDS, kind: 'histogram', help: 'Time until a plan of a site was there', labels: ['site'] },
  {
    name: PLANS,
    kind: 'counter',
    help: 'Plans that were asked for, by outcome',
    labels: ['site', 'outcome'],
  },
];

export const CERTIFICATE_DEFINITION: MetricDefinition = {
  name: CERTIFICATES,
  kind: 'counter',
  help: 'Sampled allocations that were certified, by outcome',
  labels: ['site', 'outcome'],
};

export const METRIC_DEFINITIONS: readonly MetricDefinition[] = [
  ...INGRESS_DEFINITIONS,
  { name: SOLVE_SECONDS, kind: 'histogram', help: 'Time to allocate a site', labels: ['site'] },
  ...PLAN_DEFINITIONS,
  CERTIFICATE_DEFINITION,
  { name: LOG_METRIC.lastPosition, kind: 'gauge', help: 'Position of the last durable event', labels: [] },
  { name: LOG_METRIC.commits, kind: 'gauge', help: 'Commits since the start', labels: [] },
  { name: LOG_METRIC.queuedEvents, kind: 'gauge', help: 'Events that wait to be written', labels: [] },
];
