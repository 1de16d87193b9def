// What the processes of a cluster measure beside what each service measures itself.

import type { MetricDefinition } from '@ampledger/process';
import { CERTIFICATE_DEFINITION, PLAN_DEFINITIONS, SOLVE_SECONDS } from '../metrics.js';

export const PROCESS_METRIC = {
  partitionsOwned: 'ampledger_owner_partitions',
  claims: 'ampledger_owner_claims_total',
  publishSeconds: 'ampledger_kafka_publish_seconds',
  publishFailures: 'ampledger_kafka_publish_failures_total',
  queuedEvents: 'ampledger_kafka_queued_events',
  deadLetters: 'ampledger_kafka_dead_letters_total',
  copyLag: 'ampledger_copy_lag_events',
} as const;

const define = (
  name: string,
  kind: MetricDefinition['kind'],
  help: string,
  ...labels: string[]
): MetricDefinition => ({ name, kind, help, labels });

export const PROCESS_DEFINITIONS: readonly MetricDefinition[] = [
  define(PROCESS_METRIC.partitionsOwned, 'gauge', 'Partitions that this process decides for', 'role'),
  define(PROCESS_METRIC.claims, 'counter', 'Sites whose role this process took over', 'role'),
  define(PROCESS_METRIC.publishSeconds, 'histogram', 'Time until published events are durable'),
  define(PROCESS_METRIC.publishFailures, 'counter', 'Publishes that failed', 'code'),
  define(PROCESS_METRIC.queuedEvents, 'gauge', 'Events that wait to be sent to Kafka'),
  define(PROCESS_METRIC.deadLetters, 'counter', 'Messages that no process can read'),
  define(PROCESS_METRIC.copyLag, 'gauge', 'Events on the bus that the copy has not got yet'),
  define(SOLVE_SECONDS, 'histogram', 'Time to allocate a site', 'site'),
  CERTIFICATE_DEFINITION,
  ...PLAN_DEFINITIONS,
];
